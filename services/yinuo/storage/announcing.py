"""What a commit tells the world: NOTIFY, sent by Postgres when the transaction commits and not before.

`yinuo_articles`: the id of each article that came or changed. `yinuo_outcomes`: what became of each message, also
of those that changed nothing, for who waits for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from yinuo.storage.connection import Connection
from yinuo.storage.dead_letter_store import IncomingDeadLetter, source_identity
from yinuo.storage.incoming import ArticleState
from yinuo.storage.plan import Plan
from yinuo.storage.sql_files import statements

ARTICLES_CHANNEL = "yinuo_articles"
OUTCOMES_CHANNEL = "yinuo_outcomes"

_SQL = statements("store")

_PAYLOAD_BYTES = 7900
"""Postgres takes less than 8000."""


async def announce(connection: Connection, planned: Plan, dead_letters: Sequence[IncomingDeadLetter]) -> None:
    """Tell of the articles that changed and of what became of every message."""
    changed = planned.changed_ids()
    if changed:
        await connection.execute(_SQL["announce"], ARTICLES_CHANNEL, changed)
    outcomes = [(outcome.source_identity, outcome.state) for outcome in planned.outcomes]
    outcomes += [(source_identity(letter), ArticleState.DEAD) for letter in dead_letters]
    if outcomes:
        await connection.execute(_SQL["announce"], OUTCOMES_CHANNEL, list(_payloads(outcomes)))


def outcomes_in(payload: str) -> list[tuple[str, ArticleState]]:
    """(source identity, state) pairs that a payload of the outcomes' channel carries; [] for a foreign one."""
    try:
        return [(str(identity), ArticleState(state)) for identity, state in json.loads(payload)]
    except (ValueError, TypeError):
        # Anyone who may connect may NOTIFY.
        return []


def _payloads(outcomes: Iterable[tuple[str, ArticleState]]) -> Iterator[str]:
    """JSON lists, each as long as Postgres takes; a pair that alone is too long is left out."""
    gathered: list[str] = []
    size = 2
    for outcome in outcomes:
        item = json.dumps(outcome)
        if len(item) > _PAYLOAD_BYTES - 2:
            continue
        if size + len(item) + 1 > _PAYLOAD_BYTES:
            yield f"[{','.join(gathered)}]"
            gathered, size = [], 2
        gathered.append(item)
        size += len(item) + 1
    if gathered:
        yield f"[{','.join(gathered)}]"

"""Keeping dead letters, inside the writer's transaction: once each, and what becomes of their replays.

A dead letter with header `yinuo-replay-of` is a new failure of the one it names, not a letter of its own. Law: a
message that comes again, dead or alive, changes nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from yinuo.storage.connection import Connection
from yinuo.storage.faults import told_apart
from yinuo.storage.forgotten import ARTICLE, DEAD_LETTER, forgotten_names
from yinuo.storage.incoming import IncomingExtraction, UnreadableDeadLetter
from yinuo.storage.sql_files import statements
from yinuo.storage.whose import Whose, whose
from yinuo_schemas import DeadLetter, SourcePosition
from yinuo_schemas.dead_letter import REPLAY_HEADER

_SQL = statements("dead_letters")

IncomingDeadLetter = DeadLetter | UnreadableDeadLetter


async def keep(connection: Connection, letters: Sequence[IncomingDeadLetter]) -> int:
    """Store what is new of them; how many were. Call inside a transaction."""
    if not letters:
        return 0
    told = [(letter, whose(letter.key, letter.value, letter.headers)) for letter in letters]
    with told_apart(connection):
        forgotten = await _forgotten(connection, told)
    stored = 0
    # In one order whoever writes, against deadlocks; the order of one letter's own messages stays.
    for letter, article in sorted(told, key=lambda pair: _target(pair[0])):
        if forgotten.isdisjoint(_names(letter, article)):
            with told_apart(connection):
                stored += await _keep_one(connection, letter, article)
    return stored


async def resolve(connection: Connection, messages: Iterable[IncomingExtraction]) -> None:
    """Messages that are stored resolve their dead letters. Call inside the transaction that stores them."""
    pairs = [
        (storable(identity), message.source.identity)
        for message in messages
        for identity in (message.source.identity, message.replay_of)
        if identity is not None
    ]
    if pairs:
        identities, by = zip(*pairs, strict=True)
        with told_apart(connection):
            await connection.execute(_SQL["resolve"], identities, by)


def source_identity(letter: IncomingDeadLetter) -> str:
    """`cluster:topic:partition:offset` of the message that failed."""
    return storable(_position(letter).identity)


Told = tuple[IncomingDeadLetter, Whose]


async def _forgotten(connection: Connection, told: Sequence[Told]) -> frozenset[tuple[str, str]]:
    """Those of their names that were purged."""
    names = {name for letter, article in told for name in _names(letter, article)}
    return await forgotten_names(connection, names)


def _names(letter: IncomingDeadLetter, article: Whose) -> Iterator[tuple[str, str]]:
    """(kind, id) of what a purge may have named: the letter, the one it is a replay of, its article."""
    for identity in (source_identity(letter), _replay_of(letter)):
        if identity is not None:
            yield DEAD_LETTER, identity
    if article.article_id is not None:
        yield ARTICLE, article.article_id


async def _keep_one(connection: Connection, letter: IncomingDeadLetter, article: Whose) -> bool:
    replay_of = _replay_of(letter)
    if replay_of is not None:
        attempts = await connection.fetchval(_SQL["attempts_of"], replay_of)
        if attempts is not None:
            return await _fail_again(connection, replay_of, letter, attempts)
    return await connection.fetchval(_SQL["keep"], *_values(letter, article)) is not None


async def _fail_again(
    connection: Connection, identity: str, letter: IncomingDeadLetter, attempts: Sequence[str]
) -> bool:
    if source_identity(letter) in attempts:
        return False
    await connection.execute(_SQL["fail_again"], identity, source_identity(letter), *_reason(letter))
    return True


def _values(letter: IncomingDeadLetter, article: Whose) -> tuple[Any, ...]:
    position = _position(letter)
    stage, kind, message, failed_at = _reason(letter)
    return (
        source_identity(letter), storable(position.cluster), storable(position.topic), position.partition,
        position.offset, position.timestamp, letter.key, letter.value, _headers(letter.headers),
        stage, kind, message, failed_at, letter.attempts if isinstance(letter, DeadLetter) else 1,
        article.article_id, article.source,
    )  # fmt: skip


def _reason(letter: IncomingDeadLetter) -> tuple[Any, ...]:
    if isinstance(letter, DeadLetter):
        return letter.stage.value, letter.type.value, storable(letter.message), letter.failed_at
    return None, None, storable(letter.message), None


def _position(letter: IncomingDeadLetter) -> SourcePosition:
    return letter.source if isinstance(letter, DeadLetter) else letter.position


def _replay_of(letter: IncomingDeadLetter) -> str | None:
    if isinstance(letter, UnreadableDeadLetter):
        return None
    found = [value for name, value in letter.headers if name == REPLAY_HEADER and value is not None]
    return storable(found[-1].decode("utf-8", "replace")) if found else None


def _target(letter: IncomingDeadLetter) -> str:
    return _replay_of(letter) or source_identity(letter)


def _headers(headers: Iterable[tuple[str, bytes | None]]) -> str:
    """JSON in ASCII: escapes take whatever a header's name holds."""
    return json.dumps(
        [[name, None if value is None else base64.b64encode(value).decode()] for name, value in headers]
    )


def storable(text: str) -> str:
    """The text as Postgres takes it: NUL and lone surrogates become U+FFFD."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")

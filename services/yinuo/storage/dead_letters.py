"""Dead letters for people: list them, look at one, send one again, set one aside.

The states and who sets them: new → replayed (here) → resolved or new again (the writer); ignored (here).
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from yinuo.errors import Misuse
from yinuo.storage.connection import Connection
from yinuo.storage.faults import told_apart
from yinuo.storage.found import DEFAULT_LIMIT, Found, FromRecord, find
from yinuo.storage.sql_files import Sql, statements
from yinuo_schemas.dead_letter import REPLAY_HEADER

MOST_ATTEMPTS = 5
"""From so many attempts on a replay must be forced."""

ATTEMPTS_HEADER = "yinuo-attempts"

_SQL = statements("dead_letters")

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterFilter:
    """Which dead letters, the latest first; None and () do not filter, `topic` is the failed message's.

    `source` is a part of the newspaper's or site's name; stored since the one moment and before the other.
    """

    states: Sequence[str] = ()
    stage: str | None = None
    type: str | None = None
    topic: str | None = None
    source: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    limit: int | None = DEFAULT_LIMIT

    @property
    def parameters(self) -> tuple[Any, ...]:
        """What the statements `find` and `identities` take first."""
        return self.states, self.stage, self.type, self.topic, self.source, self.since, self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterSummary(FromRecord):
    """A dead letter without its bytes; `value_bytes` is how many. Stage and type are None where unreadable.

    `article_id` and `article_source` are what key, headers and bytes tell of the article, None where they do not.
    """

    identity: str
    source_cluster: str
    source_topic: str
    source_partition: int
    source_offset: int
    source_timestamp: datetime
    value_bytes: int | None
    stage: str | None
    type: str | None
    message: str
    failed_at: datetime | None
    attempts: int
    state: str
    state_changed_at: datetime
    resolved_by: str | None
    stored_at: datetime
    article_id: str | None
    article_source: str | None
    replays: int
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDeadLetter(DeadLetterSummary):
    """A dead letter with its key, bytes and the headers that its message had."""

    json_fields: ClassVar[frozenset[str]] = frozenset({"headers"})

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @classmethod
    def _value(cls, name: str, value: Any) -> Any:
        if name != "headers":
            return value
        return tuple(
            (header, None if text is None else base64.b64decode(text)) for header, text in json.loads(value)
        )

    @property
    def replay_headers(self) -> tuple[tuple[str, bytes | None], ...]:
        """The original headers, and which dead letter is sent again after how many attempts."""
        ours = ((REPLAY_HEADER, self.identity.encode()), (ATTEMPTS_HEADER, str(self.attempts).encode()))
        names = {name for name, _ in ours}
        return (*(pair for pair in self.headers if pair[0] not in names), *ours)


async def find_dead_letters(connection: Connection, wanted: DeadLetterFilter) -> Found[DeadLetterSummary]:
    """The dead letters that pass the filter. Unavailable."""
    return await find(
        connection, _SQL["find"], wanted.parameters, wanted.limit, DeadLetterSummary.from_record
    )


async def find_identities(connection: Connection, wanted: DeadLetterFilter) -> AsyncIterator[str]:
    """Identities of all dead letters that pass the filter, whatever its limit, in their order. Unavailable."""
    after: str | None = None
    while True:
        with told_apart(connection):
            rows = await connection.fetch(_SQL["identities"], *wanted.parameters, after, _PAGE)
        for row in rows:
            yield row["identity"]
        if len(rows) < _PAGE:
            return
        after = rows[-1]["identity"]


async def dead_letter(connection: Connection, identity: str) -> StoredDeadLetter | None:
    """The dead letter `cluster:topic:partition:offset` with its bytes, or None. Unavailable."""
    return await _one(connection, _SQL["one"], identity)


async def ignore(connection: Connection, identity: str) -> None:
    """Set a dead letter aside. Misuse when there is none or it is resolved; nothing new for an ignored one."""
    async with _locked(connection, identity) as letter:
        if letter.state == "resolved":
            raise Misuse(
                f"dead letter {identity} is resolved: its message is stored, there is nothing to ignore"
            )
        if letter.state != "ignored":
            await _note(connection, _SQL["ignore"], identity)


@asynccontextmanager
async def replaying(
    connection: Connection, identity: str, *, force: bool = False
) -> AsyncIterator[StoredDeadLetter]:
    """Send the letter inside: to `source_topic`, with `key`, `value` and `replay_headers`.

    Left normally, the letter is `replayed`; left by an exception, it is as it was. It is locked meanwhile, so that
    the writer cannot note how the replay ended before it is noted that there was one. Misuse when there is none,
    and, unless forced, when it is not new or was tried MOST_ATTEMPTS times.
    """
    async with _locked(connection, identity) as letter:
        if not force:
            _refuse(letter)
        yield letter
        await _note(connection, _SQL["replayed"], identity)


def _refuse(letter: DeadLetterSummary) -> None:
    if letter.state != "new":
        raise Misuse(
            f"dead letter {letter.identity} is {letter.state}: only a new one is replayed; --force does it"
        )
    if letter.attempts >= MOST_ATTEMPTS:
        raise Misuse(
            f"dead letter {letter.identity} failed {letter.attempts} times; mend what its message says, or --force"
        )


@asynccontextmanager
async def _locked(connection: Connection, identity: str) -> AsyncIterator[StoredDeadLetter]:
    transaction = connection.transaction()
    with told_apart(connection):
        await transaction.start()
    try:
        letter = await _one(connection, _SQL["one_locked"], identity)
        if letter is None:
            raise Misuse(f"no dead letter {identity}; `yinuo dead list` names those there are")
        yield letter
    except BaseException:
        if not connection.is_closed():
            with told_apart(connection):
                await transaction.rollback()
        raise
    with told_apart(connection):
        await transaction.commit()


async def _one(connection: Connection, sql: Sql, identity: str) -> StoredDeadLetter | None:
    with told_apart(connection):
        record = await connection.fetchrow(sql, identity)
    return None if record is None else StoredDeadLetter.from_record(record)


async def _note(connection: Connection, sql: Sql, identity: str) -> None:
    with told_apart(connection):
        await connection.execute(sql, identity)

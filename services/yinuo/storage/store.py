"""The writer's side of Postgres: one transaction a batch, with the consumed offsets in it.

Law: a batch gives what its messages would give one by one, in their order, and a redelivery writes no row. The
forms held are read without a lock, so that messages that change nothing cost nothing; the others are written round
by round (nearly always one), rows by binary COPY. Knows no Kafka client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from yinuo.errors import Unavailable, YinuoError
from yinuo.storage.announcing import announce
from yinuo.storage.article_store import Raced, held_forms, locked_forms, write_round
from yinuo.storage.connection import Connection, close, connect
from yinuo.storage.dead_letter_store import IncomingDeadLetter, keep, resolve
from yinuo.storage.faults import RowRefused, told_apart, told_apart_in_time
from yinuo.storage.forgotten import forgotten_articles
from yinuo.storage.incoming import BatchOutcome, ConsumedOffset, IncomingExtraction
from yinuo.storage.migrate import check_schema
from yinuo.storage.newer import Form
from yinuo.storage.plan import Plan, plan
from yinuo.storage.sql_files import statements

_SQL = statements("store")

_MOST_RACES = 5


class Rewound(YinuoError):
    """The database holds less than was stored in it: an older copy has taken over. Read again from where it stands."""


class Store:
    """One connection for one writer. Reconnects at the next call after it was lost; calls wait for one another."""

    def __init__(self, dsn: str) -> None:
        """Opens nothing yet."""
        self._dsn = dsn
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Connect and check the schema: Unavailable, SchemaMismatch, Misuse."""
        async with self._turn:
            await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        await self.close()

    async def close(self) -> None:
        """Close the connection; a later call would open it again."""
        async with self._turn:
            connection, self._connection = self._connection, None
            if connection is not None:
                await close(connection)

    async def write_batch(
        self,
        extractions: Sequence[IncomingExtraction],
        dead_letters: Sequence[IncomingDeadLetter] = (),
        offsets: Sequence[ConsumedOffset] = (),
        known: Sequence[ConsumedOffset] = (),
    ) -> BatchOutcome:
        """Store all of it or nothing, in one transaction. `known`: what was stored before; Rewound where it is not.

        Raises RowRefused when the database refuses a value of the batch (nothing is stored: give it in parts to
        find the culprit), Unavailable or SchemaMismatch when the surroundings are at fault.
        """
        async with self._turn:
            for _ in range(_MOST_RACES):
                try:
                    return await self._write(extractions, dead_letters, offsets, known)
                except Raced:
                    continue
        raise Unavailable(
            "Postgres: other writers are storing the same new articles all the time; it is tried again"
        )

    async def stored_offsets(self, cluster: str, group: str) -> dict[tuple[str, int], int]:
        """(topic, partition) → offset of the next message, as the group's last batches left them."""
        async with self._turn:
            connection = await self._open()
            with told_apart(connection):
                rows = await connection.fetch(_SQL["offsets"], cluster, group)
        return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}

    async def _open(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = None
            connection = await connect(self._dsn)
            try:
                await check_schema(connection)
            except BaseException:
                await close(connection)
                raise
            self._connection = connection
        return self._connection

    async def _write(
        self,
        extractions: Sequence[IncomingExtraction],
        dead_letters: Sequence[IncomingDeadLetter],
        offsets: Sequence[ConsumedOffset],
        known: Sequence[ConsumedOffset],
    ) -> BatchOutcome:
        connection = await self._open()
        try:
            async with (
                told_apart_in_time(connection),
                connection.transaction(isolation="read_committed"),
            ):
                await _check_not_older(connection, known)
                return await _store(connection, extractions, dead_letters, offsets)
        except (RowRefused, Raced, Rewound):
            raise
        except BaseException:
            # Whatever state it is in, nobody should find out in the next batch.
            connection.terminate()
            self._connection = None
            raise


async def _store(
    connection: Connection,
    extractions: Sequence[IncomingExtraction],
    dead_letters: Sequence[IncomingDeadLetter],
    offsets: Sequence[ConsumedOffset],
) -> BatchOutcome:
    planned = await _planned(connection, [(message, message.form()) for message in extractions])
    if planned.rounds:
        now = await connection.fetchval(_SQL["now"])
        for accepted in planned.rounds:
            await write_round(connection, accepted, now)
    stored = await keep(connection, dead_letters)
    await resolve(connection, extractions)
    await _keep_offsets(connection, offsets)
    await announce(connection, planned, dead_letters)
    return BatchOutcome(planned.outcomes, stored, len(dead_letters) - stored)


async def _planned(connection: Connection, messages: Sequence[tuple[IncomingExtraction, Form]]) -> Plan:
    """The plan, made on forms that nobody else can change until the transaction ends."""
    if not messages:
        return plan({}, ())
    article_ids = sorted({message.article_id for message, _ in messages})
    # First of all: it keeps a purge out until the transaction ends.
    forgotten = await forgotten_articles(connection, article_ids)
    held = await held_forms(connection, article_ids)
    first = plan(held, messages, forgotten)
    replaced = first.replaced_ids()
    if not replaced:
        return first
    locked: Mapping[str, Form] = await locked_forms(connection, replaced)
    if all(locked.get(article_id) == held[article_id] for article_id in replaced):
        return first
    # Another writer was between: only locked forms can differ now, so the second plan stands.
    for article_id in replaced:
        held.pop(article_id)
    return plan({**held, **locked}, messages, forgotten)


async def _check_not_older(connection: Connection, known: Sequence[ConsumedOffset]) -> None:
    """A standby that had not heard of the last batches must not get the next ones before it gets those."""
    if not known:
        return
    columns = zip(*((o.cluster, o.group, o.topic, o.partition, o.next_offset) for o in known), strict=True)
    older = await connection.fetch(_SQL["older_offsets"], *columns)
    if older:
        places = ", ".join(f"{row['topic']}:{row['partition']}" for row in older)
        raise Rewound(f"Postgres holds less than was stored in it ({places}): an older copy has taken over")


async def _keep_offsets(connection: Connection, offsets: Sequence[ConsumedOffset]) -> None:
    """The last offset given for a partition stands, also where it is lower: a topic may be made anew."""
    last = {(o.cluster, o.group, o.topic, o.partition): o.next_offset for o in offsets}
    if last:
        columns = zip(*((*key, last[key]) for key in sorted(last)), strict=True)
        await connection.execute(_SQL["keep_offsets"], *columns)

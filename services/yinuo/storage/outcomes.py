"""What became of articles that were sent: for `submit --wait`.

The writer announces every message's outcome in its own transaction; who listens before sending misses nothing. Only
after a lost connection is the answer read off the tables, where "unchanged" may be said before the message was read.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import asyncpg

from yinuo.storage.announcing import OUTCOMES_CHANNEL, outcomes_in
from yinuo.storage.article_store import form_from
from yinuo.storage.connection import Connection, close, connect
from yinuo.storage.faults import told_apart
from yinuo.storage.incoming import ArticleState
from yinuo.storage.migrate import check_schema
from yinuo.storage.newer import Form, Verdict, verdict
from yinuo.storage.sql_files import statements
from yinuo_schemas import SourcePosition

_SQL = statements("reading")

_REMEMBERED = 100_000
"""Outcomes of messages that nobody expects yet: an answer may be faster than the acknowledgement."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """An article that was sent: what decides about it, and the position that the broker gave it."""

    article_id: str
    revision: int
    content_hash: str
    source: SourcePosition


class OutcomeWatch:
    """Open it before sending, `expect` each article once it is acknowledged, then ask for `next_outcomes`."""

    def __init__(self, dsn: str) -> None:
        """Opens nothing yet."""
        self._dsn = dsn
        self._connection: Connection | None = None
        self._early: OrderedDict[str, ArticleState] = OrderedDict()
        self._expected: dict[str, Submitted] = {}
        self._done: list[tuple[Submitted, ArticleState]] = []
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Connect and listen: Unavailable, SchemaMismatch, Misuse."""
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        if self._connection is not None:
            await close(self._connection)

    @property
    def pending(self) -> int:
        """How many articles are expected and not yet answered for."""
        return len(self._expected)

    def expect(self, submitted: Submitted) -> None:
        """Wait for this article; its outcome may have come already."""
        identity = submitted.source.identity
        self._expected[identity] = submitted
        early = self._early.pop(identity, None)
        if early is not None:
            self._settle(identity, early)

    async def next_outcomes(self, timeout_seconds: float) -> list[tuple[Submitted, ArticleState]]:
        """Outcomes since the last call, as soon as there is one; [] after the timeout.

        Reconnects where the connection was lost; Unavailable when that fails.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while not self._done:
                    self._news.clear()
                    if self._connection is None or self._connection.is_closed():
                        await self._listen()
                        await self._read_off()
                    else:
                        await self._news.wait()
        done, self._done = self._done, []
        return done

    async def _listen(self) -> None:
        connection = await connect(self._dsn)
        try:
            await check_schema(connection)
            with told_apart(connection):
                await connection.add_listener(OUTCOMES_CHANNEL, self._heard)
                connection.add_termination_listener(self._lost)
        except BaseException:
            await close(connection)
            raise
        self._connection = connection

    def _heard(self, connection: Any, pid: int, channel: str, payload: object) -> None:
        for identity, state in outcomes_in(str(payload)):
            if identity in self._expected:
                self._settle(identity, state)
            else:
                self._early[identity] = state
                if len(self._early) > _REMEMBERED:
                    self._early.popitem(last=False)

    def _lost(self, connection: Any) -> None:
        # Wakes who waits, to reconnect.
        self._news.set()

    def _settle(self, identity: str, state: ArticleState) -> None:
        self._done.append((self._expected.pop(identity), state))
        self._news.set()

    async def _read_off(self) -> None:
        """Answer from the tables for what is expected."""
        assert self._connection is not None
        expected = list(self._expected.values())
        parameters = [s.article_id for s in expected], [s.source.identity for s in expected]
        with told_apart(self._connection):
            rows = await self._connection.fetch(_SQL["outcome_states"], *parameters)
        for row in rows:
            submitted = expected[row["place"] - 1]
            state = _state_held(submitted, row)
            if state is not None and submitted.source.identity in self._expected:
                self._settle(submitted.source.identity, state)


def _state_held(submitted: Submitted, row: asyncpg.Record) -> ArticleState | None:
    """What the tables say of an article; None: it has not been read yet."""
    if row["dead"]:
        return ArticleState.DEAD
    if row["forgotten"]:
        return ArticleState.FORGOTTEN
    if row["content_hash"] is None:
        return None
    held = form_from(row)
    if held.source.identity == submitted.source.identity:
        return ArticleState.CHANGED if row["replaced_another"] else ArticleState.NEW
    rules = held.extractor_version, held.rules_digest
    judged = verdict(held, Form(submitted.revision, submitted.content_hash, submitted.source, *rules))
    return {Verdict.UNCHANGED: ArticleState.UNCHANGED, Verdict.OLDER: ArticleState.OLDER}.get(judged)

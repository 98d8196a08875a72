"""Connections that pages read through: a few, kept open, read-only, each question bounded in time.

Not for writing. Law: a page can change nothing: the session reads only, as the role yinuo_reader where our login may.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TypeAlias

import asyncpg

from yinuo.errors import Misuse, Unavailable
from yinuo.storage.connection import CONNECT_SECONDS, SESSION, Connection
from yinuo.storage.faults import ADDRESS_FORM, told_apart
from yinuo.storage.migrate import check_schema
from yinuo.storage.sql_files import statements

_SQL = statements("schema")

READ_SECONDS = 10
"""Longest time for one question of a page."""
MOST_CONNECTIONS = 8

_Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


class TooSlow(Unavailable):
    """A question took longer than READ_SECONDS."""


class ReadingPool:
    """Opens connections as they are asked for; `async with` closes them at the end."""

    def __init__(self, dsn: str) -> None:
        """Connects to nothing yet."""
        self._dsn = dsn
        self._pool: _Pool | None = None

    async def close(self) -> None:
        """Close what is open."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection for questions. Unavailable, TooSlow, SchemaMismatch, Misuse."""
        with told_apart():
            pool = await self._opened()
            try:
                connection = await pool.acquire(timeout=CONNECT_SECONDS)
            except TimeoutError:
                raise Unavailable("the database is busy: try again in a moment") from None
            try:
                yield connection  # type: ignore[misc]
            except asyncpg.QueryCanceledError:
                raise TooSlow(f"the answer takes longer than {READ_SECONDS} s: narrow the question") from None
            finally:
                await pool.release(connection)

    async def answers(self) -> None:
        """Returns when the database answers a question; else raises as `reading` does."""
        async with self.reading() as connection:
            await connection.fetchval(_SQL["answers"])

    async def _opened(self) -> _Pool:
        if self._pool is None:
            try:
                self._pool = asyncpg.create_pool(
                    self._dsn,
                    min_size=0,
                    max_size=MOST_CONNECTIONS,
                    timeout=CONNECT_SECONDS,
                    init=_prepared,
                    statement_cache_size=0,  # each question is planned for its own values, as in `connect`
                    server_settings={
                        **SESSION,
                        "application_name": "yinuo web",
                        "default_transaction_read_only": "on",
                        "statement_timeout": f"{READ_SECONDS}s",
                    },
                )
            except (ValueError, TypeError):
                raise Misuse(f"YINUO_DATABASE_URL is no address; {ADDRESS_FORM}") from None
            await self._pool
        return self._pool


async def _prepared(connection: Connection) -> None:
    await check_schema(connection)
    # A login without that role still reads only, with whatever rights it has.
    with contextlib.suppress(asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError):
        await connection.execute("SET ROLE yinuo_reader")

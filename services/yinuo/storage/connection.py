"""One connection to Postgres: how it is opened, and that the tables behind it are ours.

No pool: the writer works in one transaction at a time, and a reading command asks once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

from yinuo.errors import Misuse
from yinuo.storage.faults import ADDRESS_FORM, told_apart

CONNECT_SECONDS = 10.0

SESSION = {
    "application_name": "yinuo",
    "timezone": "UTC",
    # Compiling costs more than any of our statements that answer a person.
    "jit": "off",
}
"""What every session of ours is set to."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def connect(dsn: str, *, keep_statements: bool = True) -> Connection:
    """An open connection, whatever tables stand behind it. Unavailable, or Misuse for an address that is none.

    `keep_statements=False` plans every statement for the values at hand: filters that are not given fall away only
    then. (The server's own switch for it would plan SQL functions anew for every row.)
    """
    with told_apart():
        try:
            return await asyncpg.connect(
                dsn,
                timeout=CONNECT_SECONDS,
                server_settings=SESSION,
                statement_cache_size=100 if keep_statements else 0,
            )
        except (ValueError, TypeError) as error:
            if isinstance(error, asyncpg.InterfaceError):
                raise
            # asyncpg leaves a port that is no number to int(), whose words may repeat a part of the password.
            raise Misuse(f"YINUO_DATABASE_URL is no address; {ADDRESS_FORM}") from None


@asynccontextmanager
async def opened(dsn: str, *, keep_statements: bool = True) -> AsyncIterator[Connection]:
    """A connection that is closed at the end, whatever happened; see `connect`."""
    connection = await connect(dsn, keep_statements=keep_statements)
    try:
        yield connection
    finally:
        await close(connection)


async def close(connection: Connection) -> None:
    """Say goodbye where the server still listens, else drop the connection."""
    try:
        await connection.close(timeout=CONNECT_SECONDS)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection.terminate()

"""What an error of the database means: data that no waiting mends, surroundings that may, or a bug of ours.

The one place that knows asyncpg's exceptions and SQLSTATE codes. Law: every class of both has its line here, so
that a new one is noticed (a test walks through them) and nothing is dead-lettered because a server was away.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import Enum

import asyncpg
from asyncpg.exceptions import _base

from yinuo.errors import Misuse, Unavailable, YinuoError


class RowRefused(YinuoError):
    """The database refuses a value of this batch, whatever its surroundings: look for the row."""

    def __init__(self, message: str, sqlstate: str) -> None:
        """`sqlstate`: the five characters that the server gave; 22000 for what the client could not encode."""
        super().__init__(message)
        self.sqlstate = sqlstate


class SchemaMismatch(Misuse):
    """The tables are not those of this release: `yinuo migrate`, or another release."""


ENDS_WITHIN_S = 2.0
"""A connection whose session the server has ended is closed within so long."""
ADDRESS_FORM = "write postgresql://user:password@host:port/database, special characters percent-encoded"


class Fault(Enum):
    """What to do about an error."""

    DATA = "find the row and dead-letter it"
    AWAY = "wait and try again"
    SCHEMA = "stop: the tables are not ours"
    MISUSE = "stop: the address or a setting cannot mean anything"
    BUG = "stop: ours to mend"


_CLASSES = {
    "00": Fault.BUG,  # success and warnings are no errors
    "01": Fault.BUG,
    "02": Fault.BUG,
    "03": Fault.BUG,
    "08": Fault.AWAY,  # 08P01 too: poolers use it for all they have to say
    "09": Fault.BUG,
    "0A": Fault.BUG,
    "0B": Fault.BUG,
    "0F": Fault.BUG,
    "0L": Fault.BUG,
    "0P": Fault.BUG,
    "0Z": Fault.BUG,
    "10": Fault.DATA,
    "20": Fault.BUG,
    "21": Fault.BUG,
    "22": Fault.DATA,
    "23": Fault.DATA,
    "24": Fault.BUG,
    "25": Fault.BUG,
    "26": Fault.AWAY,  # a pooler that loses prepared statements
    "27": Fault.BUG,
    "28": Fault.AWAY,  # the operator can mend a password while we wait
    "2B": Fault.BUG,
    "2D": Fault.BUG,
    "2F": Fault.BUG,
    "34": Fault.BUG,
    "38": Fault.BUG,
    "39": Fault.BUG,
    "3B": Fault.BUG,
    "3D": Fault.AWAY,
    "3F": Fault.SCHEMA,
    "40": Fault.AWAY,
    "42": Fault.BUG,
    "44": Fault.DATA,
    "53": Fault.AWAY,
    "54": Fault.DATA,
    "55": Fault.BUG,
    "57": Fault.AWAY,
    "58": Fault.AWAY,
    "72": Fault.AWAY,
    "F0": Fault.AWAY,
    "HV": Fault.BUG,
    "P0": Fault.BUG,
    "XX": Fault.AWAY,  # a database in trouble is no reason to give up an article
}

_CODES = {
    "25006": Fault.AWAY,  # read-only: connected to a standby
    "25P03": Fault.AWAY,
    "25P04": Fault.AWAY,
    "40002": Fault.DATA,
    "42501": Fault.AWAY,  # a right is missing: the operator can grant it while we wait
    "42P05": Fault.AWAY,  # like class 26
    "42P01": Fault.SCHEMA,
    "42703": Fault.SCHEMA,
    "42704": Fault.SCHEMA,
    "42883": Fault.SCHEMA,
    "54011": Fault.BUG,
    "54023": Fault.BUG,
    "55006": Fault.AWAY,
    "55P02": Fault.AWAY,
    "55P03": Fault.AWAY,
}

_CLIENT: dict[type[BaseException], Fault] = {
    _base.DataError: Fault.DATA,  # a value that the client cannot encode
    asyncpg.exceptions.InvalidCachedStatementError: Fault.AWAY,  # tables changed under a running service
    asyncpg.exceptions.OutdatedSchemaCacheError: Fault.AWAY,
    asyncpg.exceptions.TargetServerAttributeNotMatched: Fault.AWAY,
    asyncpg.exceptions.ProtocolError: Fault.AWAY,
    asyncpg.exceptions.ClientConfigurationError: Fault.MISUSE,
    asyncpg.exceptions.UnsupportedClientFeatureError: Fault.MISUSE,
    asyncpg.exceptions.UnsupportedServerFeatureError: Fault.MISUSE,
    asyncpg.exceptions.InternalClientError: Fault.BUG,
    asyncpg.InterfaceError: Fault.BUG,
    UnicodeEncodeError: Fault.DATA,
    OverflowError: Fault.DATA,
    OSError: Fault.AWAY,  # TimeoutError, refused and reset connections, names, certificates
}

_DATABASE_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.exceptions.InternalClientError,
    UnicodeEncodeError,
    OverflowError,
    OSError,
)

_MEND = {
    "28": "check user and password in YINUO_DATABASE_URL",
    "3D": "make the database or mend its name in YINUO_DATABASE_URL",
    "42501": "give the user the rights it lacks: the roles that `yinuo migrate` makes have them",
    "53": "the server lacks room, memory or connections",
    "25006": "YINUO_DATABASE_URL must name the server that takes writes",
}


def fault_of(error: BaseException) -> Fault:
    """What to do about an error that a database call raised; BUG for what nothing is known of."""
    if isinstance(error, asyncpg.PostgresError) and type(error) not in _CLIENT:
        code = error.sqlstate or ""
        return _CODES.get(code) or _CLASSES.get(code[:2], Fault.BUG)
    for ancestor in type(error).__mro__:
        if ancestor in _CLIENT:
            return _CLIENT[ancestor]
    return Fault.BUG


def translated(error: BaseException, *, connection_lost: bool = False) -> YinuoError | None:
    """The error of our own tree that this one is, with a line for people; None for a bug."""
    fault = fault_of(error)
    if fault is Fault.BUG and connection_lost:
        # asyncpg says "connection is closed" with the same class as for its wrong use.
        fault = Fault.AWAY
    if fault is Fault.DATA:
        return RowRefused(
            f"Postgres refuses a value: {_line(error)}", getattr(error, "sqlstate", None) or "22000"
        )
    if fault is Fault.AWAY:
        return Unavailable(f"Postgres: {_line(error)}; {_mend(error)}")
    if fault is Fault.SCHEMA:
        return SchemaMismatch(f"Postgres: {_line(error)}: run `yinuo migrate` with this release")
    if fault is Fault.MISUSE:
        # Without the error's words: they may repeat a part of the password.
        return Misuse(f"YINUO_DATABASE_URL cannot be used ({type(error).__name__}); {ADDRESS_FORM}")
    return None


@contextmanager
def told_apart(connection: asyncpg.Connection | None = None) -> Iterator[None]:
    """Raises what database calls inside raise as `RowRefused`, `Unavailable`, `SchemaMismatch` or `Misuse`.

    A bug passes unchanged. Only database calls belong inside: an OSError of another origin would be mistaken.
    """
    try:
        yield
    except _DATABASE_ERRORS as error:
        lost = connection is not None and connection.is_closed()
        known = translated(error, connection_lost=lost)
        if known is None:
            raise
        raise known from error


@asynccontextmanager
async def told_apart_in_time(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """As `told_apart`, where the server may end the session between two calls.

    Its last message comes before the end of the connection; in between the client takes the connection for one that
    somebody else is using, which else is a bug of ours.
    """
    try:
        with told_apart(connection):
            yield
    except (asyncpg.InterfaceError, asyncpg.exceptions.InternalClientError) as error:
        if not await _ends(connection):
            raise
        raise Unavailable(f"Postgres has ended the session; {_mend(error)}") from error


async def _ends(connection: asyncpg.Connection) -> bool:
    deadline = asyncio.get_running_loop().time() + ENDS_WITHIN_S
    while not connection.is_closed():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


def _line(error: BaseException) -> str:
    """The error's own words, one line, without the DETAIL that repeats contents of rows."""
    text = str(error.args[0]) if isinstance(error, asyncpg.PostgresError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__


def _mend(error: BaseException) -> str:
    code = getattr(error, "sqlstate", None)
    if isinstance(code, str):
        return _MEND.get(code) or _MEND.get(code[:2]) or "it is tried again, or try later"
    return "is it running? YINUO_DATABASE_URL says where it is looked for"

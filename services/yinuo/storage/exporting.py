"""Whole views, row by row, however many there are: a cursor of the server, so that memory stays as it is.

Law: the name of a view is compared with the catalogue, and the statement comes from there; a user's word never
becomes SQL.
"""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from yinuo.errors import Misuse
from yinuo.storage.connection import Connection
from yinuo.storage.faults import told_apart
from yinuo.storage.sql_files import Sql, statements

_SQL = statements("reading")

AT_ONCE = 1000
"""Rows fetched and handed on together."""


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column and its Postgres type: text, integer, bigint, real, boolean, numeric, date, timestamptz, jsonb."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ViewReading:
    """The columns of a view and its rows in blocks, each row a tuple in their order; jsonb is its text."""

    columns: tuple[ViewColumn, ...]
    blocks: AsyncIterator[list[tuple[Any, ...]]]


async def view_names(connection: Connection) -> tuple[str, ...]:
    """The views there are. Unavailable."""
    with told_apart(connection):
        return tuple(row["view"] for row in await connection.fetch(_SQL["views"]))


@asynccontextmanager
async def view_reading(connection: Connection, view: str) -> AsyncIterator[ViewReading]:
    """The view as it stands at this moment, to be read once inside. Misuse names the views there are; Unavailable."""
    with told_apart(connection):
        statement = await connection.fetchval(_SQL["whole_view"], view)
    if statement is None:
        names = await view_names(connection)
        near = difflib.get_close_matches(view, names, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise Misuse(f"there is no view {view}; {meant}There are {', '.join(names)}")
    transaction = connection.transaction(isolation="repeatable_read", readonly=True)
    with told_apart(connection):
        await transaction.start()
    try:
        with told_apart(connection):
            prepared = await connection.prepare(Sql(statement))
            cursor = await prepared.cursor()
        columns = tuple(ViewColumn(a.name, a.type.name) for a in prepared.get_attributes())
        yield ViewReading(columns, _blocks(connection, cursor))
    finally:
        if not connection.is_closed():
            with told_apart(connection):
                await transaction.rollback()


async def _blocks(connection: Connection, cursor: Any) -> AsyncIterator[list[tuple[Any, ...]]]:
    while True:
        with told_apart(connection):
            records = await cursor.fetch(AT_ONCE)
        if not records:
            return
        yield [tuple(record) for record in records]

"""Rows found by a filter, cut at a limit; how records become frozen rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from heapq import merge
from typing import Any, ClassVar, Generic, Self, TypeVar

import asyncpg

from yinuo.storage.connection import Connection
from yinuo.storage.faults import told_apart
from yinuo.storage.sql_files import Sql

DEFAULT_LIMIT = 50

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Found(Generic[RowT]):
    """The rows up to the limit; `more`: there are others."""

    rows: tuple[RowT, ...]
    more: bool


class FromRecord:
    """A frozen dataclass whose fields are the columns of a statement, in any order."""

    __slots__ = ()
    json_fields: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def from_record(cls, record: asyncpg.Record) -> Self:
        """The row; jsonb becomes lists and dicts, numeric Decimal, moments aware datetimes in UTC."""
        return cls(**{name: cls._value(name, value) for name, value in record.items()})

    @classmethod
    def _value(cls, name: str, value: Any) -> Any:
        return json.loads(value) if name in cls.json_fields and value is not None else value

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The fields' names, in their order."""
        return tuple(field.name for field in fields(cls))  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, Any]:
        """Column → value, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]


async def find(
    connection: Connection,
    sql: Sql,
    parameters: tuple[Any, ...],
    limit: int | None,
    row: Callable[[Any], RowT],
) -> Found[RowT]:
    """Run a statement whose last parameter is its LIMIT; `limit` None takes all. Unavailable."""
    with told_apart(connection):
        records = await connection.fetch(sql, *parameters, None if limit is None else limit + 1)
    return Found(tuple(map(row, records[:limit])), limit is not None and len(records) > limit)


def in_order(
    parts: Sequence[Found[RowT]], limit: int | None, place: Callable[[RowT], tuple[Any, ...]]
) -> Found[RowT]:
    """The rows of several answers, each in order, as one of at most `limit` rows."""
    if len(parts) == 1:
        return parts[0]
    rows = tuple(merge(*(part.rows for part in parts), key=place))
    more = any(part.more for part in parts) or (limit is not None and len(rows) > limit)
    return Found(rows[:limit], more)

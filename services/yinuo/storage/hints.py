"""What a filter that matches nothing could be instead: which part of it is too much, which names are near.

Asked only after nothing was found, so that it costs nothing otherwise.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from yinuo.storage.connection import Connection
from yinuo.storage.faults import told_apart
from yinuo.storage.found import Found
from yinuo.storage.queries import DueFilter, MetricFilter, PledgeFilter
from yinuo.storage.searching import search_tokens
from yinuo.storage.sql_files import statements

_SQL = statements("reading")

_NAMES = {
    "promiser": _SQL["promiser_names"],
    "speaker": _SQL["speaker_names"],
    "source": _SQL["source_names"],
}

COUNTED = 100
"""Up to so many rows are counted."""
NEAR = 3
"""At most so many names are suggested."""

FilterT = TypeVar("FilterT", PledgeFilter, DueFilter, MetricFilter)


@dataclass(frozen=True, slots=True)
class Hint:
    """Without `field` `rows` rows match (`more`: and others); `near`: names that are there and look like the one given."""

    field: str
    rows: int
    more: bool
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Whether anything is stored at all."""

    articles: bool
    pledges: bool
    metrics: bool


async def hints(
    connection: Connection, wanted: FilterT, find: Callable[[Connection, FilterT], Awaitable[Found[Any]]]
) -> list[Hint]:
    """For each part of the filter what would match without it, where anything would; the most first. Unavailable."""
    given = [field for field in dataclasses.fields(wanted) if _is_given(wanted, field)]
    found = []
    for field in given:
        wider: Any = dataclasses.replace(wanted, limit=COUNTED, **{field.name: _wide(field)})
        rows = await find(connection, wider)
        near = await _near(connection, field.name, getattr(wanted, field.name))
        if rows.rows or near:
            found.append(Hint(field.name, len(rows.rows), rows.more, near))
    return sorted(found, key=lambda hint: (-hint.rows, hint.field))


async def holdings(connection: Connection) -> Holdings:
    """Whether there are articles, pledges, metrics. Unavailable."""
    with told_apart(connection):
        row = await connection.fetchrow(_SQL["holdings"])
    assert row is not None
    return Holdings(**row)


def _is_given(wanted: Any, field: dataclasses.Field[Any]) -> bool:
    value = getattr(wanted, field.name)
    return field.name != "limit" and value not in (None, (), [])


def _wide(field: dataclasses.Field[Any]) -> Any:
    """The value that does not filter; for `kind` that is None, not its default."""
    return () if field.default == () else None


async def _near(connection: Connection, field: str, value: Any) -> tuple[str, ...]:
    """Names of that kind which look like the one given, or share two neighbouring characters with it."""
    if field not in _NAMES:
        return ()
    with told_apart(connection):
        names = [row["name"] for row in await connection.fetch(_NAMES[field])]
    if any(value.lower() in name.lower() for name in names):
        return ()
    like = difflib.get_close_matches(value, names, NEAR, 0.5)
    pairs = {token for token in search_tokens(value) if len(token) == 2}
    sharing = sorted(
        (name for name in names if pairs & set(search_tokens(name))),
        key=lambda name: (-len(pairs & set(search_tokens(name))), len(name), name),
    )
    return tuple(dict.fromkeys([*like, *sharing]))[:NEAR]

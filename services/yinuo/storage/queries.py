"""What reading commands and pages ask of pledges and metrics: filters in, frozen rows out.

Every filter is a bound parameter of one statement; there is no other way from a user's words to the database.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

from yinuo.storage.connection import Connection, opened
from yinuo.storage.found import DEFAULT_LIMIT, Found, find
from yinuo.storage.migrate import check_schema
from yinuo.storage.sql_files import statements
from yinuo.storage.view_rows import DueRow, MetricRow, PledgeRow, SearchRow

_SQL = statements("reading")

LIGHTS = ("past", "due_30", "due_90", "later", "undated")
"""How far off a pledge's day can be, as `due_pledges` says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeFilter:
    """Which pledges. Names and text are found where they are contained, whatever the case of Latin letters; text also
    across blanks and line breaks, and in full width as in half.

    `region` is a name, or a GB/T 2260 code that covers all below it (350000: the province). Days are inclusive.
    None and () do not filter: `kind=None` takes aspirations too, `limit=None` all. With a due day given, the
    earliest due come first, else the newest articles, each in the order of its text.
    """

    promiser: str | None = None
    speaker: str | None = None
    due_from: date | None = None
    due_by: date | None = None
    firmness: Sequence[str] = ()
    kind: str | None = "pledge"
    source: str | None = None
    region: str | None = None
    text: str | None = None
    article: str | None = None
    limit: int | None = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFilter(PledgeFilter):
    """Which pledges by how far off their day is; no light given means all that have a day."""

    lights: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFilter:
    """Which metrics, as `PledgeFilter`.

    Promiser also means whose number it is; promiser, speaker and firmness are those of the pledge that aims at the
    number; due is that pledge's day, else the end of the number's period; text may stand in the indicator too.
    """

    promiser: str | None = None
    speaker: str | None = None
    due_from: date | None = None
    due_by: date | None = None
    firmness: Sequence[str] = ()
    status: Sequence[str] = ()
    source: str | None = None
    region: str | None = None
    text: str | None = None
    article: str | None = None
    limit: int | None = DEFAULT_LIMIT


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    """A connection for a command that asks and goes. Unavailable, SchemaMismatch, Misuse."""
    async with opened(dsn, keep_statements=False) as connection:
        await check_schema(connection)
        yield connection


async def find_pledges(connection: Connection, wanted: PledgeFilter) -> Found[PledgeRow]:
    """The pledges that pass the filter. Unavailable."""
    parameters = (*_pledge_parameters(wanted), _is_dated(wanted))
    return await find(connection, _SQL["find_pledges"], parameters, wanted.limit, PledgeRow.from_record)


async def find_due(connection: Connection, wanted: DueFilter) -> Found[DueRow]:
    """The pledges that pass the filter: first those to come, the nearest first, then those gone by. Unavailable."""
    lights = tuple(wanted.lights) or LIGHTS[:-1]
    parameters = (*_pledge_parameters(wanted), lights)
    found: Found[DueRow] = Found((), False)
    # Two statements, each in the order of the index on days: neither sorts what the limit cuts off.
    for past in (False, True):
        asked = "past" in lights if past else lights != ("past",)
        if asked and not found.more:
            left = None if wanted.limit is None else wanted.limit - len(found.rows)
            part = await find(connection, _SQL["find_due"], (*parameters, past), left, DueRow.from_record)
            found = Found(found.rows + part.rows, part.more)
    return found


async def search(connection: Connection, words: str, limit: int | None = DEFAULT_LIMIT) -> Found[SearchRow]:
    """The articles that hold every word, the best first. Unavailable."""
    return await find(connection, _SQL["search"], (words,), limit, SearchRow.from_record)


async def find_metrics(connection: Connection, wanted: MetricFilter) -> Found[MetricRow]:
    """The metrics that pass the filter. Unavailable."""
    parameters = (
        wanted.promiser, wanted.speaker, wanted.due_from, wanted.due_by, wanted.firmness, wanted.status,
        wanted.source, *_region(wanted.region), wanted.text, wanted.article, _is_dated(wanted),
    )  # fmt: skip
    return await find(connection, _SQL["find_metrics"], parameters, wanted.limit, MetricRow.from_record)


def _pledge_parameters(wanted: PledgeFilter) -> tuple[object, ...]:
    return (
        wanted.promiser, wanted.speaker, wanted.due_from, wanted.due_by, wanted.firmness, wanted.kind,
        wanted.source, *_region(wanted.region), wanted.text, wanted.article,
    )  # fmt: skip


def _is_dated(wanted: PledgeFilter | MetricFilter) -> bool:
    return wanted.due_from is not None or wanted.due_by is not None


def _region(region: str | None) -> tuple[str | None, str | None]:
    """(name, None) or (None, what the codes of the region and of all below it begin with)."""
    if region is None or not re.fullmatch(r"\d{2,6}", region, re.ASCII):
        return region, None
    return None, re.sub(r"(00){1,2}\Z", "", region) if len(region) == 6 else region

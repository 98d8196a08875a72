"""What reading commands and pages ask of pledges and metrics: filters in, frozen rows out.

Every filter is a bound parameter of one statement; there is no other way from a user's words to the database.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import product

from yinuo.storage.connection import Connection, opened
from yinuo.storage.faults import told_apart
from yinuo.storage.found import DEFAULT_LIMIT, Found, find, in_order
from yinuo.storage.migrate import check_schema
from yinuo.storage.questions import COMMON_ARTICLES, ranks
from yinuo.storage.sql_files import Sql, statements
from yinuo.storage.view_rows import DueRow, MetricRow, PledgeRow, SearchRow

_SQL = statements("reading")
_RARE = re.compile(r"-- rare:.*?-- end of rare", re.DOTALL)

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
    region = await _regions(connection, "yinuo.pledges", wanted.region)
    parameters = (*await _pledge_parameters(connection, wanted, region), _is_dated(wanted))
    statement = await _for_text(connection, _SQL["find_pledges"], wanted.text)
    parts = [
        await find(
            connection,
            statement,
            (*parameters, way, region.articles),
            wanted.limit,
            PledgeRow.from_record,
        )
        for way in _ways(wanted.region)
    ]
    return in_order(parts, wanted.limit, lambda row: _place(row, row.due if _is_dated(wanted) else None))


async def find_due(connection: Connection, wanted: DueFilter) -> Found[DueRow]:
    """The pledges that pass the filter: first those to come, the nearest first, then those gone by. Unavailable."""
    lights = tuple(wanted.lights) or LIGHTS[:-1]
    region = await _regions(connection, "yinuo.pledges", wanted.region)
    parameters = (*await _pledge_parameters(connection, wanted, region), lights)
    statement = await _for_text(connection, _SQL["find_due"], wanted.text)
    found: Found[DueRow] = Found((), False)
    # Two statements, each in the order of the index on days: neither sorts what the limit cuts off.
    for past in (False, True):
        asked = "past" in lights if past else lights != ("past",)
        if asked and not found.more:
            left = None if wanted.limit is None else wanted.limit - len(found.rows)
            parts = [
                await find(
                    connection,
                    statement,
                    (*parameters, past, way, region.articles),
                    left,
                    DueRow.from_record,
                )
                for way in _ways(wanted.region)
            ]
            part = in_order(parts, left, _latest_due if past else _nearest_due)
            found = Found(found.rows + part.rows, part.more)
    return found


async def search(connection: Connection, words: str, limit: int | None = DEFAULT_LIMIT) -> Found[SearchRow]:
    """The articles that hold every word, the best first. Unavailable."""
    return await find(connection, _SQL["search"], (words,), limit, SearchRow.from_record)


async def find_metrics(connection: Connection, wanted: MetricFilter) -> Found[MetricRow]:
    """The metrics that pass the filter. Unavailable."""
    region = await _regions(connection, "yinuo.metrics", wanted.region)
    parameters = (
        await _names(connection, "yinuo.metrics", "subject", wanted.promiser),
        await _names(connection, "yinuo.pledges", "speaker", wanted.speaker),
        wanted.due_from, wanted.due_by, wanted.firmness, wanted.status,
        await _names(connection, "yinuo.articles", "source", wanted.source),
        region.names, region.codes, wanted.text, wanted.article,
    )  # fmt: skip
    promisers = await _names(connection, "yinuo.pledges", "promiser", wanted.promiser)
    statement = await _for_text(connection, _SQL["find_metrics"], wanted.text)
    parts = [
        await find(
            connection,
            statement,
            (*parameters, by_pledge, *ways, promisers, region.articles),
            wanted.limit,
            MetricRow.from_record,
        )
        for by_pledge in ((True, False) if _is_dated(wanted) else (None,))
        for ways in product(_ways(wanted.promiser), _ways(wanted.region))
    ]
    return in_order(parts, wanted.limit, lambda row: _place(row, _day(row) if _is_dated(wanted) else None))


async def _for_text(connection: Connection, statement: Sql, text: str | None) -> Sql:
    """The statement as it is quickest: where few articles hold the text, it begins with the index on their words."""
    if text is None:
        return statement
    with told_apart(connection):
        often = await connection.fetchval(_SQL["articles_with"], text, COMMON_ARTICLES)
    return statement if often < COMMON_ARTICLES else Sql(_RARE.sub("", statement))


def _ways(asked: str | None) -> tuple[bool, ...]:
    """What two columns may answer is asked for twice, of each by itself; no row is given by both."""
    return (True,) if asked is None else (True, False)


def _day(row: MetricRow) -> date | None:
    return row.period_end if row.pledge_due is None else row.pledge_due


def _place(row: PledgeRow | MetricRow, day: date | None) -> tuple[object, ...]:
    """Where a row stands among others: by day if one is given, then the newest article first."""
    published = row.published_on
    newest = (published is None, -published.toordinal() if published else 0)
    return day is None, day or date.max, *newest, row.article_id, row.span_start


def _nearest_due(row: DueRow) -> tuple[object, ...]:
    return _place(row, row.due)


def _latest_due(row: DueRow) -> tuple[object, ...]:
    assert row.due is not None
    return -row.due.toordinal(), *_place(row, None)


async def _pledge_parameters(
    connection: Connection, wanted: PledgeFilter, region: _Regions
) -> tuple[object, ...]:
    return (
        await _names(connection, "yinuo.pledges", "promiser", wanted.promiser),
        await _names(connection, "yinuo.pledges", "speaker", wanted.speaker),
        wanted.due_from, wanted.due_by, ranks(wanted.firmness), wanted.kind,
        await _names(connection, "yinuo.articles", "source", wanted.source),
        region.names, region.codes, wanted.text, wanted.article,
    )  # fmt: skip


def _is_dated(wanted: PledgeFilter | MetricFilter) -> bool:
    return wanted.due_from is not None or wanted.due_by is not None


@dataclass(frozen=True, slots=True)
class _Regions:
    """What a region means: names or codes of rows, and what articles have. None does not filter."""

    names: list[str] | None = None
    codes: list[str] | None = None
    articles: list[str] | None = None


async def _regions(connection: Connection, table: str, region: str | None) -> _Regions:
    if region is None:
        return _Regions()
    if not re.fullmatch(r"\d{2,6}", region, re.ASCII):
        return _Regions(
            names=await _names(connection, table, "region_name", region),
            articles=await _names(connection, "yinuo.articles", "region", region),
        )
    # What the codes of the region and of all below it begin with.
    code = re.sub(r"(00){1,2}\Z", "", region) if len(region) == 6 else region
    return _Regions(
        codes=await _names(connection, table, "region_code", code, _SQL["names_under"]),
        articles=await _names(connection, "yinuo.articles", "region", code, _SQL["names_under"]),
    )


async def _names(
    connection: Connection, table: str, column: str, part: str | None, sql: Sql = _SQL["names_with"]
) -> list[str] | None:
    """The names in a column that the part means; None where none is asked for. Unavailable."""
    if part is None:
        return None
    with told_apart(connection):
        return [record["name"] for record in await connection.fetch(sql, table, column, part)]

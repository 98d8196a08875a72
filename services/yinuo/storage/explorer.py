"""What the explorer's pages read, as frozen values. Not for deciding how it looks; each function asks once or twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import asyncpg

from yinuo.storage.connection import Connection
from yinuo.storage.found import Found
from yinuo.storage.questions import (
    COMMON_ARTICLES,
    COMMON_TO_FACETS,
    PAGE_ROWS,
    Asked,
    Question,
    asked,
    facets,
    page,
    place_after,
    sort_key,
)
from yinuo.storage.view_rows import MetricRow, PledgeRow, TargetRow

Row = PledgeRow | MetricRow | TargetRow
MOST_ON_A_LINE = 500
"""Rows of one promiser or indicator that a page shows."""
TOP_PROMISERS, LAST_ARTICLES = 10, 10
FACET_MILLISECONDS = 700
"""A page does not wait longer for how often each value occurs: its rows are there already."""


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Rows of one page, and what `after` says for the next; "" when this is the last."""

    rows: tuple[Row, ...]
    next_after: str


@dataclass(frozen=True, slots=True)
class Facets:
    """Facet → (value, how often), the commonest first. `total` is exact unless `capped`; None: too long to count."""

    values: Mapping[str, tuple[tuple[str, int], ...]]
    total: int | None
    capped: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers of the first page."""

    articles: int
    metrics: int
    dead_letters: int
    firmness: Mapping[tuple[str, str], int]
    due: Mapping[str, int]
    promisers: tuple[Mapping[str, Any], ...]
    last: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ArticleFound:
    """An article with everything read from it."""

    fields: Mapping[str, Any]
    skipped: tuple[Mapping[str, Any], ...]
    passages: tuple[Mapping[str, Any], ...]
    pledges: tuple[PledgeRow, ...]
    metrics: tuple[MetricRow, ...]

    @property
    def text(self) -> str:
        """The text as it came in."""
        text: str = self.fields["text"]
        return text


@dataclass(frozen=True, slots=True)
class Mark:
    """A row on the text. `key` is p- or m- and its id; `parts` are its cue and where its values were inherited from."""

    key: str
    kind: str
    start: int
    end: int
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class MarkedArticle:
    """An article and where its rows stand."""

    fields: Mapping[str, Any]
    skipped: tuple[Mapping[str, Any], ...]
    passages: tuple[Mapping[str, Any], ...]
    marks: tuple[Mark, ...]

    @property
    def text(self) -> str:
        """The text as it came in."""
        text: str = self.fields["text"]
        return text


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row, the article it stands in, (key, quote) of others on the same words, and where it stands among all."""

    row: Row
    fields: Mapping[str, Any]
    others: tuple[tuple[str, str], ...]
    before: str | None
    after: str | None
    place: int
    total: int


async def planned(connection: Connection, question: Question, common: int = COMMON_ARTICLES) -> Question:
    """The same question, with whether its words are common: held by so many articles."""
    if not question.forms:
        return question
    ((often,),) = await _fetch(connection, asked("articles_with", question.forms, common))
    return replace(question, common=often >= common)


async def rows_page(connection: Connection, question: Question) -> RowsPage:
    """The rows of one page. Misuse for a sort or place that there is not."""
    question = await planned(connection, question)
    records: list[Any] = []
    for part in page(question):
        if len(records) <= PAGE_ROWS:
            records += await _fetch(connection, part)
    rows = tuple(_row(question, record) for record in records)
    shown = rows[:PAGE_ROWS]
    if len(rows) <= PAGE_ROWS:
        return RowsPage(shown, "")
    last = shown[-1].as_dict()
    return RowsPage(shown, place_after(question, last, sort_key(question, last)))


async def around(connection: Connection, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """What stands before and after each row's quote, on one line."""
    spans = [row.article_id for row in rows], [row.span_start for row in rows], [row.span_end for row in rows]
    found = await _fetch(connection, asked("around", *spans))
    return [(_line_before(one["before"] or ""), (one["after"] or "").strip().split("\n")[0]) for one in found]


def _line_before(text: str) -> str:
    return text.rsplit("\n\n", 1)[-1].replace("\n", "")


async def all_rows(connection: Connection, question: Question) -> AsyncIterator[Row]:
    """Every row from the question's place on, a few hundred in memory at a time."""
    question = await planned(connection, question)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for sql, values in page(question, None):
            async for record in connection.cursor(sql, *values, prefetch=200):
                yield _row(question, record)


async def count_facets(connection: Connection, question: Question, most: int = 12) -> Facets:
    """The commonest values of each facet among the matches; none of them where that takes longer than FACET_MILLISECONDS."""
    question = await planned(connection, question, COMMON_TO_FACETS)
    values: dict[str, list[tuple[str, int]]] = {}
    total = 0
    try:
        async with connection.transaction():
            await _fetch(connection, asked("at_most_milliseconds", str(FACET_MILLISECONDS)))
            records = await _fetch(connection, facets(question))
    except asyncpg.QueryCanceledError:
        return Facets({}, None, capped=False)
    for record in records:
        if record["facet"] == "":
            total = record["often"]
        elif record["choice"] is not None:
            values.setdefault(record["facet"], []).append((record["choice"], record["often"]))
    return Facets(
        {name: tuple(found[:most]) for name, found in values.items()},
        min(total, question.subject.facet_rows),
        total > question.subject.facet_rows,
    )


async def overview(connection: Connection, today: date) -> Overview:
    """The first page's numbers; what is due is counted by month (`YYYY-MM`, or `undated`)."""
    (counts,) = await _fetch(connection, asked("counts"))
    due = await _fetch(connection, asked("due_counts"))
    return Overview(
        articles=counts["articles"],
        metrics=counts["metrics"],
        dead_letters=counts["dead_letters"],
        firmness={(one["kind"], one["firmness"]): one["often"] for one in due if one["kind"]},
        due={one["month"]: one["often"] for one in due if one["month"]},
        promisers=tuple(map(dict, await _fetch(connection, asked("top_promisers", today, TOP_PROMISERS)))),
        last=tuple(map(dict, await _fetch(connection, asked("last_articles", LAST_ARTICLES)))),
    )


async def article(connection: Connection, article_id: str) -> ArticleFound | None:
    """The article with its rows, all of one moment; None where there is none."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        found = await _fetch(connection, asked("one_article", article_id))
        if not found:
            return None
        passages = await _fetch(connection, asked("passages", article_id))
        pledges = await _fetch(connection, asked("article_pledges", article_id))
        metrics = await _fetch(connection, asked("article_metrics", article_id))
    fields = dict(found[0])
    return ArticleFound(
        fields=fields,
        skipped=tuple(json.loads(fields.pop("skipped"))),
        passages=tuple(map(dict, passages)),
        pledges=tuple(map(PledgeRow.from_record, pledges)),
        metrics=tuple(map(MetricRow.from_record, metrics)),
    )


async def marked_article(connection: Connection, article_id: str) -> MarkedArticle | None:
    """The article with its marks, all of one moment; None where there is none."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        found = await _fetch(connection, asked("one_article", article_id))
        if not found:
            return None
        passages = await _fetch(connection, asked("passages", article_id))
        marks = await _fetch(connection, asked("article_marks", article_id, article_id))
    fields = dict(found[0])
    skipped = tuple(json.loads(fields.pop("skipped")))
    return MarkedArticle(fields, skipped, tuple(map(dict, passages)), tuple(map(_mark, marks)))


def _mark(record: Any) -> Mark:
    key, kind, start, end, cue_start, cue_end, inherited = record
    parts = [] if cue_start is None else [(cue_start, cue_end)]
    if inherited is not None:
        parts += [(span["start"], span["end"]) for span in json.loads(inherited).values()]
    return Mark(key, kind, start, end, tuple(parts))


async def evidence(connection: Connection, article_id: str, key: str) -> Evidence | None:
    """One row of an article with what is said beside it; None where there is no such row."""
    letter, _, row_id = key.partition("-")
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        row: Row | None = await (pledge if letter == "p" else metric)(connection, row_id)
        if row is None or row.article_id != article_id or letter not in ("p", "m"):
            return None
        (found,) = await _fetch(connection, asked("one_article", article_id))
        others = await _fetch(connection, asked("overlapping", article_id, row.span_end, row.span_start, key))
        (beside,) = await _fetch(connection, asked("neighbours", article_id, article_id, key))
    return Evidence(row, dict(found), tuple((one["key"], one["quote"]) for one in others), *beside)


async def pledge(connection: Connection, pledge_id: str) -> PledgeRow | None:
    """The pledge with this id, or None."""
    found = await _fetch(connection, asked("one_pledge", pledge_id))
    return PledgeRow.from_record(found[0]) if found else None


async def metric(connection: Connection, metric_id: str) -> MetricRow | None:
    """The metric with this id, or None."""
    found = await _fetch(connection, asked("one_metric", metric_id))
    return MetricRow.from_record(found[0]) if found else None


async def promiser_pledges(
    connection: Connection, promiser: str
) -> tuple[Mapping[str, Any] | None, Found[PledgeRow]]:
    """What the view `promisers` says of one (None: nothing), and its pledges, the earliest due first."""
    summary = await _fetch(connection, asked("promiser_summary", promiser))
    found = await _fetch(connection, asked("promiser_pledges", promiser, MOST_ON_A_LINE + 1))
    rows = tuple(map(PledgeRow.from_record, found[:MOST_ON_A_LINE]))
    return (dict(summary[0]) if summary else None), Found(rows, len(found) > MOST_ON_A_LINE)


async def indicator_series(connection: Connection, indicator: str) -> Found[MetricRow]:
    """Every figure of one indicator, the earliest period first."""
    found = await _fetch(connection, asked("indicator_series", indicator, MOST_ON_A_LINE + 1))
    return Found(tuple(map(MetricRow.from_record, found[:MOST_ON_A_LINE])), len(found) > MOST_ON_A_LINE)


def _row(question: Question, record: Any) -> Row:
    row: Row = question.subject.row.from_record(record)  # type: ignore[assignment]
    return row


async def _fetch(connection: Connection, wanted: Asked) -> list[Any]:
    sql, values = wanted
    return await connection.fetch(sql, *values)

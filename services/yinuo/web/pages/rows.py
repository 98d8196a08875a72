"""The tables of pledges and metrics: search, facets, order, pages that can be linked to, CSV of what is seen."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from yinuo.errors import Misuse
from yinuo.storage import explorer
from yinuo.storage.questions import Question, day
from yinuo.storage.subjects import PLEDGES, Subject
from yinuo.web.links import Query
from yinuo.web.pages.rendering import rendered
from yinuo.web.state import WebState, state_of

MOST_VALUES = 50
"""Values of all filters together; more are no question of a person."""


LIGHTS: Mapping[str, tuple[str, ...]] = {
    "due": ("due_30", "due_90", "later", "past", "undated"),
    "silent": ("past", "due_30"),
    "targets": ("to_come", "past", "undated"),
}
"""The lights that a page offers besides what it shows at first."""
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Sort:
    """A column's head: where it leads, and how the rows stand now ("", ascending, descending)."""

    address: str
    now: str


def question_in(request: Request, subject: Subject, today: date) -> Question:
    """What an address asks. Misuse names the parameter that is wrong."""
    given = request.query_params
    known = {"q", "sort", "after", "lang", *subject.filters}
    if subject.dated:
        known |= {"due_from", "due_by"}
    if subject is PLEDGES:
        known.add("due")
    unknown = sorted(name for name in given if name not in known)
    if unknown:
        raise Misuse(f"{unknown[0][:40]!r} is no parameter here; there are {', '.join(sorted(known))}")
    if len(given.multi_items()) > MOST_VALUES:
        raise Misuse(f"more than {MOST_VALUES} parameters: ask for fewer")
    if any("\0" in value for _, value in given.multi_items()):
        raise Misuse("a parameter holds a NUL, which stands in no text")
    question = Question(
        subject=subject,
        today=today,
        words=given.get("q", "").strip(),
        chosen={name: _values(given, name) or subject.otherwise.get(name, ()) for name in subject.filters},
        due=_values(given, "due"),
        due_from=day("due_from", given.get("due_from", "")),
        due_by=day("due_by", given.get("due_by", "")),
        sort=given.get("sort", ""),
        after=given.get("after", ""),
    )
    # What is wrong is said before anything is asked, or begins to be sent.
    question.order, question.forms  # noqa: B018
    return question


def _values(given: QueryParams, name: str) -> tuple[str, ...]:
    return tuple(value for value in given.getlist(name) if value)


def table_of(subject: Subject) -> Handler:
    """The page with a table of these rows."""

    async def table(request: Request) -> Response:
        return await _table(request, subject)

    return table


def csv_of(subject: Subject) -> Handler:
    """The rows of the same question as CSV, all of them."""

    async def export(request: Request) -> Response:
        return await _csv(request, subject)

    return export


async def _table(request: Request, subject: Subject) -> Response:
    state = state_of(request)
    question = question_in(request, subject, state.today())
    (page, around), counted = await asyncio.gather(_rows(state, question), _facets(state, question))
    query = Query.of(request.url.path, request.query_params)
    values = {
        "subject": subject,
        "question": question,
        "page": page,
        "around": around,
        "facets": _offered(counted, question, subject),
        "counted": counted,
        "query": query,
        "sorts": {name: _sort(name, question, query) for name in subject.sorts},
        "lights": [
            ("", query.without("light", "sort")),
            *((light, _lit(query, light)) for light in LIGHTS[subject.name]),
        ]
        if subject.name in LIGHTS
        else [],
        "next": query.with_one("after", page.next_after) if page.next_after else "",
    }
    return rendered(request, "rows.html", values)


async def _rows(state: WebState, question: Question) -> tuple[explorer.RowsPage, list[tuple[str, str]]]:
    """The page, and for figures, which say little alone, what stands around them."""
    async with state.pool.reading() as connection:
        page = await explorer.rows_page(connection, question)
        return page, await explorer.around(connection, page.rows) if question.subject.figures else []


async def _facets(state: WebState, question: Question) -> explorer.Facets:
    async with state.pool.reading() as connection:
        return await explorer.count_facets(connection, question)


def _offered(
    counted: explorer.Facets, question: Question, subject: Subject
) -> list[tuple[str, list[tuple[str, int | None]]]]:
    """Facet → values with counts; one that is chosen is always there, so that it can be taken away."""
    names = [*subject.facet_names]
    if subject is PLEDGES:
        names.insert(2, "due")
    offered = []
    for name in names:
        values: list[tuple[str, int | None]] = [*counted.values.get(name, ())]
        chosen = question.due if name == "due" else question.chosen.get(name, ())
        there = {value for value, _ in values}
        values += [(value, None) for value in chosen if value not in there]
        if values:
            offered.append((name, values))
    return offered


def _lit(query: Query, light: str) -> str:
    """The address of one light's rows: what has gone by stands the latest first."""
    rest = Query(query.path, tuple(pair for pair in query.pairs if pair[0] not in ("light", "sort", "after")))
    lit = Query(query.path, (*rest.pairs, ("light", light)))
    return lit.with_one("sort", "-due") if light == "past" else lit.without()


def _sort(name: str, question: Question, query: Query) -> Sort:
    now, descending = question.order
    first = name if name in ("due", "promiser", "indicator", "firmness", "status") else f"-{name}"
    if name != now:
        return Sort(query.with_one("sort", first), "")
    opposite = name if descending else f"-{name}"
    return Sort(query.with_one("sort", opposite), "descending" if descending else "ascending")


async def _csv(request: Request, subject: Subject) -> Response:
    state = state_of(request)
    question = question_in(request, subject, state.today())
    head = {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": f'attachment; filename="{subject.name}.csv"',
    }
    return StreamingResponse(_csv_lines(state, question), headers=head)


async def _csv_lines(state: WebState, question: Question) -> AsyncIterator[str]:
    """A head and a record a row, a few hundred rows at a time, however many there are."""
    columns = question.subject.row.columns()
    yield records([list(columns)])
    async with state.pool.reading() as connection:
        waiting: list[list[str]] = []
        async for row in explorer.all_rows(connection, question):
            values = row.as_dict()
            waiting.append([cell(values[name]) for name in columns])
            if len(waiting) >= 200:
                yield records(waiting)
                waiting = []
        if waiting:
            yield records(waiting)


def records(rows: list[list[str]]) -> str:
    """Lines of CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def cell(value: Any) -> str:
    """A value; words that a spreadsheet would run as a formula get an apostrophe before them."""
    if isinstance(value, str):
        return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
    return "" if value is None else str(plain(value))


def plain(value: Any) -> Any:
    """A value as JSON or CSV holds it: days ISO 8601, numbers decimal strings, lists and objects JSON."""
    match value:
        case date() | datetime():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case list() | dict() | tuple():
            return json.dumps(value, ensure_ascii=False)
    return value


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the interface gives it."""
    return {name: value if isinstance(value, (list, dict)) else plain(value) for name, value in row.items()}

"""The lists of promisers, speakers and indicators: found by words, the most first or by name, CSV and JSON of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from yinuo.errors import Misuse
from yinuo.storage.name_lists import NameList, NamesQuestion, all_names, names_page
from yinuo.web.links import Query
from yinuo.web.pages.rendering import rendered
from yinuo.web.pages.rows import Handler, Sort, as_json, cell, records
from yinuo.web.state import WebState, state_of

PARAMETERS = ("q", "sort", "after", "lang")


def list_of(names: NameList) -> Handler:
    """The page."""

    async def page(request: Request) -> Response:
        question = _question(request, names)
        async with state_of(request).pool.reading() as connection:
            found = await names_page(connection, question)
        query = Query.of(request.url.path, request.query_params)
        by_name = question.order == "name"
        values = {
            "names": names,
            "question": question,
            "page": found,
            "query": query,
            "sorts": {
                "name": Sort(query.with_one("sort", "name"), "ascending" if by_name else ""),
                "rows": Sort(query.with_one("sort", ""), "" if by_name else "descending"),
            },
            "next": query.with_one("after", found.next_after) if found.next_after else "",
        }
        return rendered(request, "names.html", values)

    return page


def json_of(names: NameList) -> Handler:
    """The same as JSON."""

    async def page(request: Request) -> Response:
        question = _question(request, names)
        async with state_of(request).pool.reading() as connection:
            found = await names_page(connection, question)
        return JSONResponse({"rows": [as_json(row) for row in found.rows], "next": found.next_after or None})

    return page


def csv_of(names: NameList) -> Handler:
    """All of them as CSV."""

    async def export(request: Request) -> Response:
        head = {
            "content-type": "text/csv; charset=utf-8",
            "content-disposition": f'attachment; filename="{names.name}.csv"',
        }
        return StreamingResponse(_lines(state_of(request), _question(request, names)), headers=head)

    return export


async def _lines(state: WebState, question: NamesQuestion) -> AsyncIterator[str]:
    columns = question.names.columns
    yield records([list(columns)])
    async with state.pool.reading() as connection:
        async for row in all_names(connection, question):
            yield records([[cell(row[column]) for column in columns]])


def _question(request: Request, names: NameList) -> NamesQuestion:
    """What an address asks. Misuse names the parameter that is wrong."""
    given = request.query_params
    unknown = sorted(name for name in given if name not in PARAMETERS)
    if unknown:
        raise Misuse(f"{unknown[0][:40]!r} is no parameter here; there are {', '.join(PARAMETERS)}")
    if any("\0" in value for _, value in given.multi_items()):
        raise Misuse("a parameter holds a NUL, which stands in no text")
    question = NamesQuestion(
        names=names,
        words=given.get("q", "").strip(),
        sort=given.get("sort", ""),
        after=given.get("after", ""),
    )
    question.order, question.forms, question.place  # noqa: B018 (what is wrong is said before anything is sent)
    return question

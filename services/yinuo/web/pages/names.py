"""The pages of one promiser, of one indicator, and of the articles that hold some words."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from yinuo.storage import explorer
from yinuo.storage.explorer import MOST_ON_A_LINE
from yinuo.storage.found import Found
from yinuo.storage.queries import search as search_articles
from yinuo.storage.view_rows import SearchRow
from yinuo.web.pages.rendering import rendered
from yinuo.web.plots import due_line, series_of
from yinuo.web.state import state_of


async def promiser(request: Request) -> Response:
    """All pledges of one promiser, on a line by due day and as a table."""
    name, state = _name(request), state_of(request)
    async with state.pool.reading() as connection:
        summary, found = await explorer.promiser_pledges(connection, name)
    if summary is None:
        raise HTTPException(404)
    values = {
        "name": name,
        "summary": summary,
        "found": found,
        "line": due_line(found.rows, state.today()),
        "most": MOST_ON_A_LINE,
    }
    return rendered(request, "promiser.html", values)


async def indicator(request: Request) -> Response:
    """All figures of one indicator, targets beside results."""
    name = _name(request)
    async with state_of(request).pool.reading() as connection:
        found = await explorer.indicator_series(connection, name)
        around = await explorer.around(connection, found.rows)
    if not found.rows:
        raise HTTPException(404)
    values = {
        "name": name,
        "found": found,
        "series": series_of(found.rows),
        "around": around,
        "most": MOST_ON_A_LINE,
    }
    return rendered(request, "indicator.html", values)


async def search(request: Request) -> Response:
    """The articles that hold every word, the best first."""
    words = request.query_params.get("q", "").strip()
    if "\0" in words:
        raise HTTPException(404)
    found: Found[SearchRow] = Found((), False)
    if words:
        async with state_of(request).pool.reading() as connection:
            found = await search_articles(connection, words)
    return rendered(request, "search.html", {"words": words, "found": found})


def _name(request: Request) -> str:
    name = request.query_params.get("name", "")
    if not name or "\0" in name:
        raise HTTPException(404)
    return name

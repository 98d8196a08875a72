"""`GET /api/…`: pledges, metrics and articles as JSON; the OpenAPI document, and a page that shows it."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from yinuo.storage import explorer
from yinuo.storage.subjects import Subject
from yinuo.web.openapi import document
from yinuo.web.pages.rendering import rendered
from yinuo.web.pages.rows import Handler, as_json, question_in
from yinuo.web.state import state_of


def rows_of(subject: Subject) -> Handler:
    """A page of rows, the same question as the table's."""

    async def rows(request: Request) -> Response:
        return await _rows(request, subject)

    return rows


async def _rows(request: Request, subject: Subject) -> Response:
    state = state_of(request)
    question = question_in(request, subject, state.today())
    async with state.pool.reading() as connection:
        page = await explorer.rows_page(connection, question)
    rows = [as_json(row.as_dict()) for row in page.rows]
    return JSONResponse({"rows": rows, "next": page.next_after or None})


async def pledge(request: Request) -> Response:
    """One pledge."""
    async with state_of(request).pool.reading() as connection:
        return _one(await explorer.pledge(connection, _id(request)))


async def metric(request: Request) -> Response:
    """One metric."""
    async with state_of(request).pool.reading() as connection:
        return _one(await explorer.metric(connection, _id(request)))


async def article(request: Request) -> Response:
    """An article with everything read from it."""
    async with state_of(request).pool.reading() as connection:
        found = await explorer.article(connection, _id(request))
    if found is None:
        raise HTTPException(404)
    content: dict[str, Any] = {
        **as_json(found.fields),
        "passages": [as_json(one) for one in found.passages],
        "pledges": [as_json(row.as_dict()) for row in found.pledges],
        "metrics": [as_json(row.as_dict()) for row in found.metrics],
        "skipped": [dict(one) for one in found.skipped],
    }
    return JSONResponse(content)


async def openapi_json(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(document(state_of(request).settings))


async def openapi_page(request: Request) -> Response:
    """The document for people."""
    return rendered(request, "api.html", {"document": document(state_of(request).settings)})


def _id(request: Request) -> str:
    found: str = request.path_params.get("id") or request.query_params.get("id", "")
    if "\0" in found:
        raise HTTPException(404)
    return found


def _one(row: explorer.Row | None) -> Response:
    if row is None:
        raise HTTPException(404)
    return JSONResponse(as_json(row.as_dict()))

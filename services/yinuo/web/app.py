"""The web application: every address and what answers it, errors as pages or JSON, start and end.

Not for listening (`serve.py`). Whatever is wrong is said in the form the address speaks: JSON under /api and for
articles sent, a page elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from yinuo.errors import Misuse, Unavailable, YinuoError
from yinuo.runtime.settings import Settings
from yinuo.storage.name_lists import INDICATORS, PROMISERS, SPEAKERS
from yinuo.storage.pool import ReadingPool
from yinuo.storage.subjects import DUE, METRICS, PLEDGES, SILENT, TARGETS
from yinuo.web import api
from yinuo.web.broker import Broker
from yinuo.web.gateway import post_articles
from yinuo.web.measured import Measured
from yinuo.web.pages import article, dead, login, name_lists, names, overview, rows
from yinuo.web.pages.rendering import rendered
from yinuo.web.safety import Access, Guard
from yinuo.web.state import WebState, state_of

log = structlog.get_logger("yinuo.web")


def build_app(settings: Settings, access: Access, dsn: str) -> tuple[ASGIApp, WebState]:
    """The application behind its guard, and its state; it connects when it is asked, and lets go at its end."""
    state = WebState(settings, access, ReadingPool(dsn), Broker(settings), dsn)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(_warm(state))
        try:
            yield
        finally:
            warming.cancel()
            await state.broker.close()
            await state.pool.close()

    routes = _routes()
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(GZipMiddleware, minimum_size=1024)],
        exception_handlers={
            HTTPException: _http_error,
            Misuse: _misuse,
            Unavailable: _unavailable,
            Exception: _bug,
        },
    )
    app.state.web = state
    # Around everything, so that also the page of a bug carries the headers.
    return Measured(Guard(app, access), routes), state


async def _warm(state: WebState) -> None:
    """Ask for the first page's numbers before anybody does; whoever asks is told what is in the way."""
    with contextlib.suppress(YinuoError):
        await overview.numbers(state)


def _routes() -> list[Route | Mount]:
    return [
        Route("/", overview.overview),
        *(
            route
            for subject in (PLEDGES, METRICS, DUE, TARGETS, SILENT)
            for route in (
                Route(f"/{subject.name}", rows.table_of(subject)),
                Route(f"/{subject.name}.csv", rows.csv_of(subject)),
                Route(f"/api/{subject.name}", api.rows_of(subject)),
            )
        ),
        *(
            route
            for names_ in (PROMISERS, SPEAKERS, INDICATORS)
            for route in (
                Route(f"/{names_.name}", name_lists.list_of(names_)),
                Route(f"/{names_.name}.csv", name_lists.csv_of(names_)),
                Route(f"/api/{names_.name}", name_lists.json_of(names_)),
            )
        ),
        Route("/articles", post_articles, methods=["POST"]),
        Route("/articles/{article_id}", article.article),
        Route("/articles/{article_id}/rows/{row}", article.evidence),
        Route("/article", article.article),
        Route("/article/rows", article.evidence),
        Route("/search", names.search),
        Route("/promiser", names.promiser),
        Route("/indicator", names.indicator),
        Route("/dead", dead.dead_letters),
        Route("/dead/{identity:path}/replay", dead.replay, methods=["POST"]),
        Route("/dead/{identity:path}/ignore", dead.ignore, methods=["POST"]),
        Route("/dead/{identity:path}", dead.dead_letter),
        Route("/login", login.login, methods=["GET", "POST"]),
        Route("/api", api.openapi_page),
        Route("/openapi.json", api.openapi_json),
        Route("/api/pledges/{id}", api.pledge),
        Route("/api/metrics/{id}", api.metric),
        Route("/api/articles/{id}", api.article),
        Route("/api/articles", api.article),
        Route("/healthz", _healthz),
        Route("/readyz", _readyz),
        Mount("/static", StaticFiles(packages=[("yinuo.web", "static")])),
    ]


async def _healthz(_: Request) -> Response:
    return JSONResponse({"alive": True})


async def _readyz(request: Request) -> Response:
    reason = await unready(state_of(request))
    return JSONResponse({"ready": not reason, "reason": reason or "ready"}, 503 if reason else 200)


async def unready(state: WebState) -> str:
    """Why nothing can be read from the database now; "" when it can."""
    try:
        await state.pool.answers()
    except YinuoError as error:
        return str(error)
    return ""


def _speaks_json(request: Request) -> bool:
    path = request.url.path
    return (
        path.startswith("/api/")
        or path == "/openapi.json"
        or (path == "/articles" and request.method == "POST")
    )


def _said(request: Request, status: int, line: str, headers: dict[str, str] | None = None) -> Response:
    if _speaks_json(request):
        return JSONResponse({"error": line}, status, headers)
    response = rendered(request, "error.html", {"status": status, "line": line}, status=status)
    response.headers.update(headers or {})
    return response


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    line = "" if error.detail == phrase and not _speaks_json(request) else error.detail
    return _said(request, error.status_code, line, dict(error.headers or {}))


async def _misuse(request: Request, error: Exception) -> Response:
    return _said(request, 400, str(error))


async def _unavailable(request: Request, error: Exception) -> Response:
    return _said(request, 503, str(error), {"retry-after": "5"})


async def _bug(request: Request, error: Exception) -> Response:
    log.error("a page broke by a bug", path=request.url.path, reason=repr(error), exc_info=error)
    return _said(request, 500, "")

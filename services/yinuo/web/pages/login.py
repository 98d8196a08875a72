"""Where a person gives the token, once, and gets a session cookie for it."""

from __future__ import annotations

import asyncio
import hmac
import time
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from yinuo.web.gateway import bounded_body
from yinuo.web.pages.rendering import rendered
from yinuo.web.safety import COOKIE, SESSION_SECONDS, session_cookie
from yinuo.web.state import state_of

WRONG_SECONDS = 0.5
"""A wrong token is answered so late, so that guessing is slow."""


async def login(request: Request) -> Response:
    """The form; on a POST with the right token the cookie, and back to where one wanted to go."""
    token = state_of(request).access.token
    wanted = _inside(request.query_params.get("next", "/"))
    if token is None:
        return RedirectResponse(wanted, 303)
    if request.method != "POST":
        return rendered(request, "login.html", {"wrong": False, "next": wanted})
    form = parse_qs((await bounded_body(request, 4096)).decode("utf-8", "replace"))
    given = form.get("token", [""])[0].strip()
    if not hmac.compare_digest(given.encode(), token.encode()):
        await asyncio.sleep(WRONG_SECONDS)
        return rendered(request, "login.html", {"wrong": True, "next": wanted}, status=401)
    response = RedirectResponse(wanted, 303)
    response.set_cookie(
        COOKIE,
        session_cookie(token, time.time()),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.headers.get("origin", "").startswith("https://"),
    )
    return response


def _inside(path: str) -> str:
    """A path of this server; whatever leads elsewhere becomes the first page."""
    inside = (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
        and "\\" not in path
    )
    return path if inside else "/"

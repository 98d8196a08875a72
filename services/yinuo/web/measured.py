"""Counts and times what the server answers, by route and status, for /metrics on YINUO_HEALTH_BIND.

Not for deciding anything. Law: a label is a route's template or a closed word, never what somebody asked for.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yinuo.runtime import metrics

REFUSED, UNKNOWN = "refused", "none"
"""Turned away before any route was looked for; no such address."""
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class Measured:
    """Stands around everything. The router notes in the scope who answers; that names the route."""

    def __init__(self, app: ASGIApp, routes: Iterable[Route | Mount]) -> None:
        """Of two routes with one handler the first gives the name."""
        self._app = app
        self._names: dict[Any, str] = {}
        for route in routes:
            handler = route.app if isinstance(route, Mount) else route.endpoint
            self._names.setdefault(handler, route.path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = self._route(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"
            metrics.WEB_REQUESTS.labels(route=route, method=method, status=str(status)).inc()
            metrics.WEB_SECONDS.labels(route=route).observe(time.monotonic() - begun)

    def _route(self, scope: Mapping[str, Any]) -> str:
        if "router" not in scope:
            return REFUSED
        return self._names.get(scope.get("endpoint"), UNKNOWN)

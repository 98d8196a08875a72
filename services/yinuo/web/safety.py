"""Who may ask what of the web server: Host, Origin, token, session cookie; and the headers every answer carries.

Not for what is answered. Laws (each a test): a page of another site can neither read nor send anything, also not with
a form or `text/plain`; a name that somebody points at this machine is refused; an address that others can reach needs
a token; no script but ours runs, whatever stands in an article.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yinuo.runtime.settings import Settings
from yinuo.runtime.web_address import is_loopback, web_address

COOKIE = "yinuo_session"
SESSION_SECONDS = 12 * 3600
OPEN_PATHS = ("/healthz", "/readyz", "/login", "/static/")
"""What is answered without a token."""
READING = ("GET", "HEAD", "OPTIONS")

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one server. `hosts`: names it answers to; `loopback`: only this machine reaches it."""

    host: str
    port: int
    token: str | None
    hosts: frozenset[str]

    @property
    def loopback(self) -> bool:
        """Whether only programs on this machine reach it."""
        return is_loopback(self.host)

    def knows(self, name: str) -> bool:
        """Whether a Host header's name is ours. A number cannot be pointed here by somebody else's DNS."""
        name = name.lower().rstrip(".")
        if name == "localhost" or name in self.hosts or name == self.host.lower():
            return True
        try:
            address = ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return address.is_loopback or not self.loopback


def access_of(settings: Settings) -> Access:
    """The rules that the settings mean. Misuse: an address that others reach, and no token."""
    host, port = web_address(settings)
    token = settings.web_token.get_secret_value() if settings.web_token else None
    names = (name.strip().lower() for name in settings.web_hosts.split(","))
    return Access(host, port, token, frozenset(name for name in names if name))


def session_cookie(token: str, now: float) -> str:
    """A cookie's value that proves that its bearer knew the token, until SESSION_SECONDS from now."""
    expires = str(int(now) + SESSION_SECONDS)
    return f"{expires}.{_signature(token, expires)}"


def is_session(token: str, cookie: str, now: float) -> bool:
    """Whether the cookie is one of ours and still holds."""
    expires, _, signature = cookie.partition(".")
    if not expires.isascii() or not expires.isdecimal() or len(expires) > 12:
        return False
    return hmac.compare_digest(signature.encode(), _signature(token, expires).encode()) and now < int(expires)


def _signature(token: str, expires: str) -> str:
    return hmac.new(token.encode(), f"yinuo session {expires}".encode(), hashlib.sha256).hexdigest()


class Guard:
    """Stands before everything else: refuses, or lets in with `scope["state"]["privileged"]` said."""

    def __init__(self, app: ASGIApp, access: Access, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970."""
        self._app = app
        self._access = access
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _with_headers(send)
        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_our_host(headers):
            return _refused("this server is not known by that name: see YINUO_WEB_HOSTS")
        if _is_foreign(headers):
            return _refused("requests out of another site's pages are refused")
        scope.setdefault("state", {})["privileged"] = self._access.token is None and self._access.loopback
        if self._access.token is None or scope["path"].startswith(OPEN_PATHS):
            return None
        return self._without_token(scope, headers, self._access.token)

    def _is_our_host(self, headers: Headers) -> bool:
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return False
        try:
            name = urlsplit(f"//{hosts[0]}").hostname
        except ValueError:
            return False
        return name is not None and self._access.knows(name)

    def _without_token(self, scope: Scope, headers: Headers, token: str) -> Response | None:
        """None with the token or a session; else the way to get in."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
            scope["state"]["privileged"] = True
            return None
        if is_session(token, _cookie(headers), self._clock()):
            # A browser says where a form comes from; what does not say it has not come out of our pages.
            if scope["method"] not in READING and "origin" not in headers:
                return _refused("a session's requests that change something come from its own pages")
            scope["state"]["privileged"] = True
            return None
        if scope["method"] in READING and "text/html" in headers.get("accept", ""):
            wanted = Request(scope).url
            path = wanted.path + (f"?{wanted.query}" if wanted.query else "")
            return RedirectResponse("/login?" + urlencode({"next": path}), 303)
        return PlainTextResponse(
            "a token is needed: Authorization: Bearer …\n", 401, {"www-authenticate": 'Bearer realm="yinuo"'}
        )


def _is_foreign(headers: Headers) -> bool:
    """Whether a browser says that the request comes out of another site."""
    if (
        headers.get("sec-fetch-site") in ("cross-site", "same-site")
        and headers.get("sec-fetch-mode") != "navigate"
    ):
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    # Whatever is in front of us may speak TLS, so that the scheme alone may differ.
    host = headers.get("host", "")
    return origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}")


def _cookie(headers: Headers) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _refused(why: str) -> Response:
    return PlainTextResponse(f"{why}\n", 403)


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return with_headers

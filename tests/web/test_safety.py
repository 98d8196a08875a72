"""Laws of the server's door: Host, Origin, token, cookie, headers; nothing listens beyond this machine without a token."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from web import site as sites
from web.site import Site
from yinuo.errors import Misuse
from yinuo.runtime.settings import default_settings
from yinuo.web.safety import SESSION_SECONDS, access_of, is_session, session_cookie

TOKEN = "0123456789abcdef0123"
PAGES = (
    "/",
    "/pledges",
    "/metrics",
    "/search",
    "/dead",
    "/api",
    "/openapi.json",
    "/api/pledges",
    "/login",
    "/nope",
)


@pytest.fixture(scope="module")
def locked(stocked: str) -> Iterator[Site]:
    """The same with a token."""
    with sites.running(stocked, web_token=SecretStr(TOKEN)) as found:
        yield found


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8470", "127.0.0.1.evil.example", "", "10.0.0.7", "a@b:c"]
)
def test_an_unknown_host_is_refused(site: Site, host: str) -> None:
    connection_host = host or " "
    assert site.ask("/", host=connection_host).status in (400, 403)
    assert site.ask("/healthz", host=connection_host).status in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1", "[::1]:8470"])
def test_this_machine_by_its_own_names_is_let_in(site: Site, host: str) -> None:
    assert site.ask("/healthz", host=host).status == 200


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/articles", "text/plain"),
        ("/articles", "application/json"),
        ("/articles", None),
        ("/dead/c1:articles.raw:0:901/replay", "application/x-www-form-urlencoded"),
        ("/dead/c1:articles.raw:0:901/ignore", "text/plain"),
        ("/login", "application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
def test_a_foreign_origin_changes_nothing(
    site: Site, path: str, content_type: str | None, origin: str
) -> None:
    headers = {"Origin": origin} | ({"Content-Type": content_type} if content_type else {})
    assert site.ask(path, method="POST", headers=headers, body="霁川市将建学校。".encode()).status == 403


def test_a_foreign_site_reads_nothing(site: Site) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    ):
        assert site.ask("/api/pledges", headers=headers).status == 403
    linked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert site.ask("/", headers=linked).status == 200, "a link from elsewhere opens a page"


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_forbids_foreign_and_inline_script(site: Site, path: str) -> None:
    policy = site.ask(path).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert site.ask(path).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", [one for one in PAGES if one != "/login"])
def test_with_a_token_nothing_is_open_without_it(locked: Site, path: str) -> None:
    assert locked.ask(path).status == 401
    assert locked.ask(path, headers={"Authorization": "Bearer wrong-wrong-wrong"}).status == 401
    assert locked.ask(path, headers={"Cookie": "yinuo_session=1.2"}).status == 401
    assert locked.ask(path, headers={"Authorization": f"Bearer {TOKEN}"}).status in (200, 404)


def test_what_says_nothing_is_open_for_probes(locked: Site) -> None:
    assert locked.ask("/healthz").status == 200
    assert locked.ask("/readyz").status == 200


def test_a_person_logs_in_and_goes_on(locked: Site) -> None:
    html = {"Accept": "text/html"}
    sent = locked.ask("/pledges?topic=urban", headers=html)
    assert sent.status == 303
    login = sent.headers["location"]
    assert login == "/login?" + urlencode({"next": "/pledges?topic=urban"})
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": locked.address}
    assert locked.ask(login, method="POST", headers=form, body=b"token=wrong").status == 401
    done = locked.ask(login, method="POST", headers=form, body=urlencode({"token": TOKEN}).encode())
    assert (done.status, done.headers["location"]) == (303, "/pledges?topic=urban")
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    session = {"Cookie": cookie.partition(";")[0]}
    assert locked.ask("/pledges?topic=urban", headers=session).status == 200
    post = {**session, "Content-Type": "text/plain"}
    assert locked.ask("/articles", method="POST", headers=post, body=b"x").status == 403, (
        "no Origin with a session"
    )
    own = {**post, "Origin": locked.address}
    assert locked.ask("/articles", method="POST", headers=own, body="将建学校。".encode()).status == 503, (
        "no broker"
    )


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_login_leads_nowhere_else(locked: Site, target: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": locked.address}
    login = "/login?" + urlencode({"next": target})
    done = locked.ask(login, method="POST", headers=form, body=urlencode({"token": TOKEN}).encode())
    assert (done.status, done.headers["location"]) == (303, "/")


def test_a_session_ends_and_cannot_be_made_up() -> None:
    cookie = session_cookie(TOKEN, 1000)
    assert is_session(TOKEN, cookie, 1000)
    assert not is_session(TOKEN, cookie, 1000 + SESSION_SECONDS)
    assert not is_session("another-token-of-16", cookie, 1000)
    expires, _, signature = cookie.partition(".")
    assert not is_session(TOKEN, f"{int(expires) + 1}.{signature}", 1000)
    for wrong in ("", ".", "9" * 40 + "." + signature, f"١٢.{signature}", f"{expires}."):
        assert not is_session(TOKEN, wrong, 1000)


WITHOUT = [".".join("0000"), "192.0.2.7", "[" + "::" + "]", "example.org"]


@pytest.mark.parametrize("host", WITHOUT)
def test_an_address_that_others_reach_needs_a_token(host: str) -> None:
    with pytest.raises(Misuse, match="YINUO_WEB_TOKEN"):
        access_of(default_settings(web_bind=f"{host}:8470"))
    access = access_of(
        default_settings(web_bind=f"{host}:8470", web_token=SecretStr(TOKEN), web_hosts="Yinuo.example")
    )
    assert access.knows("yinuo.example")
    assert access.knows("203.0.113.9")
    assert not access.knows("evil.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.9.9.9"])
def test_loopback_needs_none(host: str) -> None:
    assert access_of(default_settings(web_bind=f"{host}:8470")).token is None


def test_no_way_out_of_the_static_folder(site: Site) -> None:
    for dots in ("../app.py", "..%2fapp.py", "%2e%2e/app.py", "....//app.py", "/etc/passwd"):
        assert site.ask(f"/static/{dots}").status == 404


def test_pages_load_nothing_from_elsewhere(site: Site) -> None:
    for path, mark in itertools.product(
        PAGES, ('src="http', "src='http", 'href="http://', "@import", "url(")
    ):
        assert mark not in site.ask(path).text
    assert "url(" not in site.ask("/static/yinuo.css").text

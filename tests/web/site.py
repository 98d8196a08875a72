"""A running web server for the tests, on a free port, over a database with read articles in it; and how it is asked."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import SecretStr

import servers
import yinuo
from yinuo.intake.files import read_inputs
from yinuo.runtime.settings import Settings, default_settings
from yinuo.runtime.web_address import listening
from yinuo.storage.incoming import IncomingExtraction
from yinuo.storage.store import Store
from yinuo.web.app import build_app
from yinuo.web.safety import access_of
from yinuo_schemas import Article, DeadLetter, SourcePosition
from yinuo_schemas.dead_letter import ErrorStage, ErrorType

SEEDS = Path(__file__).parents[2] / "seeds"
RECEIVED = datetime(2026, 5, 1, tzinfo=UTC)
HOSTILE = """<script>document.title = "broken"</script><img src=x onerror="document.title='broken'">
霁川市确保2027年底前建成12所学校。&amp; "quotes" '单引号' </article></main>"""
ODD_IDS = (
    ".",
    "..",
    "...",
    "%2e%2e",
    "%2F",
    "a%b",
    "?",
    "#",
    "a?b#c&d=e",
    "a+b",
    "\\",
    ";",
    "'\"<>",
    "rows",
    "年份：2026",
    "𠀀",
)
"""Names an article may have that an address must not stumble over."""
HOSTILE_TITLE = "</title><script>document.title='broken'</script><b onclick=alert(1)>标题"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """A server and its address."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.settings = settings
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
        host: str | None = None,
    ) -> Answer:
        """One request, its headers exactly as given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            given = {"Host": host or f"127.0.0.1:{self.port}", **(headers or {})}
            connection.request(method, path, body=body, headers=given)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def post(self, body: bytes, content_type: str | None = "application/json", query: str = "") -> Answer:
        """Articles to the gateway."""
        headers = {"Content-Type": content_type} if content_type else {}
        return self.ask(f"/articles{query}", method="POST", headers=headers, body=body)


@contextlib.contextmanager
def running(dsn: str, **changes: Any) -> Iterator[Site]:
    """A server over this database, in a thread of its own."""
    settings = default_settings(**{"web_bind": "127.0.0.1:0", "database_url": SecretStr(dsn), **changes})
    sock = listening(settings)
    app, _ = build_app(settings, access_of(settings), dsn)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield Site(settings, sock.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        sock.close()


def seeds() -> list[Article]:
    """The articles of seeds/."""
    return [one.article for one in read_inputs([str(SEEDS)]) if one.article is not None]


def hostile() -> Article:
    """An article that is HTML and script."""
    return Article(article_id="hostile<b>&\"'", text=HOSTILE, title=HOSTILE_TITLE, source="<i>source</i>")


def position(offset: int, topic: str = "articles.raw") -> SourcePosition:
    moment = RECEIVED + timedelta(seconds=offset)
    return SourcePosition(cluster="c1", topic=topic, partition=0, offset=offset, timestamp=moment)


def dead_letter(
    offset: int, *, value: bytes = b"\x00\xff<script>", topic: str = "articles.raw"
) -> DeadLetter:
    """A message that was refused."""
    return DeadLetter(
        key=b"some-key",
        value=value,
        headers=(("title", "题".encode()),),
        stage=ErrorStage.DECODE,
        type=ErrorType.BINARY,
        message="byte 0 is 0x00, which stands in no text: send the page's text, UTF-8 or GB18030",
        source=position(offset, topic),
        failed_at=RECEIVED,
        attempts=1,
    )


def stock(dsn: str, articles: Iterable[Article], dead: Iterable[DeadLetter] = ()) -> None:
    """Read the articles and store what was read."""
    incoming = [
        IncomingExtraction(yinuo.extract_article(article), position(number))
        for number, article in enumerate(articles)
    ]

    async def write() -> None:
        async with Store(dsn) as store:
            await store.write_batch(incoming, list(dead), [])

    servers.apart(write)

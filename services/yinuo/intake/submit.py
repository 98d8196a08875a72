"""Articles to `articles.raw`, as JSON, and what became of them. Not for reading files: that is `files.py`.

Law: an article counts as sent once the broker has acknowledged it, and as settled once Postgres says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from yinuo.errors import Misuse, YinuoError
from yinuo.pipeline import kafka
from yinuo.pipeline.messages import Outgoing
from yinuo.pipeline.sender import Sender
from yinuo.runtime.settings import Settings
from yinuo.storage.outcomes import OutcomeWatch, Submitted
from yinuo_schemas import Article, SourcePosition

RAW = "articles.raw"
T = TypeVar("T")
AT_ONCE = 200
"""Articles sent and not yet acknowledged; bounds the memory of a large folder."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One article under the name of its input: where it stands now, or why it was not sent."""

    name: str
    submitted: Submitted | None
    error: YinuoError | None


def article_message(article: Article) -> Outgoing:
    """The article as a raw message: JSON with every key, keyed by its id."""
    article = article.with_id()
    assert article.article_id is not None
    value = article.model_dump_json().encode()
    return Outgoing(RAW, article.article_id.encode(), value, (("content-type", b"application/json"),))


async def send_articles(settings: Settings, articles: Iterable[tuple[str, Article]]) -> AsyncIterator[Sent]:
    """Send all, in order, many at once; each is yielded when it is acknowledged. Unavailable when the broker is away."""
    cluster = await kafka.find_cluster(settings)
    if settings.kafka_create_topics:
        await kafka.ensure_topics(settings, (RAW,))
    async with Sender(settings) as sender:
        waiting: deque[asyncio.Task[Sent]] = deque()
        iterator = iter(articles)
        upcoming: asyncio.Future[tuple[tuple[str, Article]] | None] | None = _fetching(iterator)
        try:
            while upcoming is not None or waiting:
                if await _first_is_done(waiting, upcoming):
                    yield waiting.popleft().result()
                    continue
                assert upcoming is not None
                item = upcoming.result()
                if item is None:
                    upcoming = None
                    continue
                waiting.append(asyncio.ensure_future(_sent(sender, cluster.cluster_id, *item[0])))
                upcoming = _fetching(iterator)
        finally:
            for task in waiting:
                task.cancel()


async def _first_is_done(
    waiting: deque[asyncio.Task[Sent]], upcoming: asyncio.Future[tuple[T] | None] | None
) -> bool:
    """Back when the first article is acknowledged (True), or when the next has arrived and may be sent (False)."""
    awaited: set[asyncio.Future[Any]] = {waiting[0]} if waiting else set()
    if upcoming is not None and len(waiting) < AT_ONCE:
        awaited.add(upcoming)
    await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
    return bool(waiting) and waiting[0].done()


def _fetching(iterator: Iterator[T]) -> asyncio.Future[tuple[T] | None]:
    """The next item, None at the end; fetched beside the event loop, since a pipe may be slow to speak.

    In a daemon thread, not the loop's executor: whoever presses Ctrl-C is not kept waiting for the pipe.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[tuple[T] | None] = loop.create_future()
    threading.Thread(target=_fetch, args=(iterator, arrived, loop), daemon=True).start()
    return arrived


def _fetch(
    iterator: Iterator[T], arrived: asyncio.Future[tuple[T] | None], loop: asyncio.AbstractEventLoop
) -> None:
    """The next item to who waits for it; None at the end."""
    item, failure = None, None
    try:
        item = next(((item,) for item in iterator), None)
    except BaseException as error:  # noqa: BLE001 (raised again where the item is waited for)
        failure = error
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_hand_over, arrived, item, failure)


def _hand_over(
    arrived: asyncio.Future[tuple[T] | None], item: tuple[T] | None, failure: BaseException | None
) -> None:
    if arrived.cancelled():
        return
    if failure is None:
        arrived.set_result(item)
    else:
        arrived.set_exception(failure)


async def _sent(sender: Sender, cluster_id: str, name: str, article: Article) -> Sent:
    article = article.with_id()
    assert article.article_id is not None
    try:
        record = await sender.send(article_message(article))
    except kafka.TooLarge as error:
        return Sent(name, None, Misuse(f"the broker refuses it for its size ({error}): split it"))
    moment = datetime.fromtimestamp((record.timestamp or 0) / 1000, UTC)
    position = SourcePosition(
        cluster=cluster_id,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=moment,
    )
    return Sent(name, Submitted(article.article_id, article.revision, article.content_hash(), position), None)


async def submit(
    settings: Settings,
    articles: Iterable[tuple[str, Article]],
    *,
    on_sent: Callable[[Sent], None],
    on_settled: Callable[[str, str], None],
    dsn: str | None,
    timeout_seconds: float,
) -> int:
    """Send all articles; with a `dsn`, wait until Postgres holds each. How many were still open at the timeout.

    `on_settled` gets the input's name and its state (new, changed, unchanged, older, dead). The timeout counts
    from the last acknowledgement.
    """
    if dsn is None:
        async for sent in send_articles(settings, articles):
            on_sent(sent)
        return 0
    names: dict[str, str] = {}
    async with OutcomeWatch(dsn) as watch:
        async for sent in send_articles(settings, articles):
            on_sent(sent)
            if sent.submitted is not None:
                names[sent.submitted.source.identity] = sent.name
                watch.expect(sent.submitted)
        end = time.monotonic() + timeout_seconds
        while watch.pending or names:
            left = end - time.monotonic()
            if left <= 0:
                break
            for submitted, state in await watch.next_outcomes(left):
                on_settled(names.pop(submitted.source.identity), state.value)
    return len(names)

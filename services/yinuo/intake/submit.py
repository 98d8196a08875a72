"""Articles to `articles.raw`, as JSON, and what became of them. Not for reading files: that is `files.py`.

Law: an article counts as sent once the broker has acknowledged it, and as settled once Postgres says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

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
        waiting: list[asyncio.Task[Sent]] = []
        async for name, article in _read_aside(articles):
            waiting.append(asyncio.ensure_future(_sent(sender, cluster.cluster_id, name, article)))
            if len(waiting) >= AT_ONCE:
                yield await waiting.pop(0)
        for task in waiting:
            yield await task


async def _read_aside(items: Iterable[T]) -> AsyncIterator[T]:
    """The items, each fetched beside the event loop: a pipe that is slow to speak holds up nothing that was read.

    Daemon threads, not the loop's executor: whoever presses Ctrl-C is not kept waiting for the pipe.
    """
    iterator = iter(items)
    loop = asyncio.get_running_loop()
    while True:
        arrived: asyncio.Future[tuple[T] | None] = loop.create_future()
        threading.Thread(target=_fetch, args=(iterator, arrived, loop), daemon=True).start()
        item = await arrived
        if item is None:
            return
        yield item[0]


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

"""One batch of consumed messages into Postgres, to the end: stored, or dead-lettered one by one.

Not for consuming. Laws: offsets are written last, after everything before them is stored or acknowledged as a dead
letter; a fault of the database is waited for; one bad row never keeps its neighbours out; so many of them that a
release must be at fault are no dead letters (`refusals.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from yinuo.errors import BadInput, Unavailable
from yinuo.pipeline.consumed import NewerSchema, keeping_source, read_dead_letter, read_extraction, unreadable
from yinuo.pipeline.handle import dead_letter
from yinuo.pipeline.messages import RawMessage, dead_letter_message
from yinuo.pipeline.patience import Patience
from yinuo.pipeline.refusals import RefusalWatch
from yinuo.pipeline.sender import Sender
from yinuo.runtime import metrics
from yinuo.storage.faults import RowRefused
from yinuo.storage.incoming import BatchOutcome, ConsumedOffset, IncomingExtraction, UnreadableDeadLetter
from yinuo.storage.store import Store
from yinuo_schemas import DeadLetter
from yinuo_schemas.dead_letter import ErrorStage, ErrorType

ANSWER_SECONDS = 60.0

log = structlog.get_logger("yinuo.writer")

T = TypeVar("T")
Content = IncomingExtraction | DeadLetter | UnreadableDeadLetter


@dataclass(frozen=True, slots=True)
class Item:
    """A message and what it holds."""

    raw: RawMessage
    content: Content


@dataclass(frozen=True, slots=True)
class Read:
    """A batch after reading: what to store, what is bad, and where a newer schema begins in a partition."""

    items: tuple[Item, ...]
    bad: tuple[tuple[RawMessage, BadInput], ...]
    newer: Mapping[tuple[str, int], tuple[int, str]]


def read_all(messages: Sequence[RawMessage], dead_topic: str) -> Read:
    """Read a batch; a partition is read up to the first message of a newer major schema."""
    items: list[Item] = []
    bad: list[tuple[RawMessage, BadInput]] = []
    newer: dict[tuple[str, int], tuple[int, str]] = {}
    for raw in messages:
        partition = raw.source.topic, raw.source.partition
        if partition in newer:
            continue
        try:
            content = read_dead_letter(raw) if raw.source.topic == dead_topic else read_extraction(raw)
            items.append(Item(raw, content))
        except BadInput as error:
            bad.append((raw, error))
        except NewerSchema as error:
            newer[partition] = raw.source.offset, str(error)
    return Read(tuple(items), tuple(bad), newer)


class BatchWriter:
    """Writes what was read; may be cancelled at any moment, and given the same again."""

    def __init__(self, store: Store, sender: Sender, refusals: RefusalWatch) -> None:
        """Uses both servers' connections, closes neither."""
        self.patience = Patience("postgres")
        self._store = store
        self._sender = sender
        self._refusals = refusals

    async def stored_offsets(self, cluster: str, group: str) -> dict[tuple[str, int], int]:
        """(topic, partition) → where the group goes on there, however long it takes until the database says it."""
        return await self._until_answered(lambda: self._store.stored_offsets(cluster, group))

    async def write(
        self, read: Read, offsets: Sequence[ConsumedOffset], known: Sequence[ConsumedOffset] = ()
    ) -> None:
        """Back when the whole batch is stored or dead-lettered, and the offsets with it.

        Rewound when the database does not hold the offsets that are `known` to be stored; BadRelease when it refuses
        too many.
        """
        for raw, error in read.bad:
            await self._bury(raw, error)
        try:
            await self._stored(read.items, offsets, known)
        except RowRefused as error:
            refused = await self._refused(read.items, error)
            self._judge(read.items, refused)
            for item, reason in refused:
                await self._set_aside(item, reason)
            await self._stored((), offsets, known)
        else:
            self._judge(read.items, ())

    async def _refused(self, items: Sequence[Item], error: RowRefused) -> list[tuple[Item, str]]:
        """Of items that were refused together: those that are refused alone, and why. The others are stored."""
        if len(items) == 1:
            return [(items[0], str(error))]
        middle = len(items) // 2
        found: list[tuple[Item, str]] = []
        for half in (items[:middle], items[middle:]):
            try:
                await self._stored(half)
            except RowRefused as error_of_half:
                found += await self._refused(half, error_of_half)
        return found

    def _judge(self, items: Sequence[Item], refused: Sequence[tuple[Item, str]]) -> None:
        bad = {item.raw.source.identity for item, _ in refused}
        extractions = [item for item in items if isinstance(item.content, IncomingExtraction)]
        outcomes = [(item.raw.source.identity, item.raw.source.identity in bad) for item in extractions]
        self._refusals.judge(outcomes, refused[0][1] if refused else "")

    async def _set_aside(self, item: Item, reason: str) -> None:
        if isinstance(item.content, IncomingExtraction):
            await self._bury(item.raw, BadInput(ErrorStage.WRITE, ErrorType.DB_DATA, reason))
        else:
            await self._stored((Item(item.raw, unreadable(item.raw, reason)),))

    async def _bury(self, raw: RawMessage, error: BadInput) -> None:
        metrics.DEAD_LETTERS.labels(stage=error.stage.value, type=error.error_type.value).inc()
        log.warning("dead letter", position=raw.source.identity, type=error.error_type, reason=str(error))
        letter = dead_letter(
            keeping_source(raw), error.stage, error.error_type, str(error), datetime.now(UTC)
        )
        await self._sender.deliver(dead_letter_message(letter))

    async def _stored(
        self,
        items: Sequence[Item],
        offsets: Sequence[ConsumedOffset] = (),
        known: Sequence[ConsumedOffset] = (),
    ) -> None:
        """One transaction, tried until the database is there; RowRefused and Rewound rise."""
        contents = [item.content for item in items]
        extractions = [content for content in contents if isinstance(content, IncomingExtraction)]
        started = time.monotonic()
        letters = [content for content in contents if not isinstance(content, IncomingExtraction)]

        outcome = await self._until_answered(
            lambda: self._store.write_batch(extractions, letters, offsets, known)
        )
        _count(outcome, extractions, time.monotonic() - started)

    async def _until_answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The database's answer, asked for again when it is away or says nothing at all."""

        async def attempt() -> T:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await ask()
            except TimeoutError:
                raise Unavailable(f"Postgres did not answer within {ANSWER_SECONDS:g} s") from None

        return await self.patience.until_done(attempt)


def _count(outcome: BatchOutcome, extractions: Sequence[IncomingExtraction], seconds: float) -> None:
    metrics.BATCHES_WRITTEN.inc()
    metrics.WRITE_SECONDS.observe(seconds)
    metrics.BATCH_ARTICLES.observe(len(extractions))
    for article in outcome.articles:
        metrics.ARTICLES_WRITTEN.labels(state=article.state.value).inc()
    metrics.ARTICLES_WRITTEN.labels(state="dead").inc(outcome.dead_letters_stored)
    now = time.time()
    for extraction in extractions:
        metrics.END_TO_END_SECONDS.observe(max(0.0, now - extraction.source.timestamp.timestamp()))

"""Sends messages and returns only when the broker has them.

Not for deciding what is sent. Law: `deliver` never gives up and never lies: it comes back when the message stands in
its topic, and until then it says what keeps it from being sent, again and again.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from types import TracebackType

import stamina
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from yinuo.errors import Unavailable
from yinuo.pipeline import kafka
from yinuo.pipeline.messages import Outgoing
from yinuo.runtime.settings import Settings

LONGEST_PAUSE_SECONDS = 5.0
FLUSH_SECONDS = 10.0

log = structlog.get_logger("yinuo.sender")


class Sender:
    """A connection that sends; as a context manager it connects (Unavailable when it cannot) and flushes at the end."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self.failing: str | None = None
        """Why the last attempt failed, while nothing has come through since."""

    async def __aenter__(self) -> Sender:
        """Connect."""
        producer = kafka.producer(self._settings)
        try:
            with kafka.kafka_faults(self._settings):
                await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let what is under way arrive, within reason, and disconnect."""
        assert self._producer is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._producer.stop()

    async def send(self, message: Outgoing) -> RecordMetadata:
        """Send once; back when all replicas have it. Unavailable for a fault, TooLarge for what is never taken."""
        try:
            with kafka.kafka_faults(self._settings):
                metadata = await self._send(message)
        except (Unavailable, kafka.TooLarge) as error:
            self._note(message.topic, str(error))
            raise
        self._note(message.topic, None)
        return metadata

    async def deliver(self, message: Outgoing, *, refusable: bool = False) -> RecordMetadata:
        """Send until the broker has it, however long that takes; what is `refusable` may raise TooLarge."""
        faults: tuple[type[Exception], ...] = (Unavailable,) if refusable else (Unavailable, kafka.TooLarge)
        async for attempt in stamina.retry_context(
            on=faults, attempts=None, timeout=None, wait_initial=0.2, wait_max=LONGEST_PAUSE_SECONDS
        ):
            with attempt:
                return await self.send(message)
        raise AssertionError("retrying has no end")

    def _note(self, topic: str, failing: str | None) -> None:
        if failing is None and self.failing is not None:
            log.info("sending works again", topic=topic)
        elif failing is not None and failing != self.failing:
            log.error("cannot send; waiting and trying again", topic=topic, reason=failing)
        self.failing = failing

    async def _send(self, message: Outgoing) -> RecordMetadata:
        assert self._producer is not None
        topic = kafka.topic_name(self._settings, message.topic)
        headers = list(message.headers)
        if message.key is None and message.value is None:
            return await self._send_nothing(topic, headers)
        acknowledged = await self._producer.send(topic, key=message.key, value=message.value, headers=headers)
        return await acknowledged

    async def _send_nothing(self, topic: str, headers: list[tuple[str, bytes | None]]) -> RecordMetadata:
        """A message without key and value: the library's `send` refuses one, Kafka does not."""
        assert self._producer is not None
        partitions = sorted(await self._producer.partitions_for(topic))
        batch = self._producer.create_batch()
        batch.append(key=None, value=None, timestamp=None, headers=headers)
        batch.close()
        acknowledged = await self._producer.send_batch(
            batch,
            topic,
            partition=random.choice(partitions),  # noqa: S311 (any partition will do)
        )
        return await acknowledged

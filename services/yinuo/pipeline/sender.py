"""Sends messages and returns only when the broker has them.

Not for deciding what is sent. Law: `deliver` never gives up and never lies: it comes back when the message stands in
its topic, and until then it says what keeps it from being sent, again and again.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from types import TracebackType

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from yinuo.errors import Unavailable
from yinuo.pipeline import kafka
from yinuo.pipeline.messages import Outgoing
from yinuo.pipeline.patience import Patience
from yinuo.runtime.settings import Settings

FLUSH_SECONDS = 2.0


class Sender:
    """A connection that sends; as a context manager it connects (Unavailable when it cannot) and flushes at the end."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self.patience = Patience("kafka")

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
        with kafka.kafka_faults(self._settings):
            return await self._send(message)

    async def deliver(self, message: Outgoing, *, refusable: bool = False) -> RecordMetadata:
        """Send until the broker has it, however long that takes; what is `refusable` may raise TooLarge."""

        async def attempt() -> RecordMetadata:
            try:
                return await self.send(message)
            except kafka.TooLarge as error:
                if refusable:
                    raise
                limit = f"{message.topic} refuses a message for its size ({error})"
                raise Unavailable(
                    f"{limit}: raise its max.message.bytes to {kafka.LARGEST_MESSAGE}"
                ) from error

        return await self.patience.until_done(attempt)

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

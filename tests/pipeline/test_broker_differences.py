"""Where the embedded broker does other than Apache Kafka: what yinuo therefore does not rely on.

Strict expected failures: one that passes is a difference that has gone, and what works around it can go too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

import servers


def embedded_differs(reason: str) -> pytest.MarkDecorator:
    """Both brokers, of which the embedded one is known to fail."""
    failing = pytest.param("embedded", marks=pytest.mark.xfail(reason=reason, strict=True))
    return pytest.mark.parametrize("broker", ["apache", failing], indirect=True)


@asynccontextmanager
async def topic_with_messages(
    broker: servers.Broker, topic: str, count: int
) -> AsyncIterator[AIOKafkaProducer]:
    """A topic of two partitions with so many messages in each, and the producer that sent them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 2, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, request_timeout_ms=3000) as producer:
        for number in range(2 * count):
            await producer.send_and_wait(topic, b"x", partition=number % 2)
        yield producer


@embedded_differs("it takes a message for a topic that it does not know, and drops it")
async def test_a_message_to_a_topic_that_is_gone_is_refused(
    broker: servers.Broker, topic_prefix: str
) -> None:
    topic = topic_prefix + "gone"
    async with topic_with_messages(broker, topic, 1) as producer:
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
        await admin.start()
        await admin.delete_topics([topic])
        await admin.close()
        with pytest.raises(KafkaError):
            await producer.send_and_wait(topic, b"x", partition=0)


@embedded_differs("it has no idempotent producers")
async def test_an_idempotent_producer(broker: servers.Broker, topic_prefix: str) -> None:
    topic = topic_prefix + "idempotent"
    async with topic_with_messages(broker, topic, 1), asyncio.timeout(10):
        producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True)
        try:
            await producer.start()
            assert (await producer.send_and_wait(topic, b"x", partition=0)).offset == 1
        finally:
            await asyncio.wait_for(producer.stop(), 5)

"""Kafka with SCRAM over TLS: each service does its work with its own user, and what it need not do is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from pydantic import SecretStr

from pipeline.stage import Service, until
from yinuo.errors import Unavailable
from yinuo.pipeline import kafka
from yinuo.pipeline.membership import Membership
from yinuo.pipeline.messages import DEAD, EXTRACTED, RAW
from yinuo.pipeline.patience import Patience
from yinuo.runtime.settings import Settings, as_environment

from .conftest import SecureKafka

TEXT = "滨河县2026年将新建改造农村公路35公里。".encode()


async def write(settings: Settings, topic: str) -> None:
    async with AIOKafkaProducer(**kafka.client_options(settings)) as producer:
        await producer.send_and_wait(kafka.topic_name(settings, topic), TEXT, key=b"k")


async def read(settings: Settings, topic: str, group: str | None = None) -> None:
    named = {"group_id": kafka.group_name(settings, group)} if group else {}
    consumer = AIOKafkaConsumer(**kafka.client_options(settings), **named, auto_offset_reset="earliest")
    await consumer.start()
    try:
        if kafka.topic_name(settings, topic) not in await consumer.topics():
            # Who may do nothing with a topic is not even told that it is there.
            raise TopicAuthorizationFailedError(topic)
        if group:
            consumer.subscribe([kafka.topic_name(settings, topic)])
        else:
            from aiokafka import TopicPartition

            at = TopicPartition(kafka.topic_name(settings, topic), 0)
            consumer.assign([at])
            await consumer.seek_to_beginning(at)
        async with asyncio.timeout(20):
            await consumer.getmany(timeout_ms=2000)
            await consumer.getmany(timeout_ms=2000)
    finally:
        with suppress(Exception):
            await consumer.stop()


ALLOWED = [
    ("yinuo-sender", write, RAW), ("yinuo-operator", write, RAW),
    ("yinuo-extractor", write, EXTRACTED), ("yinuo-extractor", write, DEAD), ("yinuo-extractor", read, RAW),
    ("yinuo-writer", write, DEAD), ("yinuo-writer", read, EXTRACTED), ("yinuo-writer", read, DEAD),
]  # fmt: skip
DENIED = [
    ("yinuo-extractor", write, RAW), ("yinuo-extractor", read, EXTRACTED), ("yinuo-extractor", read, DEAD),
    ("yinuo-writer", write, EXTRACTED), ("yinuo-writer", write, RAW), ("yinuo-writer", read, RAW),
    ("yinuo-sender", write, EXTRACTED), ("yinuo-sender", write, DEAD), ("yinuo-sender", read, RAW),
    ("yinuo-operator", read, RAW), ("yinuo-operator", read, DEAD), ("yinuo-operator", write, DEAD),
]  # fmt: skip
Act = Callable[[Settings, str], Awaitable[None]]


def _name(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize(("user", "act", "topic"), ALLOWED, ids=_name)
async def test_what_a_user_may(secure_kafka: SecureKafka, user: str, act: Act, topic: str) -> None:
    await act(secure_kafka.settings(user), topic)


@pytest.mark.parametrize(("user", "act", "topic"), DENIED, ids=_name)
async def test_what_a_user_may_not(secure_kafka: SecureKafka, user: str, act: Act, topic: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await act(secure_kafka.settings(user), topic)


@pytest.mark.parametrize(
    ("user", "topic", "group"),
    [
        ("yinuo-extractor", RAW, kafka.WRITER_GROUP),
        ("yinuo-writer", EXTRACTED, kafka.EXTRACTOR_GROUP),
        ("yinuo-writer", EXTRACTED, "another"),
    ],
)
async def test_no_user_joins_a_foreign_group(
    secure_kafka: SecureKafka, user: str, topic: str, group: str
) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await read(secure_kafka.settings(user), topic, group)


@pytest.mark.parametrize(
    ("user", "group"), [("yinuo-extractor", kafka.EXTRACTOR_GROUP), ("yinuo-writer", kafka.WRITER_GROUP)]
)
async def test_a_service_may_ask_who_has_its_name_in_its_own_group_alone(
    secure_kafka: SecureKafka, user: str, group: str
) -> None:
    settings = secure_kafka.settings(user, kafka_group_instance_id="worker-0")
    own = Membership(settings, group, lambda: None, Patience("kafka"))
    own.joined()
    await own.before_joining_again()  # waits until a new cluster can say
    (other,) = {kafka.EXTRACTOR_GROUP, kafka.WRITER_GROUP} - {group}
    with pytest.raises(Unavailable, match="GroupAuthorizationFailedError"):
        await Membership(settings, other, lambda: None, Patience("kafka"))._check()


@pytest.mark.parametrize("user", ["yinuo-extractor", "yinuo-writer", "yinuo-sender", "yinuo-operator"])
async def test_no_user_makes_or_deletes_topics(secure_kafka: SecureKafka, user: str) -> None:
    settings = secure_kafka.settings(user)
    client = AIOKafkaAdminClient(**kafka.client_options(settings))
    await client.start()
    try:
        made = await client.create_topics([NewTopic(f"{secure_kafka.prefix}mine", 1, 1)])
        assert [code for _, code, *_ in made.topic_errors] == [TopicAuthorizationFailedError.errno]
        gone = await client.delete_topics([secure_kafka.prefix + RAW])
        assert [code for _, code, *_ in gone.topic_error_codes] == [TopicAuthorizationFailedError.errno]
    finally:
        await client.close()


REFUSED: dict[str, Callable[[SecureKafka], dict[str, Any]]] = {
    "wrong password": lambda _: {"kafka_sasl_password": SecretStr("canary-4f1c-wrong")},
    "unknown user": lambda _: {"kafka_sasl_username": "nobody"},
    "another authority": lambda secure: {"kafka_ssl_cafile": secure.authority.stranger},
    "the system's authorities": lambda _: {"kafka_ssl_cafile": None},
    "another host name": lambda secure: {"kafka_url": f"localhost:{secure.port}"},
    "plaintext": lambda _: {"kafka_security_protocol": "PLAINTEXT"},
    "no TLS": lambda _: {"kafka_security_protocol": "SASL_PLAINTEXT"},
    "TLS without a user": lambda _: {"kafka_security_protocol": "SSL"},
}


@pytest.mark.parametrize("what", REFUSED)
async def test_who_is_not_let_in_gets_one_clear_line(secure_kafka: SecureKafka, what: str) -> None:
    settings = secure_kafka.settings("yinuo-writer", **REFUSED[what](secure_kafka))
    with pytest.raises(Unavailable) as refused:
        async with asyncio.timeout(60):
            await kafka.find_cluster(settings)
    line = str(refused.value)
    assert "\n" not in line
    assert settings.kafka_url in line  # type: ignore[operator]
    assert "user or certificate" in line
    assert "canary" not in line
    assert secure_kafka.password("yinuo-writer") not in line


@pytest.fixture
async def services(
    secure_kafka: SecureKafka, database: str, server_folder: Path
) -> AsyncIterator[dict[str, Service]]:
    started = {
        name: Service(name, environment(secure_kafka, name, database), server_folder)
        for name in ("extractor", "writer")
    }
    yield started
    for service in started.values():
        service.process.terminate()
    for service in started.values():
        await service.ended()


def environment(secure: SecureKafka, name: str, database: str) -> dict[str, str]:
    settings = secure.settings(f"yinuo-{name}", database_url=SecretStr(database), log_level="DEBUG")
    return as_environment(settings)


def command_line_of(service: Service) -> str:
    return Path(f"/proc/{service.process.pid}/cmdline").read_bytes().decode()


async def test_the_whole_path_with_least_rights(
    secure_kafka: SecureKafka, services: dict[str, Service], database: str
) -> None:
    """Article in, row and dead letter out; and no password in any log line, command line or probe."""
    for service in services.values():
        await service.ready()
    sender = secure_kafka.settings("yinuo-sender")
    async with AIOKafkaProducer(**kafka.client_options(sender)) as producer:
        topic = kafka.topic_name(sender, RAW)
        await producer.send_and_wait(topic, TEXT, key=b"whole")
        await producer.send_and_wait(topic, b"\x00\x01", key=b"dead")
    connection = await asyncpg.connect(database)

    async def stored() -> bool:
        count = "SELECT (SELECT count(*) FROM yinuo.{} WHERE article_id = $1)"
        rows = [
            await connection.fetchval(count.format(table), key)
            for table, key in (("articles", "whole"), ("dead_letters", "dead"))
        ]
        return all(rows)

    await until(stored)
    await connection.close()
    passwords = [secure_kafka.password(f"yinuo-{name}") for name in services]
    for service in services.values():
        command_line = command_line_of(service)
        seen = service.log + command_line + "".join(map(service.ask, ("/healthz", "/readyz", "/metrics")))
        assert service.log
        assert not [password for password in passwords if password in seen]

"""Two workers under one YINUO_KAFKA_GROUP_INSTANCE_ID, on Apache Kafka (the embedded broker's services have no names).

Law: exactly one goes on, the other ends as after bad use; nothing is lost or doubled; who starts again under its own
name, also after kill -9, is never refused.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

import servers
from pipeline.stage import START, Service, Stage, article, until
from yinuo_schemas import SourcePosition

NAME = {"YINUO_KAFKA_GROUP_INSTANCE_ID": "worker-0"}
SERVICES = ("extractor", "writer")
TAKES_IT_BACK = """
from yinuo.pipeline.membership import Membership

async def never(self):
    pass

Membership._check = never
"""
"""Put before a service's program: it asks nobody who has its name."""
JOINS_SLOWLY = """
import asyncio
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance

ask = CoordinatorGroupRebalance._send_sync_group_request

async def late(self, request):
    await asyncio.sleep(2)
    return await ask(self, request)

CoordinatorGroupRebalance._send_sync_group_request = late
"""
"""Put before a service's program: it is a member for a while before it has partitions."""


@pytest.fixture
def broker(apache_broker: servers.Broker) -> Iterator[servers.Broker]:
    yield apache_broker


async def test_of_two_with_one_name_one_goes_on_and_one_says_why_it_ends(stage: Stage) -> None:
    first = {name: stage.start(name, **NAME) for name in SERVICES}
    for service in first.values():
        await service.ready()
    await _send(stage, range(40))
    second = {name: stage.start(name, **NAME) for name in SERVICES}
    await _send(stage, range(40, 160))
    for name in SERVICES:
        await _refused(first[name])
        await second[name].ready()
    await stage.once_each(160)
    assert [service.process.poll() for service in second.values()] == [None, None]


async def test_both_at_once_leave_one(stage: Stage) -> None:
    pairs = [
        [stage.start(name, program=program, **NAME) for program in (JOINS_SLOWLY + START, START)]
        for name in SERVICES
    ]
    await _send(stage, range(100))
    for pair in pairs:
        await asyncio.wait(
            [asyncio.ensure_future(service.ended()) for service in pair], return_when=asyncio.FIRST_COMPLETED
        )
        (ended,) = [service for service in pair if service.process.poll() is not None]
        await _refused(ended)
    await stage.once_each(100)
    assert [sum(one.process.poll() is None for one in pair) for pair in pairs] == [1, 1]


async def test_who_starts_again_keeps_its_name(stage: Stage) -> None:
    running = {name: stage.start(name, **NAME) for name in SERVICES}
    for service in running.values():
        await service.ready()
    await _send(stage, range(80))
    for name, service in running.items():
        service.kill()
        running[name] = stage.start(name, **NAME)
    # Another member, with a name that begins with the same words: a rebalance in which the name is asked for.
    other = {"YINUO_KAFKA_GROUP_INSTANCE_ID": NAME["YINUO_KAFKA_GROUP_INSTANCE_ID"] + "-1"}
    for name in SERVICES:
        await stage.start(name, **other).ready()
    for service in running.values():
        await service.ready()
    await _send(stage, range(80, 120))
    await stage.once_each(120)
    for service in running.values():
        await service.ready()


async def test_a_service_that_asks_nobody_is_found_out(stage: Stage) -> None:
    """The planted violation: both stay, and read the same articles."""
    two = []
    for _ in range(2):
        two.append(stage.start("extractor", program=TAKES_IT_BACK + START, **NAME))
        await two[-1].ready()

    async def read_twice() -> bool:
        await _send(stage, range(10))
        sources = [
            SourcePosition.from_headers(one.headers) for one in await stage.messages("articles.extracted")
        ]
        return len(set(sources)) < len(sources)

    await until(read_twice)
    assert [service.process.poll() for service in two] == [None, None]


async def _send(stage: Stage, numbers: range) -> None:
    for number in numbers:
        await stage.send(article(number), key=b"a%d" % number, wait=number % 10 == 0)


async def _refused(service: Service) -> None:
    assert await service.ended() == 2, service.log
    (line,) = [line for line in service.log.splitlines() if "critical" in line]
    assert "YINUO_KAFKA_GROUP_INSTANCE_ID" in json.loads(line)["reason"]
    assert "Traceback" not in service.log

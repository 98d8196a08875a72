"""The broker is not there yet, goes and comes back, or comes back as another cluster: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest

import servers
from pipeline.conftest import OwnBroker, StageOf
from pipeline.stage import Stage, article
from yinuo.pipeline.kafka import ensure_topics
from yinuo.runtime.embedded_kafka import EmbeddedKafka
from yinuo.runtime.settings import Settings

OFFSETS = "select * from yinuo.ingest_offsets where cluster = $1 order by topic, partition"


async def started(broker: OwnBroker) -> None:
    """In a thread: the loop has a producer to keep alive."""
    await asyncio.to_thread(broker.start)


async def stopped(broker: OwnBroker) -> None:
    await asyncio.to_thread(broker.stop)


async def test_not_there_at_the_start(own_broker: OwnBroker, fresh_database: str, stage_of: StageOf) -> None:
    stage = stage_of(own_broker.bootstrap, fresh_database)
    services = [stage.start("extractor"), stage.start("writer")]
    for service in services:
        await service.waits_for(f"Kafka at {stage.bootstrap}")
        assert json.loads(service.ask("/healthz"))["alive"]
    await asyncio.sleep(3)  # several tries
    assert [len(service.waits("kafka")) for service in services] == [1, 1]
    await started(own_broker)
    for service in services:
        await service.ready()
    for number in range(20):
        await stage.send(article(number), key=b"a%d" % number)
    await stage.once_each(20)
    assert [len(service.waits("kafka")) for service in services] == [1, 1]


@pytest.mark.parametrize("own_broker", ["apache"], indirect=True)
async def test_gone_for_a_while_and_back_with_its_data(
    own_broker: servers.ApacheKafka, fresh_database: str, stage_of: StageOf
) -> None:
    await started(own_broker)
    stage = stage_of(own_broker.bootstrap, fresh_database)
    services = [stage.start("extractor"), stage.start("writer")]
    for service in services:
        await service.ready()
    sent: list[Any] = []
    for number in range(150):
        sent.append(await stage.send(article(number), key=b"a%d" % number, wait=False))
        if number in (40, 100):
            await stopped(own_broker)
        if number in (70, 130):
            for service in services:
                await service.waits_for("Kafka at")
            await started(own_broker)
            for service in services:
                await service.ready()
    await asyncio.gather(*sent)
    await stage.once_each(150)
    for service in services:
        await service.ready()
        assert service.process.poll() is None, service.log
        assert 2 <= len(service.waits("kafka")) <= 6, service.log


@pytest.mark.parametrize("own_broker", ["embedded"], indirect=True)
async def test_back_as_another_cluster(
    own_broker: EmbeddedKafka, fresh_database: str, stage_of: StageOf
) -> None:
    await started(own_broker)
    stage = stage_of(own_broker.bootstrap, fresh_database)
    services = [stage.start("extractor"), stage.start("writer")]
    for service in services:
        await service.ready()
    for number in range(30):
        await stage.send(article(number), partition=number % 2)
    await stage.once_each(30)
    before = await stage.rows(OFFSETS, old := own_broker.cluster_id)
    await stopped(own_broker)
    # Before there is another one, on which they might go on with old offsets.
    for service in services:
        assert await service.ended() == 1
        assert "start this service again" in service.log
    await started(own_broker)
    sent = await flooded(stage, range(30, 150))
    for service in services:
        stage.start(service.name)
    await asyncio.gather(*sent)
    changed = json.dumps({"text": "今年，东湖区将新建学校。", "article_id": "a0"}).encode()
    await stage.send(changed, partition=0)
    await stage.settled("select count(*) from yinuo.articles", wanted=150)
    await stage.settled(
        "select text from yinuo.articles where article_id = 'a0'", wanted="今年，东湖区将新建学校。"
    )
    assert await stage.value("select count(*) from yinuo.dead_letters") == 0
    assert await stage.value("select count(*) from yinuo.article_history") == 1
    assert await stage.rows(OFFSETS, old) == before
    await stage.all_ingested()


@pytest.mark.parametrize("own_broker", ["embedded"], indirect=True)
async def test_back_as_another_cluster_while_articles_flow(
    own_broker: EmbeddedKafka, fresh_database: str, stage_of: StageOf
) -> None:
    """Offsets of the old cluster must not be committed to the new one: so many messages would be passed over."""
    await started(own_broker)
    stage = stage_of(own_broker.bootstrap, fresh_database)
    services = [stage.start("extractor"), stage.start("writer")]
    for service in services:
        await service.ready()
    before = [
        await stage.send(article(number), partition=number % 2, wait=False) for number in range(1000, 1400)
    ]
    await asyncio.gather(*before)
    await stage.settled("select count(*) > 100 from yinuo.articles", wanted=True)
    await stopped(own_broker)
    await started(own_broker)
    sent = await flooded(stage, range(400))
    for service in services:
        assert await service.ended() == 1
        stage.start(service.name)
    await asyncio.gather(*sent)
    await stage.settled("select count(*) from yinuo.articles where article_id !~ 'a1...'", wanted=400)
    assert await stage.value("select count(*) from yinuo.dead_letters") == 0
    assert await stage.value("select count(*) from yinuo.article_history") == 0
    await stage.all_ingested()


async def flooded(stage: Stage, numbers: Iterable[int]) -> list[Any]:
    """Send these to a new broker at once; the futures of their acknowledgements."""
    # To a topic that it does not know this broker takes messages and drops them.
    await ensure_topics(Settings(kafka_url=stage.bootstrap, topic_prefix=stage.prefix, kafka_partitions=2))
    return [await stage.send(article(number), partition=number % 2, wait=False) for number in numbers]


@pytest.mark.parametrize("own_broker", ["apache"], indirect=True)
@pytest.mark.parametrize("name", ["extractor", "writer"])
async def test_gone_between_the_first_answer_and_the_joining_of_the_group(
    own_broker: servers.ApacheKafka, fresh_database: str, stage_of: StageOf, name: str
) -> None:
    await started(own_broker)
    stage = stage_of(own_broker.bootstrap, fresh_database)
    service = stage.start(name)
    await service.says('"started"')
    await asyncio.to_thread(own_broker.kill)
    await service.waits_for("Kafka at")
    await started(own_broker)
    await service.ready()
    assert "Traceback" not in service.log
    stage.start("writer" if name == "extractor" else "extractor")
    for number in range(10):
        await stage.send(article(number))
    await stage.once_each(10)

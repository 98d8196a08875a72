"""One round: topics, a database and services of its own, what is sent, and when all of it is settled."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from chaos import clock, release
from chaos.crew import EXTRACTOR, UP, WRITER, Crew
from chaos.plan import PARTITIONS, STORED, Message, Plan, probe_ids
from chaos.surroundings import TEMPLATE, Surroundings
from yinuo.pipeline import kafka
from yinuo.pipeline.messages import DEAD, EXTRACTED, RAW
from yinuo.runtime.settings import default_settings
from yinuo_schemas import SourcePosition

SETTLES_WITHIN = 240.0
PATIENCE = 120.0


class Stuck(Exception):
    """The flow did not come to its end: something stands still."""


class Wrong(Exception):
    """A law did not hold; the text says which."""


@dataclass(slots=True)
class Ground:
    """Where a round takes place."""

    at: Surroundings
    prefix: str
    database: str
    crew: Crew
    producer: AIOKafkaProducer
    notes: list[str] = field(default_factory=list)

    async def ask(self, sql: str, *parameters: object) -> list[Any]:
        """Rows of this round's database."""
        return await self.at.postgres.asked(self.database, sql, *parameters)

    async def feed(self, messages: Iterable[Message]) -> None:
        """Send in order; back when the broker has all of it."""
        waiting = [await self._sent(message) for message in messages]
        await asyncio.gather(*waiting)

    async def _sent(self, message: Message) -> asyncio.Future[object]:
        topic, headers = self.prefix + RAW, list(message.headers)
        if message.key is None and message.value is None:
            batch = self.producer.create_batch()
            batch.append(key=None, value=None, timestamp=None, headers=headers)
            batch.close()
            return await self.producer.send_batch(batch, topic, partition=message.partition)
        return await self.producer.send(
            topic, message.value, key=message.key, headers=headers, partition=message.partition
        )

    async def flows(self, probes: tuple[Message, ...]) -> float:
        """Send a probe to each partition; the seconds until all stand in Postgres. Stuck when they do not come."""
        started = time.monotonic()
        await self.feed(probes)
        sql = "SELECT count(*) FROM yinuo.articles WHERE article_id = ANY($1)"
        while (await self.ask(sql, probe_ids(probes)))[0][0] < len(probes):
            if time.monotonic() - started > PATIENCE:
                raise Stuck(f"no article comes through within {PATIENCE:.0f} s; {await self.behind()}")
            await asyncio.sleep(0.05)
        return time.monotonic() - started

    async def settled(self) -> None:
        """Wait until everything sent is read, committed, written, and said to be written. Stuck when it is not."""
        deadline = time.monotonic() + SETTLES_WITHIN
        while behind := await self.behind():
            if time.monotonic() > deadline:
                raise Stuck(f"not settled within {SETTLES_WITHIN:.0f} s: {behind}")
            await asyncio.sleep(0.3)

    async def behind(self) -> str:
        """What is not done yet, "" for nothing. In the order of the flow: what an earlier step adds is seen later."""
        if (committed := await self.committed()) != (ends := await self._ends(RAW)):
            return f"extractor has committed {committed} of {ends}"
        for topic in (EXTRACTED, DEAD):
            if (ingested := await self._ingested(topic)) != (ends := await self._ends(topic)):
                return f"writer stands at {ingested} of {ends} in {topic}"
        return ""

    async def committed(self) -> Mapping[int, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.at.kafka.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(self.prefix + kafka.EXTRACTOR_GROUP)
        finally:
            await admin.close()
        return {at.partition: found.offset for at, found in offsets.items() if found.offset > 0}

    async def _ends(self, topic: str) -> Mapping[int, int]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.at.kafka.bootstrap)
        await consumer.start()
        try:
            places = [TopicPartition(self.prefix + topic, number) for number in range(PARTITIONS)]
            return {at.partition: end for at, end in (await consumer.end_offsets(places)).items() if end}
        finally:
            await consumer.stop()

    async def _ingested(self, topic: str) -> Mapping[int, int]:
        rows = await self.ask(
            "SELECT partition, next_offset FROM yinuo.ingest_offsets WHERE cluster = $1 AND topic = $2",
            self.at.kafka.cluster_id, self.prefix + topic,
        )  # fmt: skip
        return {row["partition"]: row["next_offset"] for row in rows}

    async def ingested_in_all(self) -> int:
        """How many messages the writer has stored, all topics taken together."""
        rows = await self.ask("SELECT coalesce(sum(next_offset), 0)::bigint FROM yinuo.ingest_offsets")
        return int(rows[0][0])

    async def check_quiet(self, plan: Plan) -> None:
        """What the quiet run must have done with each message, known without it: what others are compared with."""
        read = await self._sources(EXTRACTED)
        dead = await self._sources(DEAD)
        places = Counter(read) + Counter(dead)
        if set(places.values()) != {1} or len(places) != len(plan.all):
            raise Wrong(
                f"quiet run: {len(places)} of {len(plan.all)} messages were answered, or not once each"
            )
        rows = await self.ask("SELECT stage || ' ' || type AS what FROM yinuo.dead_letters")
        wanted = Counter(message.outcome for message in plan.all if message.outcome != STORED)
        if "" not in wanted and wanted != (found := Counter(row["what"] for row in rows)):
            raise Wrong(
                f"quiet run: dead letters are not the plan's: too few {wanted - found}, too many {found - wanted}"
            )

    async def _sources(self, topic: str) -> list[tuple[int, int]]:
        """The raw messages' positions that the messages of a topic carry; those of the stage `write` left out."""
        sources = [SourcePosition.from_headers(record.headers) for record in await self.messages(topic)]
        return [(at.partition, at.offset) for at in sources if at.topic == self.prefix + RAW]

    async def trail(self, article_id: str) -> str:
        """Which forms of an article stand in which order in the topic of extractions: to find out what went wrong."""
        found = []
        for record in await self.messages(EXTRACTED):
            if record.key == article_id.encode():
                at, article = SourcePosition.from_headers(record.headers), json.loads(record.value)["article"]
                found.append(
                    f"{record.partition}:{record.offset} r{article['revision']} of {at.partition}:{at.offset}"
                )
        return f"trail of {article_id}: " + ", ".join(found)

    async def messages(self, topic: str) -> list[Any]:
        """All that stands in a topic of this round, by partition."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.at.kafka.bootstrap, max_partition_fetch_bytes=2**26
        )
        await consumer.start()
        try:
            places = [TopicPartition(self.prefix + topic, number) for number in range(PARTITIONS)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            found: list[Any] = []
            while any([await consumer.position(at) < ends[at] for at in places]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += records
            return sorted(found, key=lambda record: (record.partition, record.offset))
        finally:
            await consumer.stop()


@contextlib.asynccontextmanager
async def ground(
    at: Surroundings,
    *,
    settings: Mapping[str, str],
    extractors: int,
    writers: int,
    ups: int = 0,
    database_hosts: int = 1,
) -> AsyncIterator[Ground]:
    """A round's place, its services running and ready. Services, topics and database go with it."""
    prefix = f"c{uuid.uuid4().hex[:8]}."
    database = prefix.rstrip(".")
    folder = at.folder / database
    folder.mkdir()
    direct = default_settings(kafka_url=at.kafka.bootstrap, topic_prefix=prefix, kafka_partitions=PARTITIONS)
    await kafka.ensure_topics(direct)
    await at.postgres.run(f"CREATE DATABASE {database} TEMPLATE {TEMPLATE}")
    environment = {
        "YINUO_KAFKA_URL": at.kafka.url, "YINUO_TOPIC_PREFIX": prefix,
        "YINUO_DATABASE_URL": at.postgres.url(database, hosts=database_hosts),
        "YINUO_KAFKA_PARTITIONS": str(PARTITIONS), "YINUO_LOG_FORMAT": "json", **settings,
    }  # fmt: skip
    # Idempotent: what is sent stands in the topic once and in its order, however often the broker goes.
    producer = AIOKafkaProducer(
        bootstrap_servers=at.kafka.bootstrap, enable_idempotence=True, linger_ms=5, max_request_size=2**24,
        request_timeout_ms=120_000,
    )  # fmt: skip
    await producer.start()
    try:
        async with Crew(environment, folder, release.USUAL) as crew:
            clock.set_to(crew.clock, clock.RIGHT)
            for name, count in ((EXTRACTOR, extractors), (WRITER, writers), (UP, ups)):
                for number in range(count):
                    crew.add(name, **_instance(environment, name, number))
            await crew.ready()
            yield Ground(at, prefix, database, crew, producer)
    finally:
        await producer.stop()
        await _tidy(at, prefix, database)


def _instance(environment: Mapping[str, str], name: str, number: int) -> dict[str, str]:
    """A name of its own for each worker where the round wants static membership."""
    wanted = environment.get("YINUO_KAFKA_GROUP_INSTANCE_ID")
    return {"YINUO_KAFKA_GROUP_INSTANCE_ID": f"{name}-{number}"} if wanted else {}


async def _tidy(at: Surroundings, prefix: str, database: str) -> None:
    """Away with database and topics; what a failed round has broken does not matter any more."""
    with contextlib.suppress(Exception):
        await at.postgres.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    with contextlib.suppress(Exception):
        admin = AIOKafkaAdminClient(bootstrap_servers=at.kafka.bootstrap)
        await admin.start()
        try:
            await admin.delete_topics([prefix + topic for topic in (RAW, EXTRACTED, DEAD)])
        finally:
            await admin.close()

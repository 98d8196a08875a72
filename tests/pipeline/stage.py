"""What the pipeline's tests stand on: services as processes, a topic prefix and a database of their own, and waiting."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from yinuo.runtime.embedded_kafka import cluster_id_at
from yinuo.runtime.service_process import _UnixConnection

HERE = Path(__file__).parent
PATIENCE = 40.0

START = """
import sys
from yinuo.pipeline import extractor, writer
from yinuo.runtime.settings import load_settings
name, handler = sys.argv[1:]
sys.exit(writer.run(load_settings()) if name == "writer" else extractor.run(load_settings(), handler=handler))
"""
HANDLER = "yinuo.pipeline.handle:handle"

T = TypeVar("T")


async def until(found: Callable[[], Awaitable[T]], seconds: float = PATIENCE) -> T:
    """The first truthy answer; fails with the last one when none comes. Generous: machines are slow, not wrong."""
    deadline = time.monotonic() + seconds
    while True:
        answer = await found()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s; last answer: {answer!r}"
        await asyncio.sleep(0.05)


class Service:
    """One extractor or writer as a process of its own, with its health endpoint and its log."""

    def __init__(
        self,
        name: str,
        environment: dict[str, str],
        folder: Path,
        handler: str = HANDLER,
        program: str = START,
    ) -> None:
        self.name = name
        self._socket = folder / f"{name[0]}{time.monotonic_ns() % 10**9}.s"
        self._log = self._socket.with_suffix(".log")
        environment = {
            **os.environ, **environment, "YINUO_HEALTH_BIND": f"unix:{self._socket}",
            "PYTHONPATH": str(HERE), "YINUO_DATA_DIR": str(folder),
        }  # fmt: skip
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", program, name, handler],
                env=environment,
                stderr=log,
                stdout=log,
                cwd=folder,
            )

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def ask(self, path: str) -> str:
        connection = _UnixConnection(self._socket)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except OSError:
            return ""
        finally:
            connection.close()

    async def ready(self) -> dict[str, Any]:
        async def is_ready() -> dict[str, Any] | None:
            assert self.process.poll() is None, self.log
            state = json.loads(await asyncio.to_thread(self.ask, "/readyz") or "{}")
            return state if state.get("ready") else None

        state = await until(is_ready)
        assert state
        return state

    async def waits_for(self, words: str) -> None:
        """Wait until it says that it is not ready, and these words of the reason."""

        async def waits() -> bool:
            state = json.loads(await asyncio.to_thread(self.ask, "/readyz") or '{"ready": true}')
            return not state["ready"] and words in state["reason"]

        try:
            await until(waits)
        except AssertionError:
            raise AssertionError(f"{self.ask('/readyz')}\n{self.log}") from None

    def waits(self, target: str) -> list[str]:
        """The reasons of its log lines that say that it waits for `kafka` or `postgres`."""
        lines = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [line["reason"] for line in lines if line["event"] == "waiting" and line["target"] == target]

    async def says(self, words: str) -> None:
        """Wait until its log holds the words."""

        async def said() -> bool:
            return words in self.log

        await until(said)

    async def ended(self) -> int:
        async def code() -> tuple[int] | None:
            found = self.process.poll()
            return None if found is None else (found,)

        ended = await until(code)
        assert ended
        return ended[0]

    async def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        return await self.ended()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Stage:
    """A broker, a prefix and a database; services are started on it, messages sent to it, rows read from it."""

    bootstrap: str
    prefix: str
    dsn: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    services: list[Service] = field(default_factory=list)
    producer: AIOKafkaProducer | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "YINUO_KAFKA_URL": self.bootstrap,
            "YINUO_TOPIC_PREFIX": self.prefix,
            "YINUO_DATABASE_URL": self.dsn,
            "YINUO_KAFKA_PARTITIONS": "2",
            **self.settings,
        }

    def start(self, name: str, handler: str = HANDLER, program: str = START, **settings: str) -> Service:
        service = Service(name, {**self.environment, **settings}, self.folder, handler, program)
        self.services.append(service)
        return service

    async def close(self) -> None:
        if self.producer is not None:
            await self.producer.stop()
        for service in self.services:
            if service.process.poll() is None:
                service.kill()

    async def send(
        self,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        topic: str = "articles.raw",
        partition: int | None = None,
        wait: bool = True,
    ) -> Any:
        """Send to a topic of ours; the acknowledgement, or with wait=False the future of it."""
        if self.producer is None:
            self.producer = AIOKafkaProducer(
                bootstrap_servers=self.bootstrap, acks="all", max_request_size=2**26, linger_ms=2
            )
            await self.producer.start()
        name = self.prefix + topic
        if key is None and value is None:
            batch = self.producer.create_batch()
            batch.append(key=None, value=None, timestamp=None, headers=list(headers))
            batch.close()
            sent = await self.producer.send_batch(batch, name, partition=partition or 0)
        else:
            sent = await self.producer.send(name, value, key=key, headers=list(headers), partition=partition)
        return await sent if wait else sent

    async def rows(self, sql: str, *parameters: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return await connection.fetch(sql, *parameters)
        finally:
            await connection.close()

    async def value(self, sql: str, *parameters: Any) -> Any:
        return (await self.rows(sql, *parameters))[0][0]

    async def settled(self, sql: str, *parameters: Any, wanted: Any) -> None:
        """Wait until the query's first value is this."""

        async def equal() -> bool:
            return bool(await self.value(sql, *parameters) == wanted)

        try:
            await until(equal)
        except AssertionError:
            logs = "\n".join(f"{service.name}: {service.log[-2000:]}" for service in self.services)
            raise AssertionError(
                f"{sql}: {await self.value(sql, *parameters)} instead of {wanted}\n{logs}"
            ) from None

    async def messages(self, topic: str) -> list[Any]:
        """All that stands in a topic of ours now."""
        name = self.prefix + topic
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=2**26
        )
        await consumer.start()
        try:
            partitions = [
                TopicPartition(name, number)
                for number in sorted(consumer.partitions_for_topic(name) or await _partitions(consumer, name))
            ]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            found: list[Any] = []
            quiet = 0
            while quiet < 3:
                some = await consumer.getmany(timeout_ms=200)
                found += [record for records in some.values() for record in records]
                quiet = 0 if some else quiet + 1
            return found
        finally:
            await consumer.stop()

    async def once_each(self, articles: int) -> None:
        """Wait until so many articles of `article` are stored; each once, none dead, offsets at the logs' ends."""
        await self.settled("select count(*) from yinuo.articles", wanted=articles)
        for table, count in (("pledges", articles), ("article_history", 0), ("dead_letters", 0)):
            assert await self.value(f"select count(*) from yinuo.{table}") == count, table
        await self.all_ingested()

    async def all_ingested(self) -> None:
        """Wait until the database's offsets of this cluster are where the log of the extractions ends."""
        ends = await self.ends("articles.extracted")
        cluster = cluster_id_at(self.bootstrap)
        assert cluster is not None

        async def ingested() -> bool:
            return await self.ingested(cluster) == ends

        await until(ingested)

    async def ends(self, topic: str) -> dict[int, int]:
        """Partition of a topic of ours → the offset after its last message; those without one are left out."""
        found: dict[int, int] = {}
        for record in await self.messages(topic):
            found[record.partition] = max(found.get(record.partition, 0), record.offset + 1)
        return found

    async def ingested(self, cluster: str, topic: str = "articles.extracted") -> dict[int, int]:
        """Partition → the next offset that the writer keeps in the database for this cluster."""
        rows = await self.rows(
            "select partition, next_offset from yinuo.ingest_offsets where cluster = $1 and topic = $2",
            cluster, self.prefix + topic,
        )  # fmt: skip
        return {row["partition"]: row["next_offset"] for row in rows}

    async def committed(self, group: str, topic: str) -> dict[int, int | None]:
        """Kafka's committed offsets, asked for one by one (the embedded broker answers no other way)."""
        name = self.prefix + topic
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=self.prefix + group, enable_auto_commit=False
        )
        await consumer.start()
        try:
            return {number: await consumer.committed(TopicPartition(name, number)) for number in range(2)}
        finally:
            await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, name: str) -> set[int]:
    consumer.subscribe([name])
    await consumer.topics()
    found: set[int] = consumer.partitions_for_topic(name) or {0, 1}
    consumer.unsubscribe()
    return found


def article(number: int, text: str = "县长承诺，到2026年底，新建农村公路{number}公里。") -> bytes:
    return json.dumps({"text": text.format(number=number), "article_id": f"a{number}"}).encode()


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)

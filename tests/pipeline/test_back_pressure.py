"""However much waits: what is taken is bounded in bytes, and a writer without its database stops taking."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer

import servers
from pipeline.stage import Stage, until
from storage.samples import extraction, position
from yinuo.pipeline import in_order, writer
from yinuo.pipeline.in_order import InOrder
from yinuo.pipeline.kafka import LARGEST_MESSAGE
from yinuo.pipeline.messages import RawMessage, extraction_message
from yinuo_schemas import Article, SourcePosition

MIB = 1024 * 1024


def raw(offset: int, size: int, partition: int = 0) -> RawMessage:
    source = SourcePosition(
        cluster="c",
        topic="articles.raw",
        partition=partition,
        offset=offset,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return RawMessage(b"", b"x" * size, (), source)


async def test_the_extractor_takes_no_more_bytes_than_its_bound() -> None:
    """Nothing is read to its end here: what is admitted stays, until there is no room for the next."""
    done = asyncio.Event()

    async def read(_: RawMessage) -> Callable[[], Awaitable[None]]:
        await done.wait()

        async def delivered() -> None:
            pass

        return delivered

    work = InOrder(read)
    acknowledged: list[int] = []
    sent = 12
    size = 8 * MIB

    async def feed() -> None:
        for offset in range(sent):
            await work.admit(raw(offset, size, offset % 3), lambda offset=offset: acknowledged.append(offset))

    feeding = asyncio.ensure_future(feed())
    await asyncio.sleep(0.2)
    assert not feeding.done()
    assert 0 < work.under_way * size <= in_order.MOST_BYTES
    assert work.under_way < sent
    done.set()
    await feeding
    async with asyncio.timeout(20):
        await until(lambda: asyncio.sleep(0, not work.under_way))
    assert sorted(acknowledged) == list(range(sent))
    work.forget()


async def test_one_larger_than_the_bound_still_passes() -> None:
    async def read(_: RawMessage) -> Callable[[], Awaitable[None]]:
        async def delivered() -> None:
            pass

        return delivered

    work = InOrder(read)
    async with asyncio.timeout(20):
        await work.admit(raw(0, in_order.MOST_BYTES + 1), lambda: None)
        await work.admit(raw(1, 1), lambda: None)
        await until(lambda: asyncio.sleep(0, not work.under_way))
    work.forget()


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


async def test_a_writer_without_its_database_stops_taking(
    embedded_broker: servers.Broker,
    pipeline_postgres: servers.PostgresServer,
    server_folder: Path,
    topic_prefix: str,
) -> None:
    """200 MiB wait; the process grows by what its buffers may hold, and once the database is back, all is stored."""
    name = pipeline_postgres.new_database()
    stage = Stage(embedded_broker.bootstrap, topic_prefix, pipeline_postgres.dsn_for(name), server_folder)
    count = 200
    service = stage.start("writer")
    await service.ready()
    before = resident(service.process.pid)
    blocking = await asyncpg.connect(pipeline_postgres.dsn_for(name))
    locked = blocking.transaction()
    await locked.start()
    await blocking.execute("LOCK TABLE yinuo.articles IN ACCESS EXCLUSIVE MODE")
    async with AIOKafkaProducer(
        bootstrap_servers=embedded_broker.bootstrap, max_request_size=LARGEST_MESSAGE
    ) as producer:
        for number in range(count):
            article = Article(article_id=f"a{number}", text=f"第{number}篇。")
            outgoing = extraction_message(extraction(article), raw_at(number))
            await producer.send_and_wait(
                f"{topic_prefix}articles.extracted",
                b" " * (MIB - len(outgoing.value or b"")) + (outgoing.value or b""),
                key=outgoing.key, headers=list(outgoing.headers),
            )  # fmt: skip
    peak = before
    for _ in range(30):
        await asyncio.sleep(0.1)
        peak = max(peak, resident(service.process.pid))
    assert peak - before < 80 * MIB
    await locked.rollback()

    async def stored() -> bool:
        return bool(await blocking.fetchval("SELECT count(*) = $1 FROM yinuo.articles", count))

    await until(stored)
    await blocking.close()
    await stage.close()
    pipeline_postgres.drop(name)


async def test_an_extractor_that_comes_no_further_stops_taking(
    embedded_broker: servers.Broker,
    pipeline_postgres: servers.PostgresServer,
    server_folder: Path,
    topic_prefix: str,
) -> None:
    """300 MiB wait behind articles that never end: the process grows by its bound and the client's buffers."""
    dsn = pipeline_postgres.dsn_for("postgres")
    stage = Stage(embedded_broker.bootstrap, topic_prefix, dsn, server_folder)
    service = stage.start("extractor", handler="faulty:hanging_on_marked_articles")
    await service.ready()
    before = resident(service.process.pid)
    async with AIOKafkaProducer(
        bootstrap_servers=embedded_broker.bootstrap, max_request_size=LARGEST_MESSAGE
    ) as producer:
        for _ in range(300):
            await producer.send_and_wait(f"{topic_prefix}articles.raw", b"HANG".ljust(MIB))
    peak = before
    for _ in range(30):
        await asyncio.sleep(0.1)
        peak = max(peak, resident(service.process.pid))
    assert peak - before < 150 * MIB
    service.process.kill()
    await stage.close()


def raw_at(number: int) -> RawMessage:
    return RawMessage(None, None, (), position(number))


def test_a_batch_is_bounded_in_bytes() -> None:
    class Record:
        def __init__(self, size: int) -> None:
            self.value = b"x" * size

    records: list[Any] = [Record(3 * MIB) for _ in range(10)] + [Record(20 * MIB)]
    batches = list(writer.batches_of(records))
    assert [record for batch in batches for record in batch] == records
    assert all(
        len(batch) == 1 or sum(len(one.value) for one in batch) <= writer.MOST_BYTES for batch in batches
    )

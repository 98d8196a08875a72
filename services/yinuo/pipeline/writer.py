"""The writer: extractions and dead letters from their topics into Postgres, a batch and its offsets in one go.

How a batch is stored is `batch_writer.py`'s. Laws: Postgres says where to begin, Kafka's own offsets are for lag
tools; while a batch waits for the database nothing more is taken and the partitions are kept; a batch of partitions
that were taken away is given up; a database that holds less than was stored in it gets the missing batches again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from yinuo.errors import Misuse, Unavailable
from yinuo.pipeline import kafka
from yinuo.pipeline.batch_writer import BatchWriter, read_all
from yinuo.pipeline.membership import Membership
from yinuo.pipeline.messages import DEAD, EXTRACTED, RawMessage
from yinuo.pipeline.patience import Patience
from yinuo.pipeline.refusals import RefusalWatch
from yinuo.pipeline.same_cluster import check_cluster, watch_cluster
from yinuo.pipeline.sender import Sender
from yinuo.pipeline.service import first_of, moment, run_service
from yinuo.runtime.health import HealthServer, PartitionProgress
from yinuo.runtime.settings import Settings
from yinuo.storage.incoming import ConsumedOffset
from yinuo.storage.store import Rewound, Store
from yinuo_schemas import SourcePosition

POLL_SECONDS = 0.3
MOST_RECORDS = 200
MOST_BYTES = 8 * 1024 * 1024
DRAIN_SECONDS = 7.0
GRACE_SECONDS = 2.0
COMMIT_SECONDS = 5.0
REJOIN_AFTER = 20
LEAVE_SECONDS = 2.0
LOOK_SECONDS = 10.0

log = structlog.get_logger("yinuo.writer")


@dataclass(slots=True)
class Station:
    """Where the writer stands in one partition.

    `stored`: the offset that the database holds, as far as we know. `sought`: the stored offset that it was sent to,
    until the log is known to hold it. `done`: the next offset after what is stored. `newer`: why it waits here for a
    newer release.
    """

    placed: bool = False
    stored: int | None = None
    sought: int | None = None
    done: int | None = None
    newer: str = ""


def run(settings: Settings) -> int:
    """Run a writer until SIGTERM or SIGINT; the exit code."""

    async def session(cluster: kafka.Cluster, stopping: asyncio.Event) -> None:
        if settings.database_url is None:
            raise Misuse("no database is set: set YINUO_DATABASE_URL, or start one with `yinuo up`")
        store = Store(settings.database_url.get_secret_value())
        try:
            await _Writer(settings, cluster, store).run(stopping)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await store.close()

    return run_service("writer", settings, session)


class _Writer(ConsumerRebalanceListener):  # type: ignore[misc]
    """One writer on one cluster."""

    def __init__(self, settings: Settings, cluster: kafka.Cluster, store: Store) -> None:
        self._settings = settings
        self._cluster = cluster
        self._store = store
        self._sender = Sender(settings)
        self._batches = BatchWriter(store, self._sender, RefusalWatch(settings.max_bug_share))
        self._group = kafka.group_name(settings, kafka.WRITER_GROUP)
        self._topics = [kafka.topic_name(settings, topic) for topic in (EXTRACTED, DEAD)]
        self._consumer: AIOKafkaConsumer
        self._stations: dict[TopicPartition, Station] = {}
        self._writing: asyncio.Task[None] | None = None
        self._looked = 0.0
        self._patience = Patience("kafka")
        self._broker = Patience("kafka")
        self._membership = Membership(settings, kafka.WRITER_GROUP, lambda: self._consumer, self._broker)

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until asked to end; raises what no waiting mends."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                HealthServer(self._settings.health_bind, self._progress, fault=self._waits_for)
            )
            watching = watch_cluster(self._settings, self._cluster, self._broker)
            await first_of(self._write_all(stopping, stack), overdue(stopping), watching)

    async def _write_all(self, stopping: asyncio.Event, stack: AsyncExitStack) -> None:
        connecting = asyncio.ensure_future(self._connect(stack))
        await first_of(stopping.wait(), connecting)
        if not stopping.is_set():
            async with self._membership.explained():
                await self._consume(stopping)

    async def _connect(self, stack: AsyncExitStack) -> None:
        await self._patience.until_done(lambda: stack.enter_async_context(self._sender))
        stack.push_async_callback(self._leave)
        async with self._membership.explained():
            await self._patience.until_done(self._join)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let the batch in hand end if it can at once, and give it up if not: it comes again."""
        self._stations = {}
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=GRACE_SECONDS)
            self._writing.cancel()
        await self._membership.before_joining_again()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Nothing is read from these until it is known where to begin."""
        self._membership.joined()
        self._stations = {partition: Station() for partition in assigned}

    async def _join(self) -> None:
        consumer = kafka.consumer(self._settings, self._cluster, kafka.WRITER_GROUP)
        consumer.subscribe(self._topics, listener=self)
        self._consumer, self._stations = consumer, {}
        try:
            with kafka.kafka_faults(self._settings):
                await consumer.start()
        except BaseException:
            await consumer.stop()
            raise

    async def _leave(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._consumer.stop()

    async def _consume(self, stopping: asyncio.Event) -> None:
        failures = 0
        while not stopping.is_set():
            try:
                with kafka.kafka_faults(self._settings):
                    await self._place()
                    stations, records = self._stations, await self._poll()
            except Unavailable as error:
                self._patience.note(str(error))
                failures += 1
                if failures % REJOIN_AFTER == 0:
                    # Some refusals end the client's own work for good, and do not pass by waiting.
                    await self._leave()
                    await self._patience.until_done(self._join)
                await asyncio.sleep(POLL_SECONDS)
                continue
            self._patience.note("")
            failures = 0
            if not records and asyncio.get_running_loop().time() - self._looked > LOOK_SECONDS:
                # A standby may have taken over without the last batches while nothing came.
                await self._write(())
            for batch in batches_of(records):
                # What was polled before a rebalance is others' to write.
                if stations is not self._stations or not await self._write(batch):
                    break

    async def _place(self) -> None:
        """Go, in each newly assigned partition, to where Postgres says that it ends."""
        stations = self._stations
        unplaced = {at: station for at, station in stations.items() if not station.placed}
        if not unplaced:
            return
        await check_cluster(self._settings, self._cluster, self._broker)
        stored = await self._batches.stored_offsets(self._cluster.cluster_id, self._group)
        for at, station in unplaced.items():
            if stations is not self._stations:
                return  # taken away while we asked
            station.stored = station.sought = stored.get((at.topic, at.partition))
            await self._go(at, station.sought)
            station.done = await self._consumer.position(at)
            station.placed = True

    async def _go(self, at: TopicPartition, offset: int | None) -> None:
        if offset is None:
            await self._consumer.seek_to_beginning(at)
        else:
            self._consumer.seek(at, offset)

    async def _poll(self) -> Sequence[ConsumerRecord]:
        ready = [at for at, station in self._stations.items() if station.placed and not station.newer]
        if not ready:
            await asyncio.sleep(POLL_SECONDS)
            return ()
        found = await self._consumer.getmany(
            *ready, timeout_ms=int(POLL_SECONDS * 1000), max_records=MOST_RECORDS
        )
        await self._check_beginnings(found)
        return [record for records in found.values() for record in records]

    async def _check_beginnings(self, found: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        """A stored offset that the log does not hold is said, and the partition read from its start."""
        for at, station in self._stations.items():
            if station.sought is None:
                continue
            first = found[at][0].offset if found.get(at) else None
            end = self._consumer.highwater(at)
            if first is None and (end is None or end >= station.sought):
                continue
            if first != station.sought:
                log.warning(
                    "the stored offset is not in the log; reading from its start",
                    topic=at.topic, partition=at.partition, stored=station.sought, first=first, end=end,
                )  # fmt: skip
            if first is None:
                await self._go(at, None)
            station.sought = None

    async def _write(self, records: Sequence[ConsumerRecord]) -> bool:
        """Store a batch, or look whether all stands that was stored; False when this must be read again."""
        self._writing = asyncio.ensure_future(self._store_batch(records))
        try:
            await asyncio.wait({self._writing})
        finally:
            self._writing.cancel()
        if self._writing.cancelled():
            return False
        try:
            self._writing.result()
        except Rewound as error:
            log.warning("reading again from where the database stands", reason=str(error))
            self._stations = {at: Station() for at in self._stations}
            return False
        self._looked = asyncio.get_running_loop().time()
        return True

    async def _store_batch(self, records: Sequence[ConsumerRecord]) -> None:
        stations = self._stations
        messages = [self._message(record) for record in records if not self._waits_at(record)]
        # In a thread: the loop has heartbeats to send while megabytes are parsed.
        read = await asyncio.to_thread(read_all, messages, self._topics[1])
        ends = {
            TopicPartition(raw.source.topic, raw.source.partition): raw.source.offset + 1 for raw in messages
        }
        for (topic, partition), (offset, reason) in read.newer.items():
            log.error("waiting for a newer release", topic=topic, partition=partition, reason=reason)
            ends[TopicPartition(topic, partition)] = offset
            if station := stations.get(TopicPartition(topic, partition)):
                station.newer = reason
        await self._batches.write(
            read,
            self._offsets(ends),
            self._offsets({at: one.stored for at, one in stations.items() if one.stored is not None}),
        )
        for at, end in ends.items():
            if at in stations:
                stations[at].done = stations[at].stored = end
        if ends:
            await self._commit(ends)

    def _offsets(self, ends: Mapping[TopicPartition, int]) -> list[ConsumedOffset]:
        return [
            ConsumedOffset(self._cluster.cluster_id, self._group, at.topic, at.partition, end)
            for at, end in ends.items()
        ]

    def _waits_at(self, record: ConsumerRecord) -> bool:
        station = self._stations.get(TopicPartition(record.topic, record.partition))
        return station is not None and bool(station.newer)

    async def _commit(self, ends: Mapping[TopicPartition, int]) -> None:
        """Tell Kafka too, for those who watch lag there; what it does not take now the next batch brings."""
        with suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(COMMIT_SECONDS):
                await self._consumer.commit(dict(ends))

    def _message(self, record: ConsumerRecord) -> RawMessage:
        source = SourcePosition(
            cluster=self._cluster.cluster_id,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            timestamp=moment(record.timestamp),
        )
        return RawMessage(record.key, record.value, tuple(record.headers), source)

    def _progress(self) -> dict[tuple[str, int], PartitionProgress]:
        return {
            (at.topic, at.partition): PartitionProgress(station.done or 0, self._consumer.highwater(at))
            for at, station in self._stations.items()
        }

    def _waits_for(self) -> str:
        newer = next((station.newer for station in self._stations.values() if station.newer), "")
        waiting = (self._patience, self._broker, self._batches.patience, self._sender.patience)
        return next((patience.reason for patience in waiting if patience.reason), newer)


def batches_of(records: Iterable[ConsumerRecord]) -> Iterator[list[ConsumerRecord]]:
    """The records in their order, cut so that one batch is no larger than MOST_BYTES, or one record."""
    batch: list[ConsumerRecord] = []
    size = 0
    for record in records:
        length = len(record.value or b"")
        if batch and size + length > MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += length
    if batch:
        yield batch


async def overdue(stopping: asyncio.Event) -> None:
    """Done when what was in hand at the call to stop has had its time."""
    await stopping.wait()
    await asyncio.sleep(DRAIN_SECONDS)
    log.warning("the batch in hand could not be stored in time; it will be read again")

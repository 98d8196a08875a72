"""The faults, one function each: it does the harm and comes back when the surroundings are whole again.

`FAULTS` is the list that `--list` prints. A fault is done while messages flow; what it needs to happen and does not is
NeverThere, so that no row says "0 lost" of something that was not done.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from chaos import clock, release, small_disk, worker
from chaos.crew import EXTRACTOR, SET_CLOCK, UP, WRITER, NeverThere, ended
from chaos.ground import Ground, Wrong
from chaos.surroundings import CONNECTIONS
from chaos.three_brokers import all_back, leader_killed
from yinuo.pipeline.service import MISUSED

Harm = Callable[[Ground, random.Random], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done, how often in a round, with which messages, and on what crew.

    `missing`: given the run's folder, why it cannot be done on this machine; "" when it can.
    `before`: what must be whole each time before messages flow again.
    """

    name: str
    harm: Harm
    times: int = 3
    plan: str = "mixed"
    extractors: int = 1
    writers: int = 1
    ups: int = 0
    brokers: int = 1
    database_hosts: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    missing: Callable[[Path], str] = lambda _: ""
    before: Callable[[Ground], Awaitable[None]] | None = None


# --- services


def _killed(*names: str) -> Harm:
    async def harm(ground: Ground, draw: random.Random) -> None:
        await asyncio.sleep(draw.uniform(0, 1.0))
        for name in names:
            draw.choice(ground.crew.of(name)).kill()

    return harm


def _killed_at(name: str, point: str) -> Harm:
    async def harm(ground: Ground, draw: random.Random) -> None:
        await draw.choice(ground.crew.of(name)).die_at(point)

    return harm


def _ended(name: str) -> Harm:
    async def harm(ground: Ground, draw: random.Random) -> None:
        await asyncio.sleep(draw.uniform(0, 1.0))
        chosen = draw.choice(ground.crew.of(name))
        process = chosen.process
        chosen.terminate()
        await ended(chosen)
        if (code := process.poll()) != 0:
            raise Wrong(f"{name} ended with {code} on SIGTERM")

    return harm


async def _come_and_go(ground: Ground, draw: random.Random) -> None:
    """One more of each, and two seconds later one less, by goodbye or without."""
    added = [ground.crew.add(name) for name in (EXTRACTOR, WRITER)]
    await asyncio.sleep(draw.uniform(1, 3))
    for one in added:
        leaving = draw.choice(ground.crew.of(one.name))
        if draw.random() < 0.5:
            leaving.kept = False
            leaving.kill()
            await ended(leaving)
            ground.crew.workers.remove(leaving)
        else:
            await ground.crew.leave(leaving)


def _name_used_twice(name: str, *, frozen: bool = False) -> Harm:
    """A second worker under the name of the first: the first one must end as after bad use, the second go on.

    `frozen`: the first one stands still meanwhile, and knows nothing of it when it goes on in what it was doing.
    """

    async def harm(ground: Ground, draw: random.Random) -> None:
        await asyncio.sleep(draw.uniform(0, 1.0))
        old = draw.choice(ground.crew.of(name))
        old.kept = False
        if frozen:
            os.kill(old.process.pid, signal.SIGSTOP)
        new = ground.crew.add(name, **old.settings)
        if frozen:
            await new.ready()
            await asyncio.sleep(draw.uniform(0, 8))
            os.kill(old.process.pid, signal.SIGCONT)
        await ended(old)
        ground.crew.workers.remove(old)
        if (code := old.process.poll()) != MISUSED:
            raise Wrong(f"{name} ended with {code} when its name was taken, not {MISUSED}")

    return harm


async def _bad_release(ground: Ground, draw: random.Random) -> None:
    """An extractor that reads nothing must stop with nothing committed."""
    (good,) = ground.crew.of(EXTRACTOR)
    await ground.crew.leave(good)
    before = await ground.committed()
    bad = ground.crew.add(EXTRACTOR, handler=release.READS_NOTHING, kept=False)
    await ended(bad)
    ground.crew.workers.remove(bad)
    if bad.process.poll() != 1:
        raise Wrong(f"a bad release ended with {bad.process.poll()}, not 1")
    if await ground.committed() != before:
        raise Wrong("a bad release has committed something")
    ground.crew.add(EXTRACTOR)


# --- Postgres


async def _restarted_at_once(ground: Ground, draw: random.Random) -> None:
    await _postgres_away(0)(ground, draw)


def _postgres_away(seconds: float) -> Harm:
    async def harm(ground: Ground, draw: random.Random) -> None:
        await asyncio.sleep(draw.uniform(0, 0.6))
        await asyncio.to_thread(ground.at.postgres.at_once)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(ground.at.postgres.server.start)

    return harm


async def _older_standby(ground: Ground, draw: random.Random) -> None:
    """The server dies, and a standby that had not heard of the last seconds takes over at the other address."""
    postgres = ground.at.postgres
    await asyncio.to_thread(postgres.copy)
    copied = await ground.ingested_in_all()
    await _grown(ground, copied)
    await asyncio.to_thread(postgres.copy_takes_over)
    here, there = (
        (postgres.proxy, postgres.second) if not postgres.proxy.closed else (postgres.second, postgres.proxy)
    )
    here.closed, there.closed = True, False
    here.reset()


async def _read_only(ground: Ground, draw: random.Random) -> None:
    await asyncio.sleep(draw.uniform(0, 0.5))
    run = ground.at.postgres.run
    await run("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    await asyncio.sleep(5)
    # In a transaction that may write: ALTER SYSTEM itself is refused in one that may not.
    await run(
        "SET default_transaction_read_only = off",
        "ALTER SYSTEM RESET default_transaction_read_only",
        "SELECT pg_reload_conf()",
    )


async def _out_of_connections(ground: Ground, draw: random.Random) -> None:
    """All connections are taken, and the services' own are ended."""
    async with contextlib.AsyncExitStack() as stack:
        taken = await _connection(ground, stack)
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
        for _ in range(CONNECTIONS * 3):
            await taken.execute(cut.replace("$1", f"'{ground.database}'"))
            try:
                while True:
                    await _connection(ground, stack)
            except asyncpg.TooManyConnectionsError:
                pass
        await asyncio.sleep(4)


async def _connection(ground: Ground, stack: contextlib.AsyncExitStack) -> asyncpg.Connection:
    connection = await asyncpg.connect(ground.at.postgres.server.dsn_for(ground.database))
    stack.push_async_callback(connection.close)
    return connection


async def _cut_in_copy(ground: Ground, draw: random.Random) -> None:
    """The connection is reset when the first rows of a COPY have gone."""
    proxy = ground.at.postgres.proxy
    proxy.cuts, proxy.cut_at = 0, b"PGCOPY\n\xff\r\n\0"
    try:
        await _seen(lambda: proxy.cuts >= 2, "no COPY came by")
    finally:
        proxy.whole()


async def _disk_full(ground: Ground, draw: random.Random) -> None:
    """Tables cannot grow."""
    await _on_a_full_disk(ground, lambda: _written_in_vain(ground))


async def _no_room_for_its_log(ground: Ground, draw: random.Random) -> None:
    """The server cannot even write its log, and falls."""
    await _on_a_full_disk(ground, lambda: _log_used_up(ground))


async def _on_a_full_disk(ground: Ground, until: Callable[[], Awaitable[None]]) -> None:
    postgres = ground.at.postgres
    # Nothing is stored before the disk is full: what flows must meet it.
    postgres.proxy.closed = True
    postgres.proxy.reset()
    disk = await asyncio.to_thread(postgres.onto_small_disk)
    try:
        before, stored = postgres.found_no_room(), await ground.ingested_in_all()
        await asyncio.to_thread(disk.fill)
        postgres.proxy.whole()
        await until()
        await asyncio.sleep(3)
        if postgres.found_no_room() == before:
            raise NeverThere("Postgres found room")
        disk.free()
        if postgres.server.poll() is not None:
            postgres.server.stop()
            await asyncio.to_thread(postgres.server.start)
        # Before the server comes back to its own disk: the writer must go on by itself.
        await _grown(ground, stored)
    finally:
        postgres.proxy.whole()
        await asyncio.to_thread(postgres.back_from, disk)


async def _written_in_vain(ground: Ground) -> None:
    await _heard(ground, WRITER, "No space left on device")


async def _log_used_up(ground: Ground) -> None:
    """Use up what the log has room for in files that it holds in reserve."""
    with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        for _ in range(500):
            await ground.at.postgres.run(
                "SELECT pg_logical_emit_message(false, 'chaos', 'x'), pg_switch_wal()"
            )
        raise NeverThere("the server's log has room")


async def _deadlock(ground: Ground, draw: random.Random) -> None:
    """A session that wants what the writer holds, and holds what it wants: the writer is the one that gives way."""
    (writer,) = ground.crew.of(WRITER)
    before = writer.said("deadlock detected")
    async with contextlib.AsyncExitStack() as stack:
        other, watcher = await _connection(ground, stack), await _connection(ground, stack)
        await other.execute("SET deadlock_timeout = '10min'")
        for _ in range(20):
            async with other.transaction():
                await other.execute("LOCK TABLE yinuo.ingest_offsets IN EXCLUSIVE MODE")
                if await _held_by_who_waits_for(other.get_server_pid(), watcher):
                    await other.execute("LOCK TABLE yinuo.articles IN ACCESS EXCLUSIVE MODE")
                    break
        else:
            raise NeverThere("no batch with articles in it came by")
    await _seen(lambda: writer.said("deadlock detected") > before, "the writer met no deadlock")


async def _held_by_who_waits_for(pid: int, watcher: asyncpg.Connection) -> bool:
    """Wait until somebody waits for that session; whether he holds `articles`."""
    waits = "SELECT pid FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))"
    held = "SELECT FROM pg_locks WHERE pid = $1 AND granted AND relation = 'yinuo.articles'::regclass"
    deadline = asyncio.get_running_loop().time() + 30
    while (waiting := await watcher.fetchval(waits, pid)) is None:
        if asyncio.get_running_loop().time() > deadline:
            raise NeverThere("no batch came by")
        await asyncio.sleep(0.02)
    return bool(await watcher.fetch(held, waiting))


# --- clock


async def _clock_set(ground: Ground, draw: random.Random) -> None:
    """A day ahead, then a day behind, then right again."""
    strangers = [one.name for one in ground.crew.workers if not clock.is_used_by(one.process.pid)]
    if strangers:
        raise NeverThere(f"nobody sets the clock of {strangers}")
    try:
        for shift in draw.sample(("+1d", "-1d"), 2):
            clock.set_to(ground.crew.clock, shift)
            await asyncio.sleep(draw.uniform(3, 5))
    finally:
        clock.set_to(ground.crew.clock, clock.RIGHT)


# --- broker


async def _broker_killed(ground: Ground, draw: random.Random) -> None:
    await _broker_away(0, gently=False)(ground, draw)


def _broker_away(seconds: float, *, gently: bool) -> Harm:
    async def harm(ground: Ground, draw: random.Random) -> None:
        await asyncio.sleep(draw.uniform(0, 0.8))
        broker = ground.at.kafka
        await asyncio.to_thread(broker.stop if gently else broker.kill)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(broker.start)

    return harm


# --- network


def _network(which: str, seconds: float, **state: object) -> Harm:
    """The proxy before `kafka` or `postgres` in a state for a time; connections are reset when it begins."""

    async def harm(ground: Ground, draw: random.Random) -> None:
        proxy = getattr(ground.at, which).proxy
        await asyncio.sleep(draw.uniform(0, 0.5))
        for name, value in state.items():
            setattr(proxy, name, value)
        if "delay" not in state:
            proxy.reset()
        await asyncio.sleep(seconds)
        proxy.whole()

    return harm


def _resets(which: str) -> Harm:
    async def harm(ground: Ground, draw: random.Random) -> None:
        for _ in range(5):
            await asyncio.sleep(draw.uniform(0.05, 0.5))
            getattr(ground.at, which).proxy.reset()

    return harm


async def _grown(ground: Ground, than: int) -> None:
    """Wait until more is stored than that."""
    deadline = asyncio.get_running_loop().time() + 60
    while await ground.ingested_in_all() <= than:
        if asyncio.get_running_loop().time() > deadline:
            raise NeverThere("nothing more was stored")
        await asyncio.sleep(0.05)


async def _heard(ground: Ground, name: str, words: str) -> None:
    """Wait until one of the services says this again."""
    before = sum(one.said(words) for one in ground.crew.of(name))
    await _seen(
        lambda: sum(one.said(words) for one in ground.crew.of(name)) > before, f"no {name} said {words}"
    )


async def _seen(true: Callable[[], bool], otherwise: str) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while not true():
        if asyncio.get_running_loop().time() > deadline:
            raise NeverThere(otherwise)
        await asyncio.sleep(0.02)


async def _writer_then_postgres(ground: Ground, draw: random.Random) -> None:
    """Two faults, one after the other: what the ordinary tests do of all this."""
    await _killed_at(WRITER, worker.BEFORE_KAFKA_COMMIT)(ground, draw)
    await _restarted_at_once(ground, draw)


_STATIC = {"YINUO_KAFKA_GROUP_INSTANCE_ID": "each its own"}
_UP: Mapping[str, Any] = {
    "plan": "unmarked", "extractors": 0, "writers": 0, "ups": 1, "settings": {"YINUO_WEB_BIND": "off"},
}  # fmt: skip


def _no_small_disk(_: Path) -> str:
    return small_disk.missing()


FAULTS: tuple[Fault, ...] = (
    Fault("extractor: kill -9 at random", _killed(EXTRACTOR), 4),
    Fault("extractor: kill -9 before the send", _killed_at(EXTRACTOR, worker.BEFORE_SEND)),
    Fault("extractor: kill -9 between send and acknowledgement", _killed_at(EXTRACTOR, worker.BEFORE_ACK)),
    Fault(
        "extractor: kill -9 between acknowledgement and commit", _killed_at(EXTRACTOR, worker.BEFORE_COMMIT)
    ),
    Fault("extractor: SIGTERM", _ended(EXTRACTOR), 4),
    Fault("writer: kill -9 at random", _killed(WRITER), 4),
    Fault("writer: kill -9 in the transaction", _killed_at(WRITER, worker.IN_TRANSACTION)),
    Fault(
        "writer: kill -9 between database and Kafka commit", _killed_at(WRITER, worker.BEFORE_KAFKA_COMMIT)
    ),
    Fault("writer: kill -9 after the Kafka commit", _killed_at(WRITER, worker.AFTER_KAFKA_COMMIT)),
    Fault("writer: SIGTERM", _ended(WRITER), 4),
    Fault("both: kill -9 at once", _killed(EXTRACTOR, WRITER), 3),
    Fault("yinuo up on Apache Kafka: kill -9", _killed(UP), 3, **_UP),
    Fault("yinuo up on Apache Kafka: SIGTERM", _ended(UP), 2, **_UP),
    Fault("Postgres: immediate restart", _restarted_at_once, 4),
    Fault("Postgres: 25 s away", _postgres_away(25), 1),
    Fault("Postgres: an older standby takes over", _older_standby, 3, database_hosts=2),
    Fault("Postgres: read-only for 5 s", _read_only, 2),
    Fault("Postgres: out of connections", _out_of_connections, 2),
    Fault("Postgres: disk full", _disk_full, 2, missing=_no_small_disk),
    Fault("Postgres: disk full, no room for its log", _no_room_for_its_log, 1, missing=_no_small_disk),
    Fault("Postgres: deadlock with another session", _deadlock, 4),
    Fault("Postgres: connection cut in a COPY", _cut_in_copy, 4),
    Fault("Postgres: connections reset", _resets("postgres"), 3),
    Fault("Postgres: network delays by 0.3 s", _network("postgres", 8, delay=0.3), 1),
    Fault("Postgres: network silent for 15 s", _network("postgres", 15, deaf=True), 1),
    Fault("broker: kill -9", _broker_killed, 2),
    Fault("broker: restart", _broker_away(0, gently=True), 2),
    Fault("broker: 30 s away", _broker_away(30, gently=True), 1),
    Fault("broker: connections reset", _resets("kafka"), 3),
    Fault("broker: refuses for 10 s", _network("kafka", 10, closed=True), 1),
    Fault("broker: network delays by 0.3 s", _network("kafka", 10, delay=0.3), 1),
    Fault("broker: network silent for 15 s", _network("kafka", 15, deaf=True), 1),
    Fault("three brokers: the leader killed with kill -9", leader_killed, 3, brokers=3, before=all_back),
    Fault("rebalance: workers come and go", _come_and_go, 5, extractors=2, writers=2),
    Fault(
        "rebalance: kill -9, static membership", _killed(EXTRACTOR, WRITER), 3, settings=_STATIC, extractors=2
    ),
    Fault("rebalance: an extractor's name used twice", _name_used_twice(EXTRACTOR), 3, settings=_STATIC),
    Fault("rebalance: a writer's name used twice", _name_used_twice(WRITER), 3, settings=_STATIC),
    Fault(
        "rebalance: a frozen extractor's name taken over",
        _name_used_twice(EXTRACTOR, frozen=True),
        3,
        settings=_STATIC,
    ),
    Fault(
        "rebalance: a frozen writer's name taken over",
        _name_used_twice(WRITER, frozen=True),
        3,
        settings=_STATIC,
    ),
    Fault("messages: 5 MB, 200,000 characters; kill -9", _killed(EXTRACTOR, WRITER), 2, plan="large"),
    Fault(
        "clock: a day ahead, a day behind", _clock_set, 3, settings={SET_CLOCK: "1"}, missing=clock.missing
    ),
    Fault("messages: 10,000 mutated; kill -9", _killed(EXTRACTOR, WRITER), 3, plan="mutated"),
    Fault("bad release, then a good one", _bad_release, 2),
)

SHORT = Fault("writer killed at its commit, Postgres restarted", _writer_then_postgres, 1, settings=_STATIC)


def _planted(violation: str, harm: Harm, times: int = 3) -> Fault:
    return Fault(f"planted: {violation}", harm, times, settings={**_STATIC, "CHAOS_PLANTED": violation})


PROOFS = (
    _planted("offsets-first", _killed_at(WRITER, worker.BEFORE_KAFKA_COMMIT)),
    _planted("acknowledges-first", _killed_at(EXTRACTOR, worker.BEFORE_SEND)),
    _planted("new-identities", _killed_at(WRITER, worker.BEFORE_KAFKA_COMMIT), 2),
)
"""Services with violations in them: each of these must be reported as lost or counted twice."""

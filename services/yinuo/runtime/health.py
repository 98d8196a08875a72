"""Whether a service lives, is ready, and what it counts: /healthz, /readyz and /metrics over HTTP.

Not for what the service does. Ready means: partitions are assigned and, in each, nothing is left to do or something
was done lately. So a service that waits for a broker, or is stuck on one message, says so.
Nothing is served unless an address is set: `host:port`, or `unix:/path` for a socket only its user may open.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from yinuo.errors import Misuse
from yinuo.runtime import metrics

UNIX = "unix:"
SAMPLE_SECONDS = 1.0
DEAD_AFTER = 4
"""So many times as long as it takes to be not ready, nothing moving, and it counts as dead."""

TopicPartition = tuple[str, int]


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """Where a service stands in one partition.

    `done`: offset of the first message that is not safely done. `highwater`: offset the next message to arrive will
    get; None when the broker has not said yet.
    """

    done: int
    highwater: int | None

    @property
    def lag(self) -> int | None:
        """How many messages are not done; None when unknown."""
        return None if self.highwater is None else max(0, self.highwater - self.done)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What /readyz answers. `lag` None: not known for some partition. `idle_seconds`: since something was done.

    `alive` is what /healthz answers: False when it stands for long though it waits for nothing that it can name, so
    that a restart is the best that is left.
    """

    ready: bool
    reason: str
    partitions: int
    lag: int | None
    idle_seconds: float
    alive: bool = True

    def as_dict(self) -> dict[str, object]:
        """The JSON object of the answer."""
        return {
            "ready": self.ready,
            "reason": self.reason,
            "partitions": self.partitions,
            "lag": self.lag,
            "idle_seconds": round(self.idle_seconds, 1),
        }


class ProgressWatch:
    """Remembers when each partition last moved. Times in seconds of the given clock."""

    def __init__(
        self, stall_seconds: float, clock: Callable[[], float], *, partitions_needed: bool = True
    ) -> None:
        """Nothing was seen yet."""
        self._stall_seconds = stall_seconds
        self._unassigned = "no partitions are assigned" if partitions_needed else ""
        self._clock = clock
        self._moved: dict[TopicPartition, tuple[int, float]] = {}

    def readiness(self, progress: Mapping[TopicPartition, PartitionProgress], fault: str = "") -> Readiness:
        """Take note of where the service stands now, and judge it; `fault`: what it waits for."""
        now = self._clock()
        stuck = ""
        idle = stands = 0.0
        moved: dict[TopicPartition, tuple[int, float]] = {}
        for name, partition in progress.items():
            done, since = self._moved.get(name, (partition.done, now))
            if done != partition.done or partition.lag == 0:
                since = now
            moved[name] = (partition.done, since)
            idle = max(idle, now - since)
            stands = max(stands, now - since) if partition.lag else stands
            if now - since > self._stall_seconds:
                stuck = f"{name[0]}/{name[1]} stands at offset {partition.done} for {now - since:.0f} s"
        self._moved = moved
        lags = [partition.lag for partition in progress.values()]
        lag = None if None in lags else sum(value for value in lags if value is not None)
        reason = fault or stuck or ("" if progress else self._unassigned)
        alive = bool(fault) or stands <= DEAD_AFTER * self._stall_seconds
        return Readiness(not reason, reason or "ready", len(progress), lag if progress else None, idle, alive)


class HealthServer:
    """Serves the three paths while the `async with` block runs; does nothing without an address."""

    def __init__(
        self,
        bind: str | None,
        progress: Callable[[], Mapping[TopicPartition, PartitionProgress]],
        *,
        fault: Callable[[], str] = lambda: "",
        stall_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        partitions_needed: bool = True,
    ) -> None:
        """`progress` and `fault` are called in the event loop, once a second and at each probe.

        `progress`: all that is assigned now. `fault`: what is waited for, such as a broker that is away; "" if none.
        `partitions_needed` False is for a service that reads no topic.
        """
        self._bind = bind
        self._progress = progress
        self._fault = fault
        self._watch = ProgressWatch(stall_seconds, clock, partitions_needed=partitions_needed)
        self._runner: web.AppRunner | None = None
        self._sampling: asyncio.Task[None] | None = None
        self.address = ""

    async def __aenter__(self) -> Self:
        """Start to serve; Misuse when the address is none or is taken."""
        if self._bind is None:
            return self
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            self.address = await _listen(self._runner, self._bind)
        except OSError as error:
            await self._runner.cleanup()
            raise Misuse(
                f"YINUO_HEALTH_BIND: cannot listen on {self._bind}: {error.strerror or error}"
            ) from None
        self._sampling = asyncio.create_task(self._sample())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving."""
        if self._sampling is not None:
            self._sampling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sampling
        if self._runner is not None:
            await self._runner.cleanup()

    async def _sample(self) -> None:
        while True:
            self._readiness()
            await asyncio.sleep(SAMPLE_SECONDS)

    def _readiness(self) -> Readiness:
        progress = self._progress()
        readiness = self._watch.readiness(progress, self._fault())
        _export(progress, readiness)
        return readiness

    async def _healthz(self, _: web.Request) -> web.Response:
        alive = self._readiness().alive
        return web.json_response({"alive": alive}, status=200 if alive else 503)

    async def _readyz(self, _: web.Request) -> web.Response:
        readiness = self._readiness()
        return web.json_response(readiness.as_dict(), status=200 if readiness.ready else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        self._readiness()
        return web.Response(
            body=generate_latest(metrics.REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )


def parse_bind(bind: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[v6]:port`; Misuse when it is none."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise Misuse(f"YINUO_HEALTH_BIND: {bind!r} is no host:port, as in 127.0.0.1:8471")
    return host.strip("[]"), int(port)


async def _listen(runner: web.AppRunner, bind: str) -> str:
    if bind.startswith(UNIX):
        path = Path(bind.removeprefix(UNIX))
        await web.UnixSite(runner, str(path)).start()
        _close_to_others(path)
        return bind
    host, port = parse_bind(bind)
    await web.TCPSite(runner, host, port).start()
    address: Any = runner.addresses[0]
    return f"{host}:{address[1]}"


def _close_to_others(socket: Path) -> None:
    socket.chmod(0o600)


def _export(progress: Mapping[TopicPartition, PartitionProgress], readiness: Readiness) -> None:
    metrics.READY.set(readiness.ready)
    metrics.LAG.clear()
    metrics.DONE_OFFSET.clear()
    for (topic, partition), state in progress.items():
        metrics.DONE_OFFSET.labels(topic=topic, partition=str(partition)).set(state.done)
        if state.lag is not None:
            metrics.LAG.labels(topic=topic, partition=str(partition)).set(state.lag)

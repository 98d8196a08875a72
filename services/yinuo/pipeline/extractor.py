"""The extractor: a Faust agent around plain functions. Raw messages in; extractions and dead letters out.

What is read stands in `handle.py`, where in `readers.py`, in which order it is acknowledged in `in_order.py`. Laws:
an offset is committed only after the result of its message, and of all before it, is acknowledged by the broker; no
exception leaves the agent's loop (Faust would count the message as done); a crashed agent ends the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from yinuo.intake.decode import Limits
from yinuo.pipeline import faust_app, kafka
from yinuo.pipeline.bugs import BugWatch
from yinuo.pipeline.handle import bug_letter, dead_letter
from yinuo.pipeline.in_order import InOrder
from yinuo.pipeline.membership import Membership
from yinuo.pipeline.messages import DEAD, Outgoing, RawMessage, dead_letter_message
from yinuo.pipeline.patience import Patience
from yinuo.pipeline.readers import HANDLER, Readers, ReadFailed
from yinuo.pipeline.same_cluster import check_cluster, watch_cluster
from yinuo.pipeline.sender import Sender
from yinuo.pipeline.service import first_of, leave, run_service
from yinuo.pipeline.turns import Turns
from yinuo.runtime import metrics
from yinuo.runtime.health import HealthServer, PartitionProgress
from yinuo.runtime.settings import Settings
from yinuo_schemas.dead_letter import ErrorStage, ErrorType

DRAIN_SECONDS = 7.0
LEAVE_SECONDS = 3.0

log = structlog.get_logger("yinuo.extractor")


def run(settings: Settings, *, handler: str = HANDLER) -> int:
    """Run an extractor until SIGTERM or SIGINT; the exit code. `handler` names the function that reads a message."""

    async def session(cluster: kafka.Cluster, stopping: asyncio.Event) -> None:
        await _Extractor(settings, cluster, handler).run(stopping)

    return run_service("extractor", settings, session)


class _Extractor:
    """One extractor on one cluster."""

    def __init__(self, settings: Settings, cluster: kafka.Cluster, handler: str) -> None:
        self._settings = settings
        self._cluster = cluster
        limits = Limits(settings.max_text_chars, settings.max_message_bytes)
        self._readers = Readers(limits, settings.extract_processes, settings.extract_seconds, handler)
        self._sender = Sender(settings)
        self._broker = Patience("kafka")
        self._joining = Patience("kafka")
        self._membership = Membership(
            settings, kafka.EXTRACTOR_GROUP, lambda: faust_app.library_consumer(self._app), self._broker
        )
        self._app: Any = None
        self._running: Any = None
        self._bugs = BugWatch(settings.max_bug_share)
        self._work = InOrder(self._read)
        self._turns = Turns()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until asked to end; raises what no waiting mends."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._health())
            await first_of(
                stopping.wait(),
                self._work.failure,
                self._extract(stack),
                watch_cluster(self._settings, self._cluster, self._broker),
            )
            await self._end()

    async def _extract(self, stack: AsyncExitStack) -> None:
        """Connect, join the group, and read; Crashed when Faust gives up."""
        await self._sender.patience.until_done(lambda: stack.enter_async_context(self._sender))
        await stack.enter_async_context(self._readers)
        async with self._membership.explained():
            await first_of(
                self._join_and_read(),
                faust_app.until_refused(lambda: self._app, self._settings, self._joining),
            )

    async def _join_and_read(self) -> None:
        self._running = await self._joining.until_done(self._started)
        await faust_app.until_crash(self._running)

    async def _started(self) -> Any:
        """A new app that runs; one whose start failed cannot be started again."""
        # Faust makes a noise when it finds no broker: it is asked for first.
        await kafka.find_cluster(self._settings)
        self._app = app = faust_app.build(
            self._settings, self._cluster, self._work, self._membership, self._verify
        )
        with kafka.kafka_faults(self._settings):
            await faust_app.start(app)
        return app

    def _health(self) -> HealthServer:
        def progress() -> dict[tuple[str, int], PartitionProgress]:
            metrics.UNDER_WAY.set(self._work.under_way)
            metrics.HELD.set(self._bugs.held)
            return faust_app.progress(self._running, self._work)

        def fault() -> str:
            waiting = (self._broker, self._joining, self._sender.patience)
            return next((patience.reason for patience in waiting if patience.reason), "")

        return HealthServer(self._settings.health_bind, progress, fault=fault)

    async def _read(self, raw: RawMessage) -> Callable[[], Awaitable[None]]:
        """Read a message; the answer is what has to be awaited until its result stands in a topic."""
        started = time.monotonic()
        try:
            outgoing = await self._readers.read(raw)
        except ReadFailed as failure:
            metrics.ARTICLES_READ.labels(outcome="bug").inc()
            log.error(
                "a bug keeps an article from being read", source=raw.source.identity, bug=str(failure),
                details=failure.details,
            )  # fmt: skip
            return partial(self._deliver_bug, raw, str(failure))
        self._bugs.passed()
        metrics.READ_SECONDS.observe(time.monotonic() - started)
        metrics.ARTICLES_READ.labels(outcome="dead" if outgoing.topic == DEAD else "extracted").inc()
        return partial(self._deliver, raw, outgoing)

    async def _deliver(self, raw: RawMessage, outgoing: Outgoing) -> None:
        if outgoing.topic == DEAD:
            await self._bury(outgoing)
            return
        try:
            async with self._turns.of(outgoing.key or b""):
                await self._sender.deliver(outgoing, refusable=True)
        except kafka.TooLarge as error:
            line = (
                f"what was read is larger than {outgoing.topic} takes ({error}): raise its max.message.bytes"
            )
            letter = dead_letter(raw, ErrorStage.EXTRACT, ErrorType.TOO_LARGE, line, datetime.now(UTC))
            await self._bury(dead_letter_message(letter))
            return
        for kind, count in outgoing.rows:
            metrics.ROWS_READ.labels(kind=kind).inc(count)

    async def _deliver_bug(self, raw: RawMessage, what: str) -> None:
        await self._bugs.failed()
        await self._bury(dead_letter_message(bug_letter(raw, what, datetime.now(UTC))))

    async def _bury(self, letter: Outgoing) -> None:
        await self._sender.deliver(letter)
        reason = {
            name: (value or b"").decode() for name, value in letter.headers if name.startswith("yinuo-error-")
        }
        stage, kind = reason["yinuo-error-stage"], reason["yinuo-error-type"]
        metrics.DEAD_LETTERS.labels(stage=stage, type=kind).inc()
        log.warning("dead letter", stage=stage, type=kind, reason=reason["yinuo-error-message"])

    async def _verify(self) -> None:
        """Before messages flow after a rebalance: they must come from the cluster whose id they will carry."""
        await check_cluster(self._settings, self._cluster, self._broker)

    async def _end(self) -> None:
        """Finish what is under way, commit it, leave the group; what is held stays uncommitted."""
        if not await self._work.drain(DRAIN_SECONDS, lambda: self._bugs.held):
            log.warning("not all finished in time; it will be read again", under_way=self._work.under_way)
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await faust_app.stop(self._app)
        except TimeoutError:
            log.warning("the broker does not answer; leaving without goodbye")
            leave(0)

"""What extractor and writer have in common as processes: signals, waiting for the broker, ending for certain.

Not for their work. Laws: SIGTERM and SIGINT end with 0, a fault of the surroundings with nothing at all (it is waited
for), anything else with 1 and one loud line; a process that cannot end in time ends all the same.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NoReturn

import stamina
import structlog

from yinuo.errors import Misuse
from yinuo.pipeline import kafka
from yinuo.pipeline.bugs import BadRelease
from yinuo.pipeline.patience import Patience
from yinuo.runtime.health import HealthServer
from yinuo.runtime.logging import configure
from yinuo.runtime.settings import Settings

DONE, FAILED, MISUSED = 0, 1, 2
STOP_SECONDS = 12.0

CANCEL_SECONDS = 2.0

log = structlog.get_logger("yinuo.service")

Session = Callable[[kafka.Cluster, asyncio.Event], Awaitable[None]]


def run_service(name: str, settings: Settings, session: Session) -> int:
    """Run a session until a signal comes; the exit code. It gets its cluster and an event that asks it to end."""
    configure(settings, service=name)
    stamina.instrumentation.set_on_retry_hooks([])  # who retries says what is wrong itself, once
    for library, level in (("faust", logging.ERROR), ("mode", logging.ERROR), ("aiokafka", logging.CRITICAL)):
        logging.getLogger(library).setLevel(level)
    try:
        kafka.client_options(settings)
        asyncio.run(_guarded(name, settings, session))
    except Misuse as error:
        log.error("cannot run", service=name, reason=str(error))
        return MISUSED
    log.info("stopped", service=name)
    return DONE


async def _guarded(name: str, settings: Settings, session: Session) -> None:
    """The session; what no waiting mends ends the process from inside the loop.

    Closing the loop would wait for Faust's threads, which wait for the loop.
    """
    try:
        await _session(name, settings, session)
    except Misuse:
        raise
    except BadRelease as error:
        log.critical("stopped", service=name, reason=str(error))
        leave(FAILED)
    except Exception as error:
        log.critical("stopped by a bug", service=name, reason=repr(error), exc_info=error)
        leave(FAILED)


def leave(code: int) -> NoReturn:
    """End now: threads of libraries, and what they would still commit, are not waited for."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _session(name: str, settings: Settings, session: Session) -> None:
    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    patience = Patience("kafka")
    preparing = asyncio.ensure_future(prepared(settings, patience))
    # It lives while it waits, and says what for.
    async with HealthServer(settings.health_bind, lambda: {}, fault=lambda: patience.reason or "starting"):
        await first_of(stopping.wait(), preparing)
    if not stopping.is_set():
        cluster = preparing.result()
        log.info("started", service=name, cluster=cluster.cluster_id)
        await session(cluster, stopping)


def _stop_on_signals(stopping: asyncio.Event) -> None:
    """The first signal asks for the end and gives it bounded time; a second one ends at once."""

    def stop() -> None:
        if stopping.is_set():
            leave(DONE)
        stopping.set()
        overdue = threading.Timer(STOP_SECONDS, leave, args=(DONE,))
        overdue.daemon = True
        overdue.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)


async def prepared(settings: Settings, patience: Patience) -> kafka.Cluster:
    """The cluster, its topics made, however long it takes until a broker answers."""

    async def prepare() -> kafka.Cluster:
        cluster = await kafka.find_cluster(settings)
        made = await kafka.ensure_topics(settings)
        if made:
            log.info("topics made", topics=made)
        return cluster

    return await patience.until_done(prepare)


async def first_of(*work: Awaitable[object]) -> None:
    """Back when the first is done, with its exception if it has one; the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        # Faust may swallow its cancelling: it is not waited for longer than this.
        await asyncio.wait(tasks, timeout=CANCEL_SECONDS)


def moment(milliseconds: int | float | None) -> datetime:
    """A broker's timestamp as a UTC time; 1970 for none and for what no calendar holds."""
    try:
        return datetime.fromtimestamp(max(0, milliseconds or 0) / 1000, UTC)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, UTC)

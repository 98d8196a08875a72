"""Faust, tamed: the app with its one agent, without the parts that yinuo must not have. The only file that knows Faust.

Read in its source (0.15.3) and kept in mind here: an agent's exception acknowledges its event; a skipped event is
acknowledged by the pure-Python stream; commits pass an unfinished event when later ones are acknowledged; a crashed
agent is restarted for ever; tables start with a second of sleep; directories are made where it runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import faust
from faust.app.base import BootStrategy
from faust.tables.manager import TableManager

from yinuo.errors import Unavailable
from yinuo.pipeline import kafka
from yinuo.pipeline.in_order import InOrder
from yinuo.pipeline.membership import Membership
from yinuo.pipeline.messages import RAW, RawMessage
from yinuo.pipeline.patience import Patience
from yinuo.pipeline.service import moment
from yinuo.runtime.health import PartitionProgress
from yinuo.runtime.settings import Settings
from yinuo_schemas import SourcePosition

CRASH_CHECK_SECONDS = 0.2

# Faust's services log under the module that their class stands in.
logging.getLogger(__name__).setLevel(logging.ERROR)


class Crashed(Exception):
    """Faust gave up; the text says why."""


class _Event(faust.Event):  # type: ignore[misc]  # Faust is untyped
    """An event that nobody acknowledges but us, on purpose."""

    def ack(self) -> bool:
        return False

    def finished(self) -> None:
        """Everything that had to happen before its offset may be committed has happened."""
        super().ack()


class _NoTables(TableManager):  # type: ignore[misc]  # Faust is untyped
    """The table manager without the second that it waits for tables."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class _Boot(BootStrategy):  # type: ignore[misc]  # Faust is untyped
    """What is started: the consumer. Sending is ours (`sender.py`), health too; there is no web server."""

    enable_kafka_producer = False
    enable_web = False


class _App(faust.App):  # type: ignore[misc]  # Faust is untyped
    BootStrategy = _Boot
    work: InOrder
    beginnings: dict[Any, int]

    def _create_directories(self) -> None:
        """None are needed; Faust would make them in the current directory."""

    async def _on_agent_error(self, agent: Any, error: BaseException) -> None:
        """Faust would commit and start the agent again, without the event that it failed at."""
        self.work.fail(Crashed(f"the agent crashed: {error!r}"))


def build(
    settings: Settings,
    cluster: kafka.Cluster,
    work: InOrder,
    membership: Membership,
    verify: Callable[[], Coroutine[Any, Any, None]],
) -> Any:
    """The app that gives every raw message to `work`; `verify` is awaited after a rebalance, before messages flow."""
    app = _App(
        kafka.group_name(settings, kafka.EXTRACTOR_GROUP),
        **kafka.faust_options(settings, cluster),
        Event=_Event,
        TableManager=_NoTables,
    )
    app.work, app.beginnings = work, {}
    topic = app.topic(
        kafka.topic_name(settings, RAW),
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )

    @app.agent(topic, name="extractor")  # type: ignore[untyped-decorator]  # Faust is untyped
    async def extractor(stream: Any) -> None:
        async for event in stream.noack().events():
            await work.admit(_raw_message(event.message, cluster), event.finished)

    @app.on_partitions_revoked.connect  # type: ignore[untyped-decorator]  # Faust is untyped
    async def revoked(*_: Any, **__: Any) -> None:
        # All that is not committed comes again, here or elsewhere: nothing of it may be acknowledged any more.
        work.forget()
        await membership.before_joining_again()

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]  # Faust is untyped
    async def assigned(*_: Any, **__: Any) -> None:
        membership.joined()
        work.reopen_after(begin())

    async def begin() -> None:
        await verify()
        if assignment := app.consumer.assignment():
            app.beginnings = dict(await app.consumer.earliest_offsets(*assignment))

    return app


def _raw_message(message: Any, cluster: kafka.Cluster) -> RawMessage:
    source = SourcePosition(
        cluster=cluster.cluster_id,
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=moment(message.timestamp * 1000 if message.timestamp is not None else None),
    )
    return RawMessage(message.key, message.value, tuple(message.headers or ()), source)


def library_consumer(app: Any) -> Any:
    """The client library's consumer under the app; None while there is none."""
    return app.consumer._thread._consumer if app is not None else None


async def start(app: Any) -> None:
    """Start the app; what keeps it from starting is raised."""
    await app.start()
    if app.crashed:
        raise app.crash_reason


async def until_crash(app: Any) -> NoReturn:
    """Watch the running app; Crashed, with Faust's reason, when it gives up."""
    while not app.crashed:  # noqa: ASYNC110 (Faust shows no event that one could wait for)
        await asyncio.sleep(CRASH_CHECK_SECONDS)
    raise Crashed(repr(app.crash_reason)) from app.crash_reason


async def until_refused(
    current: Callable[[], Any | None], settings: Settings, patience: Patience
) -> NoReturn:
    """Watch the membership of the current app; raises what the library gives up for.

    A fault of the surroundings goes to `patience` instead, and is tried again.
    """
    while True:
        await asyncio.sleep(CRASH_CHECK_SECONDS)
        try:
            with kafka.kafka_faults(settings):
                await _raise_refusal(current())
        except Unavailable as error:
            patience.note(str(error))


async def _raise_refusal(app: Any) -> None:
    """Raise why the library has stopped joining the group, if it has; asked for it, it goes on.

    Faust does not ask while it has no partitions.
    """
    coordinator = getattr(library_consumer(app), "_coordinator", None)
    if coordinator is None or coordinator._pending_exception is None:
        return

    async def ask() -> None:
        coordinator.check_errors()

    loop = app.consumer._thread.thread_loop
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(ask(), loop))


def progress(app: Any | None, work: InOrder) -> dict[tuple[str, int], PartitionProgress]:
    """Where the work stands in each assigned partition; {} while Faust is not ready."""
    if app is None or not app.started or app.rebalancing:
        return {}
    return {
        (at.topic, at.partition): PartitionProgress(_done(app, work, at), app.consumer.highwater(at))
        for at in app.consumer.assignment()
    }


def _done(app: Any, work: InOrder, at: Any) -> int:
    """The first offset that is not safely done: after our last one, else where Faust was sent to begin."""
    done = work.next_offsets.get((at.topic, at.partition))
    return done if done is not None else app.consumer._read_offset[at] or app.beginnings.get(at, 0)


async def stop(app: Any | None) -> None:
    """Commit what is acknowledged, leave the group, end Faust's threads."""
    if app is None:
        return
    # Faust reports the cancelling of its agent as a crash.
    logging.getLogger("faust").setLevel(logging.CRITICAL)
    if app.started:
        await app.consumer.commit()
    await app.stop()

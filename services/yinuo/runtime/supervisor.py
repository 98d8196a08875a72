"""`yinuo up` as a process: signals, the watch over its process tree, the drain, the exit code; and the demo's tree.

Not for what is printed for people (the command line does that). SIGINT, SIGTERM and SIGHUP drain and end with 0; a
second one ends the draining.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any, Self

import structlog

from yinuo.runtime.data_dir import prepared_data_dir, temporary_data_dir
from yinuo.runtime.logging import configure
from yinuo.runtime.run_file import RunningUp
from yinuo.runtime.settings import Settings, default_settings
from yinuo.runtime.stack import Stack, Step
from yinuo.runtime.up_health import UpHealth

__all__ = ["RunningUp", "Stack", "Step", "demo_stack", "run_up"]

WATCH_EVERY_S = 0.1

log = structlog.get_logger("yinuo.up")


class StopRequested(BaseException):
    """A signal came while things were being started: like KeyboardInterrupt, not an error."""


class StopSignals:
    """The signals that ask for the end, counted; while `interrupting`, one raises StopRequested where it arrives."""

    NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        """None has come yet."""
        self.count = 0
        self.interrupting = True
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        """Take the signals over, also where a shell had them ignored for a background job."""
        for number in self.NUMBERS:
            self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Give them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _came(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.interrupting:
            self.interrupting = False
            raise StopRequested


def run_up(
    settings: Settings, *, on_step: Callable[[Step], None], on_ready: Callable[[RunningUp], None]
) -> int:
    """Run everything until a signal comes; 0. `on_ready` is told where once articles flow.

    Misuse and Unavailable: what cannot start, or what has stopped everything, in one line.
    """
    with StopSignals() as signals:
        try:
            configure(settings, service="up")
            data_dir = prepared_data_dir(settings.data_dir)
            stack = Stack(settings, data_dir, on_step=on_step)
            # Before anything is started: an address that is taken is said at once, and nothing has to be ended.
            with UpHealth(settings.health_bind, stack):
                _run(stack, signals, on_ready)
        except StopRequested:
            return 0
    return 0


def _run(stack: Stack, signals: StopSignals, on_ready: Callable[[RunningUp], None]) -> None:
    try:
        stack.start()
        signals.interrupting = False
        on_ready(stack.running)
        _watch(stack, signals)
    finally:
        signals.interrupting = False
        _end(stack, signals)


def _watch(stack: Stack, signals: StopSignals) -> None:
    while not signals.count:
        stack.check()
        time.sleep(WATCH_EVERY_S)


def _end(stack: Stack, signals: StopSignals) -> None:
    before = signals.count
    try:
        line = stack.drain(hurry=lambda: signals.count > max(before, 1)).line()
        if line is not None:
            log.error(line)
    finally:
        stack.stop()


@contextlib.contextmanager
def demo_stack(*, on_step: Callable[[Step], None]) -> Iterator[Stack]:
    """A started stack on free ports and in a temporary folder; all of it is gone afterwards.

    It meets no running `up`, and no setting of the user plays a part. Misuse and Unavailable as `run_up`.
    """
    with temporary_data_dir() as folder:
        settings = default_settings(data_dir=folder, embedded_kafka_port=0, log_level="WARNING")
        configure(settings, service="demo")
        stack = Stack(settings, folder, on_step=on_step, durable=False, quiet=True)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop(quickly=True)

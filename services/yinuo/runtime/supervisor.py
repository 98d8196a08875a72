"""`yinuo up` as a process: signals, the watch over its process tree, the drain, the exit code; and the demo's tree.

Not for what is printed for people (the command line does that). SIGINT, SIGTERM and SIGHUP drain and end with 0; a
second one ends the draining.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import structlog

from yinuo.runtime.data_dir import prepared_data_dir, temporary_data_dir
from yinuo.runtime.logging import configure
from yinuo.runtime.run_file import RunningUp
from yinuo.runtime.settings import Settings, default_settings
from yinuo.runtime.stack import Stack, Step
from yinuo.runtime.up_health import UpHealth
from yinuo.runtime.web_address import OFF

__all__ = ["RunningUp", "Stack", "Step", "demo_stack", "run_up"]

WATCH_EVERY_S = 0.1

log = structlog.get_logger("yinuo.up")


class StopRequested(BaseException):
    """A signal came while things were being started: like KeyboardInterrupt, not an error."""


class StopSignals:
    """The signals that ask for the end, counted; inside `raising`, one raises StopRequested where it arrives."""

    NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self, numbers: Sequence[signal.Signals] = NUMBERS) -> None:
        """None has come yet."""
        self.count = 0
        self._interrupting = False
        self._numbers = numbers
        self._before: dict[signal.Signals, Any] = {}
        self._unraisable = sys.unraisablehook

    def __enter__(self) -> Self:
        """Take the signals over, also where a shell had them ignored for a background job."""
        self._take()
        sys.unraisablehook = self._swallowed
        return self

    @contextlib.contextmanager
    def raising(self) -> Iterator[None]:
        """A signal that comes inside, or has come before, raises StopRequested; after the block they are counted."""
        try:
            self._interrupting = True
            self.check()
            yield
            self.check()
        finally:
            self._interrupting = False

    @contextlib.contextmanager
    def shielded(self) -> Iterator[None]:
        """A signal that comes inside raises StopRequested at the end of the block, not within."""
        interrupting, self._interrupting = self._interrupting, False
        try:
            yield
        finally:
            self._interrupting = interrupting
            if interrupting:
                self.check()

    @contextlib.contextmanager
    def given_back(self) -> Iterator[None]:
        """Inside, the signals are what they were before: asyncio takes Ctrl-C over only from Python's own handler."""
        try:
            self._give_back()
            self.check()
            yield
        finally:
            self._take()

    def check(self) -> None:
        """Raise StopRequested if a signal has come: it may have arrived where Python swallows what is raised."""
        if self.count:
            self._interrupting = False
            raise StopRequested

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Give them back."""
        self._give_back()
        sys.unraisablehook = self._unraisable

    def _take(self) -> None:
        for number in self._numbers:
            before = signal.signal(number, self._came)
            self._before.setdefault(number, before)

    def _give_back(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _came(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self._interrupting:
            self._interrupting = False
            raise StopRequested

    def _swallowed(self, lost: sys.UnraisableHookArgs) -> None:
        """One of ours that was raised in a finaliser or a fork hook: the next signal or `check` does it again."""
        if isinstance(lost.exc_value, StopRequested):
            self._interrupting = True
        else:
            self._unraisable(lost)


def run_up(
    settings: Settings, *, on_step: Callable[[Step], None], on_ready: Callable[[RunningUp], None]
) -> int:
    """Run everything until a signal comes; 0. `on_ready` is told where once articles flow.

    Misuse and Unavailable: what cannot start, or what has stopped everything, in one line.
    """
    with StopSignals() as signals:
        try:
            with signals.raising():
                configure(settings, service="up")
                data_dir = prepared_data_dir(settings.data_dir)
                stack = Stack(
                    settings, data_dir, on_step=_checking(signals, on_step), shield=signals.shielded
                )
            # Before anything is started: an address that is taken is said at once, and nothing has to be ended.
            with UpHealth(settings.health_bind, stack):
                _run(stack, signals, on_ready)
        except StopRequested:
            return 0
    return 0


def _run(stack: Stack, signals: StopSignals, on_ready: Callable[[RunningUp], None]) -> None:
    try:
        with signals.raising():
            stack.start()
        on_ready(stack.running)
        _watch(stack, signals)
    finally:
        _end(stack, signals)


def _checking(signals: StopSignals, on_step: Callable[[Step], None]) -> Callable[[Step], None]:
    def said(step: Step) -> None:
        on_step(step)
        signals.check()

    return said


def _watch(stack: Stack, signals: StopSignals) -> None:
    while not signals.count:
        stack.check()
        time.sleep(WATCH_EVERY_S)


def _end(stack: Stack, signals: StopSignals) -> None:
    before = signals.count
    if before:
        log.info("ending: what is under way comes to its end; a second signal ends it sooner")
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
    # An ignored Ctrl-C (a background job of a shell) stays ignored.
    asked = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signals = StopSignals([signal.SIGINT] if asked else [])
    try:
        with signals, temporary_data_dir() as folder, _demo_stack_in(folder, signals, on_step) as stack:
            with signals.raising():
                stack.start()
            with signals.given_back():
                yield stack
        # One that came while all was being ended.
        signals.check()
    except StopRequested:
        raise KeyboardInterrupt from None


@contextlib.contextmanager
def _demo_stack_in(folder: Path, signals: StopSignals, on_step: Callable[[Step], None]) -> Iterator[Stack]:
    """A stack that is not started yet, and is ended whatever happens; no signal breaks into that."""
    settings = default_settings(data_dir=folder, embedded_kafka_port=0, web_bind=OFF, log_level="WARNING")
    configure(settings, service="demo")
    said = _checking(signals, on_step)
    stack = Stack(settings, folder, on_step=said, durable=False, quiet=True, shield=signals.shielded)
    try:
        yield stack
    finally:
        stack.stop(quickly=True)

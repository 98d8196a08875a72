"""Trying again for as long as the surroundings are at fault, and saying so.

Not for errors of data or of ours: those rise at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

import stamina
import structlog

from yinuo.errors import Unavailable
from yinuo.runtime import metrics

LONGEST_PAUSE_SECONDS = 3.0

T = TypeVar("T")
log = structlog.get_logger("yinuo.service")


class Patience:
    """Waits for one part of the surroundings. `reason` is why, while it does; each new one is logged once."""

    def __init__(self, target: Literal["kafka", "postgres"]) -> None:
        """Nothing is waited for."""
        self._target = target
        self.reason = ""

    async def until_done(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of the work, tried again for as long as it is Unavailable; pauses grow to a few seconds."""
        async for attempt in stamina.retry_context(
            on=Unavailable, attempts=None, timeout=None, wait_initial=0.1, wait_max=LONGEST_PAUSE_SECONDS
        ):
            with attempt:
                try:
                    result = await work()
                except Unavailable as error:
                    self.note(str(error))
                    raise
                self.note("")
                return result
        raise AssertionError("retrying has no end")

    def note(self, reason: str) -> None:
        """What is waited for now; empty: nothing."""
        if reason and reason != self.reason:
            metrics.FAULTS.labels(target=self._target).inc()
            log.warning("waiting", target=self._target, reason=reason)
        elif self.reason and not reason:
            log.info("going on", target=self._target)
        self.reason = reason

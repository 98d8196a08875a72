"""What the handlers of one server share: settings, the way to database and broker, and a few numbers kept warm."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from starlette.requests import Request

from yinuo.runtime.settings import Settings
from yinuo.storage.explorer import Overview
from yinuo.storage.pool import ReadingPool
from yinuo.web.broker import Broker
from yinuo.web.safety import Access

T = TypeVar("T")
KEPT_TIMES = 20
"""An answer is kept so many times as long as it took: what is quick is always fresh, what is slow is never waited for
twice."""


class Kept(Generic[T]):
    """One answer that is asked for often. An old one is given while a new one is on its way."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is kept yet."""
        self._clock = clock
        self._value: T | None = None
        self._until = 0.0
        self._fetching: asyncio.Task[T] | None = None

    async def get(self, fetch: Callable[[], Awaitable[T]]) -> T:
        """The answer; waits only for the first one, or for one that is quick."""
        if self._value is not None and self._clock() < self._until:
            return self._value
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetched(fetch))
            self._fetching.add_done_callback(self._forget)
        if self._value is None:
            return await asyncio.shield(self._fetching)
        done, _ = await asyncio.wait({self._fetching}, timeout=0.1)
        return done.pop().result() if done else self._value

    async def _fetched(self, fetch: Callable[[], Awaitable[T]]) -> T:
        begun = self._clock()
        value = await fetch()
        now = self._clock()
        self._value, self._until = value, now + KEPT_TIMES * (now - begun)
        return value

    def _forget(self, task: asyncio.Task[T]) -> None:
        self._fetching = None
        if not task.cancelled():
            # Looked at, so that a fault nobody waited for is not reported as lost.
            task.exception()


@dataclass(slots=True)
class WebState:
    """One server's state; `in_flight` counts the gateway's requests, `fault` says why nothing can be read now."""

    settings: Settings
    access: Access
    pool: ReadingPool
    broker: Broker
    dsn: str
    overview: Kept[Overview] = field(default_factory=Kept)
    in_flight: int = 0
    fault: str = ""

    def today(self) -> date:
        """Today in YINUO_TIMEZONE."""
        return datetime.now(ZoneInfo(self.settings.timezone)).date()


def state_of(request: Request) -> WebState:
    """The state of the server that got this request."""
    state: WebState = request.app.state.web
    return state


def is_privileged(request: Request) -> bool:
    """Whether who asks may see dead letters' bytes and send them again."""
    return bool(request.scope.get("state", {}).get("privileged"))

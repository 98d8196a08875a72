"""Turns: work on one article is done one piece after the other, work on several side by side.

Law: the next piece begins only when the one before it has ended. A broker that is away for a while makes one delivery
be tried again later; without turns a later revision would overtake an earlier one then, and history would lack a form.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Who comes after whom, by article. Nothing is kept of articles that nobody works on."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._last: dict[bytes, asyncio.Event] = {}

    @asynccontextmanager
    async def of(self, article: bytes) -> AsyncIterator[None]:
        """Inside, no other work on this article goes on. Turns are in the order in which they are asked for."""
        before, done = self._last.get(article), asyncio.Event()
        self._last[article] = done
        try:
            if before is not None:
                await before.wait()
            yield
        finally:
            done.set()
            if self._last.get(article) is done:
                del self._last[article]

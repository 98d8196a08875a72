"""Whether a bug in reading is one article's or the whole release's: held articles, and what came after each.

Not for what then happens. Law (contract): a held article is decided by the 20 articles after it, or by 10 seconds;
if a quarter of them fail too, and at least five in all, the release is bad and nothing held may be committed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

LATER_ARTICLES = 20
HOLD_SECONDS = 10.0
LEAST_FAILURES = 5


class BadRelease(Exception):
    """So many articles fail by a bug that the release must be at fault; the text says how many of how many."""


@dataclass(slots=True)
class Hold:
    """One article held back. Counts include the article itself."""

    share: float
    seen: int = 1
    failed: int = 1
    decided: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, failed: bool) -> None:
        """Another article was read after this one."""
        self.seen += 1
        self.failed += failed
        if self.seen > LATER_ARTICLES or self.blames_release(LATER_ARTICLES + 1):
            self.decided.set()

    def blames_release(self, of: int) -> bool:
        """Whether so many failures of `of` articles speak against the release."""
        return self.failed >= max(LEAST_FAILURES, self.share * of)


class BugWatch:
    """All held articles of one service. `max_share` is the part of failing articles at which the release is bad."""

    def __init__(self, max_share: float, hold_seconds: float = HOLD_SECONDS) -> None:
        """Nothing is held."""
        self._max_share = max_share
        self._hold_seconds = hold_seconds
        self._holds: list[Hold] = []

    @property
    def held(self) -> int:
        """How many articles are held back."""
        return len(self._holds)

    def passed(self) -> None:
        """An article was read, to whatever result."""
        for hold in self._holds:
            hold.add(failed=False)

    async def failed(self) -> None:
        """A bug kept an article from being read: back when it alone is to blame. BadRelease when the release is."""
        for hold in self._holds:
            hold.add(failed=True)
        hold = Hold(self._max_share)
        self._holds.append(hold)
        try:
            await self._decision(hold)
        finally:
            self._holds.remove(hold)
        if hold.blames_release(hold.seen):
            raise BadRelease(
                f"{hold.failed} of {hold.seen} articles cannot be read for a bug: this release is at fault; "
                "nothing of them is committed, start a good release and it reads them again"
            )

    async def _decision(self, hold: Hold) -> None:
        try:
            async with asyncio.timeout(self._hold_seconds):
                await hold.decided.wait()
        except TimeoutError:
            pass

"""Work that comes round once a day in a process that runs for months.

Not for what must happen at its hour. Law: a fault of the surroundings puts it off, and never ends the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from yinuo.errors import Unavailable

DAY_S = 24 * 60 * 60.0
AGAIN_S = 60 * 60.0
"""After a fault it is tried again so much later."""

log = structlog.get_logger("yinuo.up")


class Daily:
    """Does its work a day after it was made, and every day from then on, when it is looked at."""

    def __init__(self, work: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds and is never set back."""
        self._work = work
        self._clock = clock
        self._due = clock() + DAY_S

    def look(self) -> None:
        """Do the work if it is due."""
        if self._clock() < self._due:
            return
        self._due = self._clock() + DAY_S
        try:
            self._work()
        except Unavailable as error:
            self._due = self._clock() + AGAIN_S
            log.warning("put off for an hour", reason=str(error))

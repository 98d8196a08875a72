"""Whether a row that the database refuses is one article's, or what a bad release gives: the writer's counterpart of `bugs.py`.

Not for what then happens. Law: of the last 21 extractions a quarter, and at least five, may not be refused; the writer
stops before the next one is set aside, and nothing of its batch is committed. An extraction that comes again is
counted once.
"""

from __future__ import annotations

from collections.abc import Sequence

from yinuo.pipeline.bugs import LATER_ARTICLES, LEAST_FAILURES, BadRelease


class RefusalWatch:
    """The last extractions of one writer. `max_share`: see above; 1 means that it never stops."""

    def __init__(self, max_share: float) -> None:
        """None yet."""
        self._max_share = max_share
        self._last: dict[str, bool] = {}

    def judge(self, batch: Sequence[tuple[str, bool]], reason: str = "") -> None:
        """Count a batch: (identity, whether it was refused) in order. BadRelease when too many were."""
        for identity, refused in batch:
            self._last.pop(identity, None)
            self._last[identity] = refused
            if len(self._last) > LATER_ARTICLES + 1:
                del self._last[next(iter(self._last))]
            failed = sum(self._last.values())
            if refused and self._max_share < 1 and failed >= self._most():
                raise BadRelease(
                    f"the database refuses {failed} of the last {len(self._last)} extractions ({reason}): this "
                    "release, or the one that extracted them, is at fault; nothing of this batch is committed. "
                    "Start a good writer and it stores them; YINUO_MAX_BUG_SHARE=1 makes them dead letters"
                )

    def _most(self) -> float:
        return max(LEAST_FAILURES, self._max_share * (LATER_ARTICLES + 1))

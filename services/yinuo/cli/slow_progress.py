"""A bar on stderr for what takes longer than two seconds; nothing where stderr is no terminal."""

from __future__ import annotations

import time

DELAY_SECONDS = 2.0


class SlowProgress:
    """Counts to `total`; shows itself only once it has run for DELAY_SECONDS."""

    def __init__(self, what: str, total: int) -> None:
        """Shows nothing yet."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        from yinuo.cli.console import remarks

        console = remarks()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(what, total=total)
        self._shown = False
        self._begun = 0.0

    def __enter__(self) -> SlowProgress:
        """The two seconds begin."""
        self._begun = time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        """Take the bar away."""
        self._progress.stop()

    def advance(self, by: int = 1) -> None:
        """So many more are done."""
        self._progress.advance(self._task, by)
        if not self._shown and time.monotonic() - self._begun >= DELAY_SECONDS:
            self._shown = True
            self._progress.start()

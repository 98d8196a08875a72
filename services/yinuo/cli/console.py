"""Where output goes: results on stdout, progress and remarks on stderr, JSON as UTF-8 whatever the locale."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 80
"""Cells of a line where stdout is no terminal and COLUMNS is not set."""


def results() -> Console:
    """The console for results: colours only on a terminal, no guessing about what the text means."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=False)


def remarks() -> Console:
    """The console for progress and remarks: stderr, so that results can be piped away."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_line(line: str) -> None:
    """One line of machine-readable output, UTF-8, handed on at once (the reader may wait for it)."""
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(line + "\n")
    else:
        sys.stdout.flush()
        stream.write(line.encode() + b"\n")
    sys.stdout.flush()

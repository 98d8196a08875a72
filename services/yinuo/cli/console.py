"""Where output goes: results on stdout, progress and remarks on stderr, JSON as UTF-8 whatever the locale."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

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


def waiting(what: str) -> Status:
    """A sign on the terminal that something goes on, while the `with` block waits; nothing elsewhere."""
    return remarks().status(f"{what} ...")


def program() -> str:
    """How this command line is called from here: `yinuo` where the path leads to it, else by its file."""
    ours = Path(sys.executable).with_name("yinuo")
    found = shutil.which("yinuo")
    if not ours.exists() or (found is not None and Path(found).resolve() == ours.resolve()):
        return "yinuo"
    here = Path.cwd()
    return str(ours.relative_to(here) if ours.is_relative_to(here) else ours)


def print_line(line: str) -> None:
    """One line of machine-readable output, UTF-8, handed on at once (the reader may wait for it)."""
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.write(line + "\n")
    else:
        sys.stdout.flush()
        stream.write(line.encode() + b"\n")
    sys.stdout.flush()

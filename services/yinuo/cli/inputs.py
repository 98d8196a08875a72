"""The inputs of `extract` and `submit`: `yinuo.intake.files` with this process's limits and standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from yinuo.intake.decode import Limits
from yinuo.intake.files import Input, read_inputs
from yinuo.runtime.settings import load_settings

if TYPE_CHECKING:
    from yinuo.runtime.settings import Settings


def named_inputs(
    paths: Sequence[str], fields: Mapping[str, object], settings: Settings | None = None
) -> Iterator[Input]:
    """Every article of the paths, in order, or why it is none; Misuse at the call for what cannot be meant."""
    settings = settings or load_settings()
    stdin = _standard_input() if "-" in paths else None
    if stdin is not None and stdin.isatty():
        sys.stderr.write("yinuo: reading from the terminal; Ctrl-D at the start of a line ends it\n")
    return read_inputs(
        paths, fields=fields, limits=Limits(settings.max_text_chars, settings.max_message_bytes), stdin=stdin
    )


def _standard_input() -> BinaryIO | None:
    """Standard input, None when it is closed.

    A reader of its own: a thread that still waits for `sys.stdin` at Ctrl-C would hold its lock, and Python aborts.
    """
    if sys.stdin is None:
        return None
    return open(sys.stdin.fileno(), "rb", closefd=False)

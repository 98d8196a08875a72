"""The inputs of `extract` and `submit`: `yinuo.intake.files` with this process's limits and standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

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
    stdin = None if sys.stdin is None else sys.stdin.buffer
    if "-" in paths and stdin is not None and stdin.isatty():
        sys.stderr.write("yinuo: reading from the terminal; Ctrl-D at the start of a line ends it\n")
    return read_inputs(
        paths, fields=fields, limits=Limits(settings.max_text_chars, settings.max_message_bytes), stdin=stdin
    )

"""The inputs of `extract` and `submit`: what `yinuo.intake.files` reads, with the flags' metadata put in."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yinuo.errors import BadInput
    from yinuo_schemas import Article


@dataclass(frozen=True, slots=True)
class NamedInput:
    """One article, or the reason why it is none, under the name that a message gives it.

    `stem` names its output file (None: the article's id does); `path` is the file it was read from.
    """

    name: str
    stem: str | None
    path: Path | None
    article: Article | None
    error: BadInput | None


def named_inputs(paths: Sequence[str], fields: Mapping[str, object]) -> Iterator[NamedInput]:
    raise NotImplementedError

"""The inputs of `extract` and `submit`: what `yinuo.intake.files` reads, with the flags' metadata put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yinuo.errors import Misuse

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
    """Every article of the paths, in order; what the flags say stands where the article says nothing itself."""
    from yinuo_schemas import Article

    for name in paths:
        path = Path(name)
        if not path.exists():
            raise Misuse(f"{name}: no such file or folder")
        lines = path.read_text(encoding="utf-8").splitlines() if path.suffix == ".jsonl" else [None]
        for at, line in enumerate(lines, start=1):
            if line is None:
                article = Article.model_validate({"text": path.read_bytes().decode("utf-8-sig"), **fields})
                yield NamedInput(name, path.stem, path, article.with_id(), None)
            else:
                yield NamedInput(
                    f"{name}:{at}", None, path, Article.model_validate_json(line).with_id(), None
                )

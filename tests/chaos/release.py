"""Releases with bugs, for `extractor.run(handler=…)`: the one that the runs use, and one that can read nothing."""

from __future__ import annotations

from typing import Any

from chaos.plan import BUG, MISQUOTE
from yinuo.pipeline.handle import handle

USUAL = "chaos.release:usual"
READS_NOTHING = "chaos.release:reads_nothing"


def usual(raw: Any, *arguments: Any, **named: Any) -> Any:
    """Fails at articles that are marked so, and reads others so that the database refuses them."""
    value = raw.value or b""
    if BUG.encode() in value:
        raise RuntimeError("planted")
    result = handle(raw, *arguments, **named)
    if MISQUOTE.encode() not in value:
        return result
    first, *others = result.pledges
    wrong = first.model_copy(update={"quote": first.quote + "。"})
    return result.model_copy(update={"pledges": [wrong, *others]})


def reads_nothing(raw: Any, *arguments: Any, **named: Any) -> Any:
    """Fails at every article."""
    raise RuntimeError("planted")

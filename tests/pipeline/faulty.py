"""Handlers of releases with a bug, for `extractor.run(handler=…)`; a service never loads them by itself."""

from __future__ import annotations

from typing import Any

from yinuo.pipeline.handle import handle


def on_marked_articles(raw: Any, *arguments: Any, **named: Any) -> Any:
    """Fails on the article that says so."""
    if raw.value is not None and b"BUG" in raw.value:
        raise RuntimeError("planted")
    return handle(raw, *arguments, **named)


def every(raw: Any, *arguments: Any, **named: Any) -> Any:
    """Fails on every article."""
    raise RuntimeError("planted")


def misquoting_marked_articles(raw: Any, *arguments: Any, **named: Any) -> Any:
    """Valid by the schema, refused by the database: a quote that is longer than its span."""
    result = handle(raw, *arguments, **named)
    if raw.value is None or b"MISQUOTE" not in raw.value:
        return result
    first, *others = result.pledges
    wrong = first.model_copy(update={"quote": first.quote + "。"})
    return result.model_copy(update={"pledges": [wrong, *others]})


def hanging_on_marked_articles(raw: Any, *arguments: Any, **named: Any) -> Any:
    """Never comes back from the article that says so."""
    while raw.value is not None and b"HANG" in raw.value:
        pass
    return on_marked_articles(raw, *arguments, **named)

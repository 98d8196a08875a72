"""What a pledge is about, by the words of `topics.toml`. Knows nothing of firmness, dates or numbers."""

from __future__ import annotations

import re

from yinuo.extraction.data import alternation, toml_table

_TABLE: dict[str, dict[str, str]] = toml_table("topics.toml")
_TOPIC_OF = {word: topic for topic, lines in _TABLE.items() for word in lines}
_WORD = re.compile(f"(?=({alternation(tuple(_TOPIC_OF))}))")


def topic_of(clause: str) -> str:
    """The topic of a clause: that of the topic word that ends last in it, the longer of two; `other` without one."""
    best = max(
        ((match.end(1), match.end(1) - match.start(1), match[1]) for match in _WORD.finditer(clause)),
        default=None,
    )
    return _TOPIC_OF[best[2]] if best else "other"

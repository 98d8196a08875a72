"""The lines of a page as they were set: where they begin, what stands before them, and how wide the column is.

Works on the raw text and knows nothing of words; what a break between two lines means is told in `reading.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

NEWLINE = "\r\n\f\u0085\u2028\u2029"
_LINE = re.compile(rf"[^{NEWLINE}]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line `[start, end)` without the blanks around it; `set_in` by two ideographic spaces, `indented` by one, a tab or two blanks."""

    start: int
    end: int
    text: str
    blank_before: bool
    indented: bool
    set_in: bool


def lines_of(text: str) -> list[Line]:
    """The non-blank lines, stripped, with what stood before them; two ideographic spaces set a paragraph in."""
    lines: list[Line] = []
    previous_end = 0
    for found in _LINE.finditer(text):
        stripped = found[0].strip(_STRIPPABLE)
        if not stripped:
            continue
        start = found.start() + found[0].index(stripped[0])
        breaks = text.count("\n", previous_end, start) or text.count("\r", previous_end, start)
        blank = text[found.start() : start]
        lines.append(
            Line(
                start,
                start + len(stripped),
                stripped,
                breaks > 1,
                _SET_IN.search(blank) is not None,
                blank.endswith("　　"),
            )
        )
        previous_end = start + len(stripped)
    return lines


_SET_IN = re.compile("[　\\t]|  $")  # one space before a line was inside it before the page was broken anew
_STRIPPABLE = " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u2060\u3000\ufeff"


def wrap_width(lines: list[Line]) -> int | None:
    """The column width of hard-wrapped text, or None when lines are paragraphs."""
    counts = Counter(len(line.text) for line in lines if len(line.text) >= 8)
    if not counts:
        return None
    near = {width: sum(counts[width + shift] for shift in (-2, -1, 0, 1, 2)) for width in counts}
    width = max(near, key=lambda candidate: (near[candidate], candidate))
    if sum(len(line.text) > width + 6 for line in lines) * 5 > len(lines):
        return None  # lines that long are paragraphs, and the many short ones headings
    return width if near[width] >= 4 and near[width] * 5 >= 2 * len(lines) and width <= 90 else None

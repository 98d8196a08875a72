"""Tables that line up with Chinese text: one line a row, widths in terminal cells, long texts shortened.

Knows nothing of pledges or metrics: columns and cells come from `row_tables.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.text import Text

GAP = 2
"""Cells between two columns."""
ELLIPSIS = "…"
_UNSHOWABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_CHINESE_SPACE = re.compile(
    r"(?<=[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]) (?=[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef])"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the cells it takes at least and at most, and where its text stands.

    The column marked `takes_rest` gets whatever the others leave.
    """

    name: str
    least: int = 4
    most: int = 16
    justify: Literal["left", "right"] = "left"
    takes_rest: bool = False
    style: str = ""


def lined_up(columns: Sequence[Column], rows: Iterable[Sequence[str]], width: int) -> Text:
    """A table of at most `width` cells a line, every row one line, cells shortened to their column."""
    shown = [[on_one_line(cell) for cell in row] for row in rows]
    widths = column_widths(columns, shown, width)
    head = [column.name for column in columns]
    # ASCII, because terminals set up for Chinese draw ─ two cells wide.
    rule = ["-" * cells for cells in widths]
    lines = [_line(columns, head, widths, "bold"), _line(columns, rule, widths, "dim")]
    lines += [_line(columns, row, widths) for row in shown]
    return Text("\n", no_wrap=True, overflow="crop").join(lines)


def _line(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int], style: str = "") -> Text:
    line = Text()
    for column, cell, width in zip(columns, cells, widths, strict=True):
        fitting = shortened(cell, width)
        space = " " * (width - cell_len(fitting))
        line.append(space + fitting if column.justify == "right" else fitting + space, style or column.style)
        line.append(" " * GAP)
    line.rstrip()
    return line


def column_widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Cells for each column: what it needs up to its most, shrunk where the line is too short."""
    widths = [
        max([cell_len(column.name), *(cell_len(row[at]) for row in rows)])
        for at, column in enumerate(columns)
    ]
    widths = [
        needed if column.takes_rest else min(needed, max(column.most, cell_len(column.name)))
        for needed, column in zip(widths, columns, strict=True)
    ]
    too_much = sum(widths) + GAP * (len(columns) - 1) - width
    order = sorted(range(len(columns)), key=lambda at: (not columns[at].takes_rest, -widths[at]))
    for at in order:
        spare = max(0, widths[at] - columns[at].least)
        taken = min(spare, max(0, too_much))
        widths[at] -= taken
        too_much -= taken
    return widths


def on_one_line(text: str) -> str:
    """The text as one line that a terminal can show: breaks inside Chinese go, other blanks are one space."""
    return _CHINESE_SPACE.sub("", _SPACES.sub(" ", showable(text, keep="\t\n\r\f"))).strip()


def showable(text: str, keep: str = "\n\t") -> str:
    """The text with characters that steer a terminal or hide replaced, one for one, so that offsets hold."""
    return _UNSHOWABLE.sub(lambda found: found[0] if found[0] in keep else "\ufffd", text)


def shortened(text: str, cells: int) -> str:
    """The text, or as much of it as fits into so many cells with an ellipsis; no number is cut in two."""
    if cell_len(text) <= cells:
        return text
    taken, used = 0, cell_len(ELLIPSIS)
    for character in text:
        used += cell_len(character)
        if used > cells:
            break
        taken += 1
    whole = _whole_number_end(text, taken)
    return text[: whole or taken].rstrip() + ELLIPSIS


def _whole_number_end(text: str, end: int) -> int:
    """`end`, or the start of the number that it would cut in two (23.5 → not 23.)."""
    number = r"[0-9.,%]"
    if end and re.match(number, text[end : end + 1]):
        while end and re.match(number, text[end - 1]):
            end -= 1
    return end

"""The light mending that raw short texts need before the rules read them, with the way back to raw offsets.

For: the `parse` door: width, traditional characters, spaces and single line breaks inside words and numbers.
Not for: articles, which come as a clean view of their own. Law kept: digits are never repaired.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from yinuo.extraction.data import tsv_rows
from yinuo.extraction.expressions.model import Expression, Numeral

_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；：？！（）"} | {
    ord("￥"): "¥",
    0x3000: " ",
    ord("裡"): "里",
    ord("後"): "后",
    ord("於"): "于",
    ord("係"): "是",
}
_FOLD = {ord(traditional): simplified for traditional, simplified in tsv_rows("traditional.tsv")} | _WIDTH
_CJK = "\u3400-\u9fff〇"
_STRAY = re.compile(
    rf"(?<=[{_CJK}])[ \t\u00a0\u2009]*(?:\r?\n)?[ \t\u00a0\u2009]*(?=[{_CJK}\d%])"
    rf"|(?<=\d)[ \t\u00a0\u2009]*(?:\r?\n)?[ \t\u00a0\u2009]*(?=[{_CJK}])"
    r"|(?<=\d) (?=\d ?折|\.\d)"
)
_WIDE_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")


@dataclass(frozen=True, slots=True)
class Mended:
    """A mended text and, for each of its characters, the raw offset (None when nothing was taken out)."""

    text: str
    origin: tuple[int, ...] | None

    def raw(self, expression: Expression) -> Expression:
        """The expression with its offsets in the raw text."""
        if self.origin is None:
            return expression
        start, end = self._span(expression.start, expression.end)
        core_start, core_end = self._span(expression.core_start, expression.core_end)
        number = expression.number
        if number is not None:
            number = Numeral(*self._span(number.start, number.end), number.value)
        return replace(
            expression, start=start, end=end, core_start=core_start, core_end=core_end, number=number
        )

    def _span(self, start: int, end: int) -> tuple[int, int]:
        assert self.origin is not None
        return self.origin[start], self.origin[end - 1] + 1


def mended(raw: str) -> Mended:
    """The text as the rules want it. Linear in its length."""
    text = raw.translate(_FOLD)
    if "，" in raw:
        text = _with_commas(raw, text)
    kept: list[str] = []
    origin: list[int] = []
    position = 0
    for found in _STRAY.finditer(text):
        if found.end() > found.start():
            kept.append(text[position : found.start()])
            origin.extend(range(position, found.start()))
            position = found.end()
    if not position:
        return Mended(text, None)
    kept.append(text[position:])
    origin.extend(range(position, len(text)))
    return Mended("".join(kept), tuple(origin))


def _with_commas(raw: str, text: str) -> str:
    """４，５６５ with its full-width comma is one number."""
    characters = None
    for found in _WIDE_COMMA.finditer(raw):
        characters = characters or list(text)
        characters[found.start()] = ","
    return "".join(characters) if characters else text

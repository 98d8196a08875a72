"""Fractions: 三分之一, 百分之五, 万分之三, 三又四分之一, 1/2, 1 4/3. 百分之, 千分之 and their like are percent."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from yinuo.extraction.expressions.decimals import minus, over, plain, plus, times
from yinuo.extraction.expressions.item import PERCENT, Item
from yinuo.extraction.expressions.numerals import Number, Numerals, with_latin_power

_HUNDRED = Decimal(100)
_SLASHED = re.compile(r"(\d{1,4})/(\d{1,4})(?![\d/]|\.\d)")
_MIXED = re.compile(r" (\d{1,3})/(\d{1,3})(?![\d/])")
_OVER = "分之"


class Fractions:
    """The reader of fractions over one set of numerals."""

    def __init__(self, numerals: Numerals) -> None:
        """Take the numerals."""
        self._numerals = numerals

    def at(self, text: str, number: Number) -> Item | None:
        """The fraction that begins with this numeral, or None."""
        if text.startswith(_OVER, number.end):
            return self._spoken(text, number, number.start)
        if text[number.end : number.end + 1] == "又":
            return self._mixed(text, number)
        return self._slashed(text, number) if number.shape == "arabic" else None

    def _mixed(self, text: str, whole: Number) -> Item | None:
        """三又四分之一, 2又1/4."""
        lower = self._numerals.at(text, whole.end + 1)
        if lower is None:
            return None
        spoken = text.startswith(_OVER, lower.end)
        part = self._spoken(text, lower, whole.start) if spoken else self._slashed(text, lower)
        if part is None or part.kind != "number":
            return None
        value = plain(plus(whole.value, part.value))
        return replace(part, start=whole.start, number_start=whole.start, value=value, number_value=value)

    def _spoken(self, text: str, lower: Number, start: int) -> Item | None:
        at = lower.end + len(_OVER)
        negative = text[at : at + 1] in ("负", "負", "-")
        upper = self._numerals.at(text, at + negative)
        if upper is None or not lower.value:
            return None
        upper = with_latin_power(text, upper) or upper
        value = minus(upper.value) if negative else upper.value
        if lower.shape != "scale":
            share = plain(over(value, lower.value))
            return Item(start, upper.end, start, upper.end, "number", share, share, "composed")
        low, high = (bound and _percent(bound, lower.value) for bound in (upper.low, upper.high))
        return Item(
            start, upper.end, upper.start, upper.end, "percent", _percent(value, lower.value), value, "composed",
            unit=PERCENT, unit_text="%", low=low, high=high, more=upper.more,
        )  # fmt: skip

    def _slashed(self, text: str, number: Number) -> Item | None:
        """1/2 and 1 4/3; the parts of a date or a path are none."""
        mixed = _MIXED.match(text, number.end)
        found = mixed or _SLASHED.match(text, number.start)
        if found is None or not int(found[2]) or text[number.start - 1 : number.start] == "/":
            return None
        share = over(Decimal(found[1]), Decimal(found[2]))
        value = plain(plus(number.value, share) if mixed else share)
        return Item(number.start, found.end(), number.start, found.end(), "number", value, value, "composed")


def _percent(value: Decimal, whole: Decimal) -> Decimal:
    return plain(over(times(value, _HUNDRED), whole))

"""Numerals: 711亿, 一百二十, 5万4千6百, 十几万, 数十亿, 壹佰零肆, 二〇二三, 2e5 as values.

For: finding numerals and reading the longest one at a place. Not for: units, signs, comparators, or whether a
numeral is meant as a number at all (quantities.py). Law kept: linear in the length of the text; 万 and 亿 are known
here alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from yinuo.extraction.expressions.composition import Composition
from yinuo.extraction.expressions.data import NumeralLine
from yinuo.extraction.expressions.decimals import HALF, plain, raised, shifted
from yinuo.extraction.expressions.numeral_tables import LONGEST, MORE, Number, NumeralTables, decimal_of

_HALF_BEFORE = r"(?<![一二两三四五六七八九十百千万亿个年月天日块元角毛成分点斤里米吨大过多对折各上下前后])半(?=[斤公亩米吨升尺毫厘克])"
_LATIN_POWER = re.compile(r" ?([KkMGT])(?![A-Za-z0-9])")
_POWERS = {"K": 3, "k": 3, "M": 6, "G": 9, "T": 12}
_EXPONENT = re.compile(r"[eE]([+-]?\d{1,2})(?![\dA-Za-z])|\^([+-]?\d{1,2})(?![\d])")

__all__ = ["Number", "Numerals", "with_latin_power"]


class Numerals:
    """The reader of numerals for one set of numeral characters."""

    def __init__(self, lines: Sequence[NumeralLine]) -> None:
        """Compile the tables. Raises BadRules."""
        self.tables = NumeralTables(lines)
        digits, powers = "".join(self.tables.digits), "".join(self.tables.powers)
        self.start = re.compile(rf"[0-9{digits}{powers}]|好?[几数幾數](?=[{powers}])|\.(?=\d)|{_HALF_BEFORE}")
        self.too_long = re.compile(rf"[0-9{digits}{powers},.]{{{LONGEST},}}")
        between = MORE + "点點个個" + "".join(self.tables.multiples)
        self._goes_on = self.tables.characters | frozenset(between + "eE^0123456789")

    def at(self, text: str, start: int) -> Number | None:
        """The longest numeral that begins at `start`, or None."""
        arabic = self.tables.arabic.match(text, start)
        if text.startswith("半", start):
            return Number(start, start + 1, HALF, "half")
        if arabic is None:
            return Composition(self.tables, text, start).number()
        end = arabic.end()
        if end - start > LONGEST:
            return None
        following = text[end : end + 1]
        if following not in self._goes_on:
            return Number(start, end, decimal_of(arabic[0]), "arabic")
        return self._multiplied(text, arabic, following) or Composition(self.tables, text, start).number()

    def _multiplied(self, text: str, arabic: re.Match[str], following: str) -> Number | None:
        """The common shapes at once: 711亿, 1.2万, 2e5."""
        end = arabic.end()
        power = self.tables.powers.get(following)
        if power is not None and following not in self.tables.twenties:
            if text[end + 1 : end + 2] in self._goes_on or self.tables.is_unit(text, end, following):
                return None
            value = plain(shifted(decimal_of(arabic[0]), power))
            return Number(arabic.start(), end + 1, value, "arabic", power)
        powered = _EXPONENT.match(text, end)
        return _raised(arabic.start(), powered, decimal_of(arabic[0])) if powered else None


def with_latin_power(text: str, number: Number) -> Number | None:
    """10K, 2.5 M: a figure with the Latin multiplier after it, or None."""
    power = _LATIN_POWER.match(text, number.end) if number.shape == "arabic" else None
    if power is None:
        return None
    return replace(number, end=power.end(), value=plain(shifted(number.value, _POWERS[power[1]])))


def _raised(start: int, powered: re.Match[str], base: Decimal) -> Number:
    value = shifted(base, int(powered[1])) if powered[1] else raised(base, int(powered[2]))
    return Number(start, powered.end(), plain(value), "arabic")

"""The characters of numerals as tables and patterns, and the value that a numeral is read into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from yinuo.extraction.expressions.data import BadRules, NumeralLine
from yinuo.extraction.expressions.decimals import plain

LONGEST = 40
"""Characters; what is longer is a serial number or damage, never an amount."""
MORE = "多余來来几幾"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"


@dataclass(frozen=True, slots=True)
class Number:
    """A numeral at `[start, end)`.

    low, high: bounds where the numeral names a span itself (三五百, 几十). more: 余, 多 or 几 inside (十余万).
    shape: arabic digit digits pair (三五) composed scale vague half (半斤). scale: power of ten of the closing multiplier,
    which a range may share (3至5万).
    """

    start: int
    end: int
    value: Decimal
    shape: str
    scale: int = 0
    low: Decimal | None = None
    high: Decimal | None = None
    more: bool = False


class NumeralTables:
    """What each character of a numeral is worth."""

    def __init__(self, lines: Sequence[NumeralLine]) -> None:
        """Compile the tables. Raises BadRules for a line that is neither digit nor multiplier."""
        if any(line.digit is None and line.power is None and line.times is None for line in lines):
            raise BadRules("numerals.toml: a line needs digit, power or times")
        self.digits = {
            line.text: line.digit for line in lines if line.digit is not None and line.power is None
        }
        self.powers = {line.text: line.power for line in lines if line.power is not None}
        self.multiples = {line.text: line.times for line in lines if line.times is not None}
        self.twenties = {line.text: line.digit for line in lines if line.digit is not None and line.power}
        self.zeros = frozenset(text for text, value in self.digits.items() if value == 0)
        self.characters = frozenset([*self.digits, *self.powers])
        self._not_before = {line.text: line.not_before for line in lines if line.not_before}
        strings = "".join(line.text for line in lines if line.text in self.digits and line.string)
        self.counting = frozenset(self.digits) - frozenset(strings)
        digits = "".join(self.digits)
        self.arabic = re.compile(_ARABIC)
        self.digit_run = re.compile(rf"[{digits}][{strings}]*")
        self.decimals = re.compile(rf"[点點]([{digits}]+|\d+)")

    def is_unit(self, text: str, at: int, character: str) -> bool:
        """Whether a multiplier belongs to the unit after it: 千 in 千瓦."""
        stops = self._not_before.get(character)
        return stops is not None and text.startswith(stops, at + 1)

    def digit_text(self, run: str) -> str:
        """二〇二三 as "2023"."""
        return "".join(str(self.digits[character]) for character in run)


def decimal_of(arabic: str) -> Decimal:
    """1,040,000.50 as a value."""
    return plain(Decimal(arabic.replace(",", "")))

"""Which unit stands at a place: the tables of units.toml, classifiers.toml and currencies.toml as one matcher.

For: the longest unit after a number, its guards, its conversion to SI and its code. Not for: the numbers.
Law kept: the pattern is derived from the table, so a unit cannot be matched and then not be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yinuo.extraction.expressions.data import UnitLine, alternation
from yinuo.extraction.expressions.decimals import over, plain, times

_LETTER = re.compile(r"[\u3400-\u9fff〇]")
_PER = re.compile(
    r"/(?:(?:平方|立方)?(?:公里|千米|米|公顷|厘米)|公斤|千克|万?[吨亩度桶人户年月日天周斤克升件台套辆头只株家平]|小时|分钟|秒|千瓦时|千瓦|人次)"
)


@dataclass(frozen=True, slots=True)
class UnitAt:
    """A unit found at `[start, end)` of the text; `text` as written."""

    line: UnitLine
    start: int
    end: int
    text: str


class Units:
    """The matcher over all units."""

    def __init__(self, lines: Sequence[UnitLine]) -> None:
        """Derive the pattern from the lines."""
        self._lines: dict[str, list[UnitLine]] = {}
        for line in lines:
            self._lines.setdefault(line.unit, []).append(line)
        after = [line.unit for line in lines]
        self.unit_pattern = re.compile(alternation(after))
        self._shorter = {
            unit: [unit[:size] for size in range(len(unit), 0, -1) if unit[:size] in self._lines]
            for unit in after
        }
        prefixes = [line.unit for line in lines if line.prefix]
        self.prefix = re.compile(rf"{alternation(prefixes)} ?\Z")
        self.first = frozenset(unit[0] for unit in after)

    def at(self, text: str, start: int, *, sub: bool = False) -> UnitAt | None:
        """The longest unit at `start` whose guards hold; `sub` allows coins that need a bigger one before."""
        found = self.unit_pattern.match(text, start)
        if found is None:
            return None
        for unit in self._shorter[found[0]]:
            for line in sorted(self._lines[unit], key=_sub_first) if sub else self._lines[unit]:
                if (sub or not line.sub) and _guards_hold(line, text, start + len(unit)):
                    return self._with_denominator(UnitAt(line, start, start + len(unit), unit), text)
        return None

    def unguarded(self, unit: str, start: int) -> UnitAt:
        """The unit at `start`, where the caller knows that it stands there."""
        return UnitAt(self._lines[unit][0], start, start + len(unit), unit)

    def _with_denominator(self, unit: UnitAt, text: str) -> UnitAt:
        if text[unit.end : unit.end + 1] != "/":
            return unit
        per = _PER.match(text, unit.end)
        if per is None:
            return unit
        line = (
            unit.line
            if unit.line.kind == "money"
            else UnitLine(unit.text + per[0], unit.line.kind, unit.line.example)
        )
        return UnitAt(line, unit.start, per.end(), unit.text + per[0])

    def prefix_before(self, text: str, start: int, floor: int) -> UnitAt | None:
        """The currency sign or name that ends at `start` and begins at `floor` or later."""
        found = self.prefix.search(text, max(floor, start - 5), start)
        if found is None:
            return None
        unit = found[0].rstrip()
        line = next(line for line in self._lines[unit] if line.prefix)
        return UnitAt(line, found.start(), start, unit)

    def code(self, unit: str) -> str | None:
        """The code of a unit as written, or None."""
        lines = self._lines.get(unit)
        return lines[0].code if lines else None


def _sub_first(line: UnitLine) -> bool:
    return not line.sub


def _guards_hold(line: UnitLine, text: str, end: int) -> bool:
    if line.unit[-1].isascii() and line.unit[-1].isalpha() and _is_latin(text, end):
        return False
    if line.not_before and text.startswith(line.not_before, end):
        return False
    return not line.only_before or follows(line.only_before, text, end)


def follows(words: tuple[str, ...], text: str, end: int) -> bool:
    """Whether one of the words stands at `end`; "" stands for the end of the text or anything but a letter."""
    if text.startswith(tuple(word for word in words if word), end):
        return True
    return "" in words and is_boundary(text, end)


def is_boundary(text: str, at: int) -> bool:
    """Whether no Chinese character, Latin letter or digit stands at `at`."""
    if at < 0 or at >= len(text):
        return True
    character = text[at]
    return not (_LETTER.match(character) or (character.isascii() and character.isalnum()))


def _is_latin(text: str, at: int) -> bool:
    character = text[at : at + 1]
    return character.isascii() and character.isalnum()


def factor_of(line: UnitLine) -> tuple[Decimal, Decimal]:
    """Numerator and denominator of how many `si` (for money: main units) one is."""
    numerator, _, denominator = line.factor.partition("/")
    return Decimal(numerator), Decimal(denominator or "1")


def converted(value: Decimal | None, line: UnitLine) -> Decimal | None:
    """The value in the line's SI unit (for money: in main units)."""
    if value is None:
        return None
    numerator, denominator = factor_of(line)
    product = times(value, numerator)
    return plain(product if denominator == 1 else over(product, denominator))


def all_units(*tables: Iterable[UnitLine]) -> tuple[UnitLine, ...]:
    """The lines of several tables as one."""
    return tuple(line for table in tables for line in table)

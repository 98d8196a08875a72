"""What follows the first unit of an amount: 三块四分, 五块七毛八, 3斤5两, 三米五, 两美元又三美分, 三成五."""

from __future__ import annotations

import re
from decimal import Decimal

from yinuo.extraction.expressions.data import UnitLine
from yinuo.extraction.expressions.decimals import ONE, over, plain, plus, shifted, times
from yinuo.extraction.expressions.numerals import Number, Numerals
from yinuo.extraction.expressions.units import UnitAt, Units, converted

_DIGITS = "零一二三四五六七八九"
_TAIL = re.compile(r"(零)?([一二三四五六七八九]{1,2})(?=$|[^\u3400-\u9fff]|[以的左右多到至])")
_FIGURES = re.compile(r"(零)?([1-9]\d?)(?=$|[^\u3400-\u9fff\dA-Za-z.,%:/~～—–+-]|[以的左右多高宽])")
_BEFORE_FIGURES = frozenset({"米", "块"})  # 1米75, 3块5
_MOST_PARTS = 3


class Compounds:
    """The reader of smaller units after a first one."""

    def __init__(self, numerals: Numerals, units: Units) -> None:
        """Take the two tables."""
        self._numerals, self._units = numerals, units

    def after(self, text: str, value: Decimal, first: UnitAt) -> tuple[Decimal, int]:
        """The value (in the first unit, money in main units) with all that belongs to it, and where that ends."""
        end, last = first.end, first.line
        for _ in range(_MOST_PARTS):
            part = self._part(text, end)
            if part is None or not _is_smaller(part[1].line, first.line, last):
                break
            number, below = part
            value = plus(value, _in_units_of(number.value, below.line, first.line))
            end, last = below.end, below.line
        tail = _TAIL.match(text, end) if last.tail else None
        tail = tail or (_FIGURES.match(text, end) if last.unit in _BEFORE_FIGURES else None)
        if tail:
            digits = tail[2] if tail[2].isascii() else "".join(str(_DIGITS.index(digit)) for digit in tail[2])
            tenths = shifted(Decimal(digits), -len(digits) - bool(tail[1]))
            step = (
                share_of(tenths, last) if last.kind == "percent" else _in_units_of(tenths, last, first.line)
            )
            value, end = plus(value, step), tail.end()
        return plain(value), end

    def _part(self, text: str, end: int) -> tuple[Number, UnitAt] | None:
        """The next number with its unit, if one follows at once or after 又 or 零."""
        joint = end + 1 if text[end : end + 1] in ("又", "零") else end
        character = text[joint : joint + 1]
        if not (character.isdigit() or character in self._numerals.tables.characters) or not character:
            return None
        number = self._numerals.at(text, joint)
        if number is None or number.shape == "scale":
            return None
        unit = self._units.at(text, number.end, sub=True) or self._tenth_of_a_pound(text, end, number)
        return (number, unit) if unit is not None else None

    def _tenth_of_a_pound(self, text: str, end: int, number: Number) -> UnitAt | None:
        """一斤三两牛肉: after 斤 no noun hides that 两 is the weight."""
        if text[end - 1] != "斤" or text[number.end : number.end + 1] not in ("两", "兩"):
            return None
        return self._units.unguarded("两", number.end)


def share_of(value: Decimal, line: UnitLine) -> Decimal:
    """A value of a unit of shares in percent: 三成 is 30."""
    return plain(times(value, Decimal(line.factor)))


def _is_smaller(below: UnitLine, first: UnitLine, last: UnitLine) -> bool:
    """Whether `below` is a smaller unit of what `first` measures, in which nothing so small was said yet."""
    if below.kind != first.kind:
        return False
    same = (
        below.code == first.code if first.kind == "money" else first.si is not None and below.si == first.si
    )
    return same and _size(below) < _size(last)


def _size(line: UnitLine) -> Decimal:
    value = converted(ONE, line)
    assert value is not None
    return value


def _in_units_of(value: Decimal, line: UnitLine, main: UnitLine) -> Decimal:
    """A value of `line` expressed in `main`; money is in main units already."""
    amount = converted(value, line)
    assert amount is not None
    return amount if main.kind == "money" else over(amount, _size(main))

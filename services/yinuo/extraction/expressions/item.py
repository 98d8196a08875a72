"""The value that passes between reading and comparing: a number with its unit, before comparators and ranges."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from yinuo.extraction.expressions.data import UnitLine
from yinuo.extraction.expressions.numerals import Number

PERCENT = UnitLine("%", "percent", "超过80%", code="%")


@dataclass(frozen=True, slots=True)
class Item:
    """A number and unit at `[start, end)`; the numeral at `[number_start, number_end)`.

    value is signed and in the unit (percent: 三成 is 30; money: in main units). low, high: bounds that the numeral
    names itself. more: a little more than the value. sign: where the word holds its own comparator. shape: of the
    numeral; `digit` and `scale` are weak, `word` is a word of words.toml.
    """

    start: int
    end: int
    number_start: int
    number_end: int
    kind: str
    value: Decimal
    number_value: Decimal
    shape: str
    scale: int = 0
    unit: UnitLine | None = None
    unit_text: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    more: bool = False
    sign: str | None = None


def item_of(number: Number, end: int, *, more: bool = False) -> Item:
    """The bare number, ending at `end`."""
    return Item(
        number.start, end, number.start, number.end, "number", number.value, number.value, number.shape,
        number.scale, low=number.low, high=number.high, more=more,
    )  # fmt: skip

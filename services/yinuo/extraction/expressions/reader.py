"""The reader of expressions: the data files compiled once, and the order in which the parts look at a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yinuo.extraction.expressions.data import (
    CalendarLine,
    ComparatorLine,
    LookalikeLine,
    NumeralLine,
    SuppliedLine,
    UnitLine,
    WordLine,
    read_lines,
)
from yinuo.extraction.expressions.items import Items
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.expressions.numerals import Numerals
from yinuo.extraction.expressions.quantities import Quantities
from yinuo.extraction.expressions.ranges import Comparators
from yinuo.extraction.expressions.times import Times
from yinuo.extraction.expressions.units import Units


@dataclass(frozen=True, slots=True)
class Rules:
    """All data lines of the package."""

    numerals: Sequence[NumeralLine]
    units: Sequence[UnitLine]
    comparators: Sequence[ComparatorLine]
    supplied: Sequence[SuppliedLine]
    words: Sequence[WordLine]
    lookalikes: Sequence[LookalikeLine]
    calendar: Sequence[CalendarLine]


def read_rules() -> Rules:
    """The rules as the package's files have them. Raises BadRules."""
    units = [
        read_lines(name, UnitLine, "units") for name in ("units.toml", "classifiers.toml", "currencies.toml")
    ]
    return Rules(
        read_lines("numerals.toml", NumeralLine, "numerals"),
        tuple(line for table in units for line in table),
        read_lines("comparators.toml", ComparatorLine, "comparators"),
        read_lines("supplied.toml", SuppliedLine, "supplied"),
        read_lines("words.toml", WordLine, "words"),
        read_lines("lookalikes.toml", LookalikeLine, "lookalikes"),
        read_lines("calendar.toml", CalendarLine, "calendar"),
    )


class Reader:
    """Finds expressions in a clean text by one set of rules."""

    def __init__(self, rules: Rules) -> None:
        """Compile the rules."""
        numerals = Numerals(rules.numerals)
        self.units = Units(rules.units)
        items = Items(numerals, self.units)
        comparators = Comparators(rules.comparators, rules.supplied)
        self._times = Times(numerals, rules.calendar)
        self._quantities = Quantities(items, comparators, rules.words, rules.lookalikes)

    def find(self, text: str, today: date | None) -> tuple[Expression, ...]:
        """All expressions in order, without overlaps; offsets are code points of `text`."""
        times = self._times.find(text, today)
        quantities = self._quantities.find(text, times.consumed)
        found = sorted([*times.expressions, *quantities], key=lambda one: (one.start, one.end))
        return tuple(_without_overlaps(found))


def _without_overlaps(found: Sequence[Expression]) -> list[Expression]:
    kept: list[Expression] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept

"""Numbers, quantities, ranges and times: `find_expressions` is the only door; `parse` also mends damage first."""

from __future__ import annotations

from datetime import date

from yinuo.extraction.expressions.model import Expression, Numeral
from yinuo.extraction.expressions.normalise import mended
from yinuo.extraction.expressions.reader import Reader, read_rules

__all__ = ["Expression", "Numeral", "find_expressions", "parse", "unit_code"]

_READER = Reader(read_rules())


def find_expressions(text: str, reference_date: date | None = None) -> tuple[Expression, ...]:
    """All expressions of a clean text, in order and not overlapping; offsets are code points into `text`.

    `reference_date` is the day that 今年 and 年底 count from; without it such dates have no days.
    Pure: the same arguments give the same answer. Raises nothing.
    """
    return _READER.find(text, reference_date)


def parse(text: str, reference_date: date | None = None) -> tuple[Expression, ...]:
    """The same for a raw short text, which may hold breaks, spaces, full width and traditional characters."""
    clean = mended(text)
    return tuple(clean.raw(one) for one in _READER.find(clean.text, reference_date))


def unit_code(unit: str) -> str | None:
    """UCUM or UN/CEFACT code of a unit as written (公里 km, 个 C62), ISO 4217 of money (元 CNY), else None."""
    return _READER.units.code(unit)

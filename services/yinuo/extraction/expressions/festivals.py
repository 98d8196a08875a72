"""Days of festivals in a year."""

from __future__ import annotations

from datetime import date

from yinuo.extraction.expressions.moments import day_or_none


def festival_span(value: str, year: int) -> tuple[date | None, date | None]:
    """MM-DD of the year."""
    month, day = value.split("-")
    found = day_or_none(year, int(month), int(day))
    return found, found

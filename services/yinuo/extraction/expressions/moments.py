"""Stretches of the calendar and the arithmetic on them. Days are inclusive; nothing here knows Chinese or a clock."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch `first`..`last` named at `[start, end)` of a text.

    grain: year half quarter month week day end (a last day such as 年底) span. basis: explicit reference relative.
    year, month: what a following part inherits. Without a reference date first and last may be None.
    """

    start: int
    end: int
    first: date | None
    last: date | None
    grain: str
    basis: str
    year: int | None = None
    month: int | None = None
    deadline: bool = False
    duration: str | None = None
    rule: str = "date"


def day_or_none(year: int, month: int, day: int) -> date | None:
    """The day, or None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_end(year: int, month: int) -> date:
    """The last day of a month. Year 1–9999."""
    return date(year, month, calendar.monthrange(year, month)[1])


def year_span(year: int) -> tuple[date, date] | tuple[None, None]:
    """1 January to 31 December, or Nones outside years 1–9999."""
    if not 1 <= year <= 9999:
        return None, None
    return date(year, 1, 1), date(year, 12, 31)


def month_span(year: int, month: int) -> tuple[date, date] | tuple[None, None]:
    """The first and last day of a month; months beyond December run on into the next years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not 1 <= year <= 9999:
        return None, None
    return date(year, month, 1), month_end(year, month)


def part_span(year: int | None, value: str) -> tuple[date, date] | tuple[None, None]:
    """The part MM-DD/MM-DD of a year; one that ends before it begins runs into the next (winter)."""
    if year is None or not 1 <= year <= 9999:
        return None, None
    first, last = (tuple(int(part) for part in side.split("-")) for side in value.split("/"))
    if last >= first:
        return date(year, *first), date(year, *last)
    return (date(year, *first), month_end(year + 1, last[0])) if year < 9999 else (None, None)


def week_span(day: date) -> tuple[date, date]:
    """Monday to Sunday of the week around a day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def shifted_by(day: date, unit: str, count: int) -> date | None:
    """The day so many years, months, weeks or days later (or earlier); 29 February becomes the 28th."""
    try:
        if unit in ("D", "W"):
            return day + timedelta(days=count * (7 if unit == "W" else 1))
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "Y" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return None


def day_before(day: date | None) -> date | None:
    """The day before, or None."""
    return day - _DAY if day is not None and day > date.min else None


def day_after(day: date | None) -> date | None:
    """The day after, or None."""
    return day + _DAY if day is not None and day < date.max else None

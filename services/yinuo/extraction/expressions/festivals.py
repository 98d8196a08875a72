"""Days of the Chinese calendar and of festivals: 农历八月十五, 清明, 除夕, 母亲节, 复活节.

For: resolving them in a year. Not for: finding them in a text (times.py). The table covers 1900–2100.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources

from yinuo.extraction.expressions.moments import day_or_none

TERMS = (
    "小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至",
    "小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LunarYear:
    """First day, lengths of the months in order (the leap month after its namesake), days of the solar terms."""

    first: date
    leap: int
    lengths: tuple[int, ...]
    terms: str


def _years() -> dict[int, LunarYear]:
    table = resources.files(__package__).joinpath("lunar.tsv").read_text(encoding="utf-8")
    years: dict[int, LunarYear] = {}
    for row in table.splitlines():
        if row.startswith("#"):
            continue
        year, first, leap, long_months, terms = row.split("\t")
        lengths = tuple(29 + int(bit) for bit in long_months)
        years[int(year)] = LunarYear(
            date(int(year), int(first[:2]), int(first[2:])), int(leap), lengths, terms
        )
    return years


_YEARS = _years()


def lunar_month(year: int, month: int, *, leap: bool = False) -> tuple[date, date] | tuple[None, None]:
    """First and last day of a month of the Chinese calendar; Nones outside the table."""
    found = _YEARS.get(year)
    if found is None or not 1 <= month <= 12 or (leap and found.leap != month):
        return None, None
    index = month - 1 + (1 if found.leap and (month > found.leap or leap) else 0)
    first = found.first + timedelta(days=sum(found.lengths[:index]))
    return first, first + timedelta(days=found.lengths[index] - 1)


def lunar_day(year: int, month: int, day: int) -> date | None:
    """A day of the Chinese calendar, or None when there is none."""
    first, last = lunar_month(year, month)
    if first is None or last is None or not 1 <= day <= (last - first).days + 1:
        return None
    return first + timedelta(days=day - 1)


def solar_term(year: int, index: int) -> date | None:
    """The day of the index-th solar term (0 = 小寒) in a Gregorian year."""
    found = _YEARS.get(year)
    return date(year, index // 2 + 1, int(found.terms[index], 36)) if found else None


def easter(year: int) -> date | None:
    """Western Easter Sunday (the anonymous Gregorian algorithm)."""
    if not 1583 <= year <= 9998:
        return None
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    month_day = epact + sunday - 7 * ((golden + 11 * epact + 22 * sunday) // 451) + 114
    return date(year, month_day // 31, month_day % 31 + 1)


def festival_span(value: str, year: int) -> tuple[date | None, date | None]:
    """The day of a festival in a Gregorian year.

    MM-DD · Lmm-dd in the Chinese calendar, Lmm-dd-1 the day before · T06 a solar term · W05-2-7 the second Sunday of
    May · E-2 two days before Easter.
    """
    kind, rest = value[0], value[1:]
    if kind == "T":
        found = solar_term(year, int(rest))
    elif kind == "E":
        sunday = easter(year)
        found = sunday + timedelta(days=int(rest)) if sunday else None
    elif kind == "L":
        month, day, *before = rest.split("-")
        found = lunar_day(year, int(month), int(day))
        found = found - timedelta(days=1) if found and before else found
    elif kind == "W":
        in_month, nth, weekday = (int(part) for part in rest.split("-"))
        first = day_or_none(year, in_month, 1)
        found = first + timedelta(days=(weekday - 1 - first.weekday()) % 7 + 7 * (nth - 1)) if first else None
    else:
        month, day = value.split("-")
        found = day_or_none(year, int(month), int(day))
    return found, found

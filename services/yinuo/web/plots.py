"""Numbers to shapes: bars of what is due when, dots of one promiser's pledges, targets beside results. Pure geometry.

Not for drawing: templates put the shapes into SVG. Units are those of the plot's own box.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yinuo.storage.view_rows import MetricRow, PledgeRow

WIDTH, HEIGHT = 720, 170
TOP, BOTTOM, SIDE = 30, 30, 12
MOST_MONTHS = 30
STEP = 13
"""Room of one dot."""
YEARS_BEFORE, YEARS_BEHIND = 5, 15
"""Beyond so many years around today one bar stands for all."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the days it stands for (None: open), how many, its box, and its label ("" where there is no room)."""

    first: date | None
    last: date | None
    often: int
    x: float
    y: float
    width: float
    height: float
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars and where today is (None: outside)."""

    bars: tuple[Bar, ...]
    today_x: float | None
    undated: int


def due_timeline(months: Mapping[str, int], today: date) -> Timeline:
    """Bars a month where that has room, else a year; `months` is YYYY-MM → how many, and `undated`."""
    dated = sorted((name, often) for name, often in months.items() if name != "undated")
    undated = months.get("undated", 0)
    if not dated:
        return Timeline((), None, undated)
    counts = _stretches(dated, today)
    most = max(often for _, _, _, often in counts)
    step = (WIDTH - 2 * SIDE) / len(counts)
    every = max(1, -(-len(counts) * 46 // WIDTH))
    room = HEIGHT - TOP - BOTTOM
    bars = []
    for number, (name, first, last, often) in enumerate(counts):
        height = max(3.0, room * often / most) if often else 0.0
        label = name if number % every == 0 else ""
        x = SIDE + number * step
        bars.append(Bar(first, last, often, x, TOP + room - height, step, height, name, label))
    return Timeline(tuple(bars), _today_x(bars, today), undated)


def _stretches(
    dated: Sequence[tuple[str, int]], today: date
) -> list[tuple[str, date | None, date | None, int]]:
    first, last = dated[0][0], dated[-1][0]
    months = _months_between(first, last)
    if len(months) <= MOST_MONTHS:
        counts = dict(dated)
        return [(name, *_month(name), counts.get(name, 0)) for name in months]
    low, high = today.year - YEARS_BEFORE, today.year + YEARS_BEHIND
    years: dict[int, int] = {}
    for name, often in dated:
        year = min(max(int(name[:4]), low - 1), high + 1)
        years[year] = years.get(year, 0) + often
    stretches: list[tuple[str, date | None, date | None, int]] = []
    for year in range(min(years), max(years) + 1):
        name = f"≤{low - 1}" if year < low else f"≥{high + 1}" if year > high else str(year)
        begin = None if year < low else date(year, 1, 1)
        end = None if year > high else date(year, 12, 31)
        stretches.append((name, begin, end, years.get(year, 0)))
    return stretches


def _months_between(first: str, last: str) -> list[str]:
    at, end = _number(first), _number(last)
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(at, min(end, at + MOST_MONTHS) + 1)]


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _month(name: str) -> tuple[date, date]:
    year, month = int(name[:4]), int(name[5:7])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _today_x(bars: Sequence[Bar], today: date) -> float | None:
    for bar in bars:
        if bar.first and bar.last and bar.first <= today <= bar.last:
            return bar.x + bar.width * ((today - bar.first).days + 0.5) / ((bar.last - bar.first).days + 1)
    return None


@dataclass(frozen=True, slots=True)
class Dot:
    """One pledge on the due line."""

    row: PledgeRow
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many more there are at a place than have room, between which days."""

    x: float
    often: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DueLine:
    """Dots above a line, the years below it; what has no room is a number on top."""

    dots: tuple[Dot, ...]
    crowds: tuple[Crowd, ...]
    years: tuple[tuple[float, str], ...]
    today_x: float | None
    height: float


def due_line(rows: Sequence[PledgeRow], today: date, most_high: int = 12) -> DueLine:
    """The dated ones by day; those of one place stand on one another, as many as have room."""
    dated = [(row, row.due) for row in rows if row.due is not None]
    if not dated:
        return DueLine((), (), (), None, 0)
    low, high = min(due.year for _, due in dated), max(due.year for _, due in dated)
    begin, end = date(low, 1, 1), date(high, 12, 31)
    scale = (WIDTH - 2 * SIDE) / ((end - begin).days + 1)
    columns: dict[int, list[tuple[PledgeRow, date]]] = {}
    for row, due in dated:
        columns.setdefault(int((SIDE + (due - begin).days * scale) / STEP), []).append((row, due))
    tallest = min(most_high, max(map(len, columns.values())))
    height = STEP * tallest + 16
    dots = tuple(
        Dot(row, _x(column), height - STEP * place + 3)
        for column, found in columns.items()
        for place, (row, _) in enumerate(found[:most_high], 1)
    )
    crowds = tuple(
        Crowd(_x(column), len(found) - most_high, found[0][1], found[-1][1])
        for column, found in columns.items()
        if len(found) > most_high
    )
    every = max(1, -(-(high - low + 1) * 46 // WIDTH))
    years = tuple(
        (SIDE + (date(year, 1, 1) - begin).days * scale, str(year)) for year in range(low, high + 1, every)
    )
    today_x = SIDE + (today - begin).days * scale if begin <= today <= end else None
    return DueLine(dots, crowds, years, today_x, height)


def _x(column: int) -> float:
    return min(column * STEP + STEP / 2, WIDTH - 8)


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of a series as a horizontal bar; `width` is its share of the plot."""

    row: MetricRow
    width: float


@dataclass(frozen=True, slots=True)
class Series:
    """Figures that may be compared: of one subject, place, measure and unit, by period."""

    subject: str
    measure: str
    unit: str
    pairs: tuple[Pair, ...]


def series_of(rows: Sequence[MetricRow], most: int = 12) -> list[Series]:
    """The series, the longest first; `rows` stand in the order of their periods."""
    groups: dict[tuple[str, str, str], list[MetricRow]] = {}
    for row in rows:
        if row.status in ("target", "achieved", "expected"):
            whose = row.subject or row.region_name or ""
            groups.setdefault((whose, row.measure, row.unit or ""), []).append(row)
    longest = sorted(groups.items(), key=lambda group: -len(group[1]))[:most]
    return [Series(*key, _pairs(found[:60])) for key, found in longest]


def _pairs(rows: Sequence[MetricRow]) -> tuple[Pair, ...]:
    largest = max((abs(row.value) for row in rows), default=Decimal(0)) or Decimal(1)
    return tuple(Pair(row, max(1.0, float(abs(row.value) / largest * 100))) for row in rows)

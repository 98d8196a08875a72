"""Moments made from what the patterns of dates.py found: days, months, quarters, weeks, decades, five-year plans."""

from __future__ import annotations

import re
from datetime import date, timedelta

from yinuo.extraction.expressions.data import CalendarLine
from yinuo.extraction.expressions.moments import (
    Moment,
    day_or_none,
    month_end,
    month_span,
    week_span,
    year_span,
)
from yinuo.extraction.expressions.time_numerals import small

_THIRDS = {"上": (1, 10), "初": (1, 10), "中": (11, 20), "下": (21, 0), "上中": (1, 20), "中下": (11, 0)}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_WEEKDAY = re.compile(r"[一二三四五六日天](?![大个家项件条次场名位轮批类种季])")
_WEEKDAY_ALONE = re.compile(
    r"[一二三四五六日天](?=$|[^\u3400-\u9fff]|[前后起开将举召至到的晚早上下中凌清傍夜将我他她你会有要去])"
)
_SAME_MONTH = re.compile(r"的?(?:本月|当月|同月|这个月)")
_PLAN_NAME = re.compile(r"[”’\"]?(?:规划|纲要|计划|开局|蓝图|[\u3400-\u9fff]{2,10}规划)")
_PLAN_TAIL = re.compile(r"[”’\"]?(?:(?:时?期|规划期)?(末期?|收官|期末|收尾)|(时期|期间|期内|期))")


def day_moment(
    start: int, end: int, year: int | None, month: int, day: int, basis: str = "explicit"
) -> Moment:
    """A day; one that no calendar has (30 February) is no time but consumes its text."""
    if day_or_none(2024, month, day) is None:
        return Moment(start, end, None, None, "name", basis)
    found = day_or_none(year, month, day) if year is not None else None
    return Moment(start, end, found, found, "day", basis, year, month, rule="day")


def month_moment(start: int, end: int, year: int | None, month: int, basis: str) -> Moment:
    """A whole month."""
    first, last = month_span(year, month) if year else (None, None)
    return Moment(start, end, first, last, "month", basis, year, month, rule="month")


def month_range(start: int, found: re.Match[str], year: int | None, basis: str) -> Moment:
    """1-9月."""
    first = month_span(year, small(found[1]))[0] if year else None
    last = month_span(year, small(found[2]))[1] if year else None
    return Moment(start, found.end(), first, last, "months", basis, year, small(found[2]), rule="months")


def quarter_range(start: int, found: re.Match[str], year: int | None, basis: str) -> Moment:
    """一至三季度."""
    first = month_span(year, 3 * small(found[1]) - 2)[0] if year else None
    last = month_span(year, 3 * small(found[2]))[1] if year else None
    return Moment(start, found.end(), first, last, "quarter", basis, year, rule="quarters")


def quarter_moment(start: int, end: int, today: date | None, offset: int) -> Moment:
    """上季度, 本季度."""
    if today is None:
        return Moment(start, end, None, None, "part", "reference", rule="quarter")
    month = (today.month - 1) // 3 * 3 + 1 + 3 * offset
    first, last = month_span(today.year, month)[0], month_span(today.year, month + 2)[1]
    return Moment(start, end, first, last, "part", "reference", today.year, rule="quarter")


def month_third(tail: re.Match[str], start: int, year: int | None, month: int, basis: str) -> Moment:
    """6月上旬, 6月初, 6月底 (its last day)."""
    if tail[2] in ("底", "末"):
        last = month_end(year, month) if year else None
        return Moment(
            start, tail.end(), last, last, "end", basis, year, month, deadline=True, rule="month_end"
        )
    days = _THIRDS[tail[1] or tail[2] or "中"]
    if year is None:
        return Moment(start, tail.end(), None, None, "third", basis, None, month)
    last_day = date(year, month, days[1]) if days[1] else month_end(year, month)
    return Moment(start, tail.end(), date(year, month, days[0]), last_day, "third", basis, year, month)


def week_of(first: date | None, count: int) -> tuple[date, date] | tuple[None, None]:
    """The count-th week that begins (on Monday) in the stretch that begins on `first`."""
    if first is None:
        return None, None
    monday = first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (count - 1))
    return monday, monday + timedelta(days=6)


def week_moment(text: str, start: int, end: int, day: date | None, *, whole: bool) -> Moment | None:
    """The week around a day, its weekend (本周末), or the weekday named after it (下周三).

    `whole`: the words name the week by themselves (本周); 周 alone needs its weekday.
    """
    monday, sunday = week_span(day) if day else (None, None)
    if whole and text.startswith("末", end):
        saturday = sunday - timedelta(days=1) if sunday else None
        return Moment(start, end + 1, saturday, sunday, "week", "reference", rule="week")
    named = _WEEKDAY.match(text, end) if whole else _WEEKDAY_ALONE.match(text, end)
    if named is None:
        return Moment(start, end, monday, sunday, "week", "reference", rule="week") if whole else None
    found = monday + timedelta(days=_WEEKDAYS[named[0]]) if monday else None
    year, month = (found.year, found.month) if found else (None, None)
    return Moment(start, named.end(), found, found, "day", "reference", year, month, rule="weekday")


def same_month(text: str, at: int) -> int | None:
    """Where 本月 after the name of a year ends (去年本月十日), else None."""
    found = _SAME_MONTH.match(text, at)
    return found.end() if found else None


def century(found: re.Match[str]) -> Moment | None:
    """21世纪, 上个世纪, 本世纪中叶 (its fiftieth year, as plans count it)."""
    named = found[1]
    if found[2] in ("海上", "经济报道", "不动产"):
        return Moment(found.start(), found.end(), None, None, "name", "none")
    century_before = ({"上个": 20, "上": 20, "本": 21}.get(named) or small(named)) - 1
    from_year, to_year = {"初": (1, 10), "中叶": (50, 50), "末": (91, 100)}.get(found[2] or "", (1, 100))
    first = year_span(century_before * 100 + from_year)[0]
    last = year_span(century_before * 100 + to_year)[1]
    return Moment(found.start(), found.end(), first, last, "century", "explicit", rule="century")


def nearest_day(start: int, end: int, day: int, today: date | None) -> Moment:
    """A day without a month, as news name it: the nearest one not after the reference date."""
    if today is None:
        return Moment(start, end, None, None, "day", "reference")
    year, month = today.year, today.month
    if day > today.day:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    found = day_or_none(year, month, day) or day_or_none(today.year, today.month, day)
    if found is None:
        return Moment(start, end, None, None, "day", "reference")
    return Moment(start, end, found, found, "day", "reference", found.year, found.month)


def decade(found: re.Match[str]) -> Moment | None:
    """90年代, 上世纪80年代, 19世纪70年代."""
    tens = small(found[2])
    if tens % 10 or tens > 90:
        return None
    if found[1] == "上" or (found[1] is None and tens >= 40):
        century = 1900
    elif found[1] in (None, "本"):
        century = 2000
    else:
        century = (small(found[1]) - 1) * 100
    first, last = year_span(century + tens)[0], year_span(century + tens + 9)[1]
    return Moment(found.start(), found.end(), first, last, "decade", "explicit", rule="decade")


def plan(text: str, line: CalendarLine, start: int, end: int) -> Moment:
    """十四五 as a period, 十四五末 as its last day; a plan's name (十四五规划) means no time."""
    if _PLAN_NAME.match(text, end):
        return Moment(start, end, None, None, "name", "none")
    first_year, last_year = (int(year) for year in line.value.split("/"))
    tail = _PLAN_TAIL.match(text, end)
    end = tail.end() if tail else end
    last = date(last_year, 12, 31)
    if tail and tail[1]:
        return Moment(start, end, last, last, "end", "explicit", last_year, deadline=True, rule="plan")
    return Moment(start, end, date(first_year, 1, 1), last, "plan", "explicit", last_year, rule="plan")

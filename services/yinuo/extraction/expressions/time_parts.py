"""Days, months, quarters and plan periods as intervals: what `times.py` builds its moments from. Pure arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from yinuo.extraction.expressions.data import CalendarLine
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.expressions.moments import (
    Moment,
    day_after,
    day_before,
    day_or_none,
    month_end,
    month_span,
    year_span,
)

_PLAN_TAIL = re.compile(r"[”’\"]?(?:(?:时?期|规划期)?(末期?|收官|期末|收尾)|(时期|期间|期内|期)?)")
_PLAN_NAME = re.compile(r"[”’\"]?(?:规划|纲要|计划|开局|蓝图|[\u3400-\u9fff]{2,8}规划)")
_DEADLINE_ENDS = frozenset({"before", "strictly_before", "or_before", "until", "within"})

_DAY_ONLY = re.compile(
    r"(3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?)日(?![元圆本语常报志均内期夜])"
)
_YEARS = re.compile(
    r"((?:1[89]|20|21)\d{2})(?:年度?)?( ?(?:——?|--?|[–~～至到]) ?)((?:1[89]|20|21)\d{2})(?![\d.,%])(年度?)?"
)
_MONTHS = re.compile(
    r"(1[0-2]|[1-9]|[一二三四五六七八九十]{1,2})( ?(?:——?|--?|[–~～至到]) ?)(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?"
)
_CLOCK = re.compile(
    r"(?:凌晨|早上|上午|中午|下午|傍晚|晚上?|夜间?)?(?:[01]?\d|2[0-4]|[一二三四五六七八九十]{1,3})(?:[时點点](?!间)(?:(?:[0-5]?\d|[一二三四五六七八九十]{1,3})分|半|整|许|左右)?|[:：][0-5]\d)"
)
_YEAR_TAIL = re.compile(r"(?:的)?(底|末|终|初|中)(?![国央期心间小医学文部介层级高标端等间产低])")
_MONTH_TAIL = re.compile(r"的?(?:([上中下])旬|(?:月)?(底|末|初)|中(?=[，。、；前完开竣召举启]|$))(?![步级])")
_FIRST_MONTHS = re.compile(r"的?前(1[01]|[1-9]|十一?|[两二三四五六七八九])个?月")
_NTH_MONTH = re.compile(r"的?第(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])个月")
_REVERSED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d.])")
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d.])")
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_POINTED = re.compile(r"(1[0-2]|[1-9])·(3[01]|[12]\d|[1-9])(?!\d)")
_SHORT_YEARS = re.compile(r"((?:1[89]|20|21)\d{2})[-—–]+(\d{2})年")
_QUARTERS = re.compile(r"([一二三1-3])(?:——?|[-至到~])([二三四2-4])季度")
_WEEK_OF = re.compile(r"的?第([一二三四五1-5])(?:个)?(?:周|星期|礼拜)")
_FIRST_DAYS = re.compile(r"的?前(\d{1,3}|[两三四五六七八九十]{1,3})天")


@dataclass(frozen=True, slots=True)
class Found:
    """Times of a text, and the spans of names that hold one and mean none."""

    expressions: tuple[Expression, ...]
    consumed: tuple[tuple[int, int], ...]


_DAY = re.compile(
    r"的?(3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])(?:[日号](?!线|楼|文|机|院)|(?=(?:——?|[-—–~～至到])(?:3[01]|[12]\d|[1-9])[日号]))"
)
_DECADE = re.compile(
    r"(?:(上|本|\d{2}|[一二十]+九?)世纪)?([1-9]0|[一二三四五六七八九]十)年代(?:[初中末]期?)?"
)

_SMALL = {character: value for value, character in enumerate("零一二三四五六七八九十")} | {
    "两": 2,
    "〇": 0,
    "○": 0,
}


def _small(numeral: str) -> int:
    """12, 十二, 二十一, 廿二 as int."""
    if numeral.isdigit():
        return int(numeral)
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return _digits(numeral)
    return (_SMALL[tens] if tens else 1) * 10 + (_SMALL[ones] if ones else 0)


def _digits(numeral: str) -> int:
    return (
        int(numeral) if numeral.isdigit() else int("".join(str(_SMALL[character]) for character in numeral))
    )


def _year_number(numeral: str) -> int:
    return 2000 if numeral.endswith("千") else _digits(numeral)


def _full_year(short: int) -> int:
    """Two digits: up to 30 in this century, else in the last."""
    return 2000 + short if short <= 30 else 1900 + short


def _odd_year(numeral: str) -> int | None:
    """三六七年, 789年, 九七年; neighbours such as 七八年 rather count seven or eight years."""
    if numeral.isdigit():
        return int(numeral)
    value = _digits(numeral)
    if len(numeral) == 3:
        return value if numeral[0] not in "零〇○" else None
    first, second = _SMALL[numeral[0]], _SMALL[numeral[1]]
    if second in (first + 1, first + 2) or not first:
        return None if first else _full_year(value)
    return _full_year(value)


def _numeral_before(text: str, at: int) -> bool:
    return at > 0 and (text[at - 1].isdigit() or text[at - 1] in "一二三四五六七八九十两百几数.")


def _day_moment(
    start: int, end: int, year: int | None, month: int, day: int, basis: str = "explicit"
) -> Moment | None:
    if year is None:
        return (
            Moment(start, end, None, None, "day", basis, None, month)
            if day_or_none(2024, month, day)
            else None
        )
    found = day_or_none(year, month, day)
    return Moment(start, end, found, found, "day", basis, year, month, rule="day") if found else None


def _month_range(start: int, found: re.Match[str], year: int | None, basis: str) -> Moment:
    first = month_span(year, _small(found[1]))[0] if year else None
    last = month_span(year, _small(found[3]))[1] if year else None
    return Moment(start, found.end(), first, last, "months", basis, year, _small(found[3]), rule="months")


def _quarter_span(year: int | None, quarter: int) -> tuple[date | None, date | None]:
    if year is None:
        return None, None
    return month_span(year, 3 * quarter - 2)[0], month_span(year, 3 * quarter)[1]


def _month_third(tail: re.Match[str], start: int, year: int | None, month: int, basis: str) -> Moment:
    if tail[2] in ("底", "末"):
        last = month_end(year, month) if year else None
        return Moment(
            start, tail.end(), last, last, "end", basis, year, month, deadline=True, rule="month_end"
        )
    days = {"上": (1, 10), "初": (1, 10), "中": (11, 20), "下": (21, 0)}[tail[1] or tail[2] or "中"]
    if year is None:
        return Moment(start, tail.end(), None, None, "third", basis, None, month)
    last_day = date(year, month, days[1]) if days[1] else month_end(year, month)
    return Moment(start, tail.end(), date(year, month, days[0]), last_day, "third", basis, year, month)


def _week_of(first: date, count: int) -> tuple[date, date]:
    """The count-th week that begins (on Monday) in the stretch that begins on `first`."""
    monday = first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (count - 1))
    return monday, monday + timedelta(days=6)


def _nearest_day(start: int, end: int, day: int, today: date | None) -> Moment:
    if today is None:
        return Moment(start, end, None, None, "day", "reference")
    year, month = today.year, today.month
    if day > today.day:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    found = day_or_none(year, month, day)
    if found is None:
        found = day_or_none(today.year, today.month, day)
    return Moment(
        start,
        end,
        found,
        found,
        "day",
        "reference",
        found.year if found else None,
        found.month if found else None,
    )


def _decade(found: re.Match[str], today: date | None) -> Moment | None:
    """90年代, 上世纪80年代, 19世纪70年代."""
    tens = _small(found[2])
    if tens % 10 or tens > 90:
        return None
    if found[1] == "上" or (found[1] is None and tens >= 40):
        century = 1900
    elif found[1] in (None, "本"):
        century = 2000
    else:
        century = (_small(found[1]) - 1) * 100
    first, last = year_span(century + tens)[0], year_span(century + tens + 9)[1]
    return Moment(found.start(), found.end(), first, last, "decade", "explicit", rule="decade")


def _plan(text: str, line: CalendarLine, start: int, end: int) -> Moment:
    """十四五 as a period, 十四五末 as its last day; a plan's name (十四五规划) means no time."""
    if _PLAN_NAME.match(text, end):
        return Moment(start, end, None, None, "name", "none")
    first_year, last_year = (int(year) for year in line.value.split("/"))
    tail = _PLAN_TAIL.match(text, end)
    if tail and tail[1]:
        last = date(last_year, 12, 31)
        return Moment(start, tail.end(), last, last, "end", "explicit", last_year, deadline=True, rule="plan")
    if tail and tail[2]:
        end = tail.end()
    elif text[end : end + 1] in ("”", "’") and text[start - 1 : start] not in ("“", "‘"):
        end += 0
    return Moment(
        start,
        end,
        date(first_year, 1, 1),
        date(last_year, 12, 31),
        "plan",
        "explicit",
        last_year,
        rule="plan",
    )


def _opened(line: CalendarLine, moment: Moment, text: str) -> Moment:
    """到2025年: until it; 自2018年: from it; 截至2022年底: as of its last day."""
    if line.role == "since":
        if moment.rule in ("range", "years", "months", "quarters") or (
            moment.last is None and moment.first is not None
        ):
            return moment
        return replace(moment, last=None, rule="since")
    if moment.rule in ("range", "years", "months", "since", "after"):
        return replace(moment, start=moment.start + len(line.text))
    if line.value == "as_of":
        return replace(moment, first=None, deadline=False, rule="as_of")
    return replace(moment, first=None, deadline=True, rule="until")


def _with_end(ending: str, moment: Moment) -> Moment:
    """What 前, 以来, 内 and their like make of a moment."""
    deadline = ending in _DEADLINE_ENDS
    if ending in ("before", "or_before", "until"):
        return replace(moment, first=None, deadline=True, rule=ending)
    if ending == "strictly_before":
        last = moment.last if moment.grain == "end" else day_before(moment.first)
        return replace(moment, first=None, last=last, deadline=True, rule=ending)
    if ending in ("since", "or_after"):
        return replace(moment, last=None, deadline=False, rule="since")
    if ending == "after":
        first = moment.first if moment.grain == "day" else day_after(moment.last)
        return replace(moment, first=first, last=None, deadline=False, rule="after")
    return replace(moment, deadline=moment.deadline or deadline)


def _expression(moment: Moment) -> Expression:
    kind = "duration" if moment.grain == "duration" else "date"
    return Expression(
        moment.start, moment.end, kind, moment.start, moment.end,
        date_start=moment.first, date_end=moment.last, duration=moment.duration,
        basis=moment.basis, deadline=moment.deadline, rule=moment.rule,
    )  # fmt: skip

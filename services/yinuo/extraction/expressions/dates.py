"""One date of the calendar at a place: 2023年, 去年上半年, 6月底, 2019年4月12日, 一季度, 国庆节, 十四五末, 90年代.

For: reading it and resolving it on the reference date. Not for: what stands around it, ranges (times.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from yinuo.extraction.expressions.data import CalendarLine, alternation
from yinuo.extraction.expressions.date_parts import (
    century,
    day_moment,
    decade,
    month_moment,
    month_range,
    month_third,
    nearest_day,
    plan,
    quarter_moment,
    quarter_range,
    same_month,
    week_moment,
    week_of,
)
from yinuo.extraction.expressions.festivals import festival_span
from yinuo.extraction.expressions.lunar_dates import lunar_moment
from yinuo.extraction.expressions.moments import (
    Moment,
    month_end,
    month_span,
    part_span,
    shifted_by,
    year_span,
)
from yinuo.extraction.expressions.time_numerals import (
    CJK_DIGITS,
    digits,
    full_year,
    numeral_before,
    odd_year,
    small,
    year_number,
)
from yinuo.extraction.expressions.units import follows

HEADS = (
    "year",
    "that_year",
    "years",
    "part",
    "month",
    "quarter",
    "week",
    "weekday",
    "day",
    "plan",
    "term",
    "era",
    "festival",
    "name",
)
_ONES = "[一二三四五六七八九]"
_DAY_NUMBER = rf"3[01]|[12]\d|0?[1-9]|三十一?|二十{_ONES}?|廿{_ONES}?|十{_ONES}?|{_ONES}"
_MONTH_NUMBER = rf"1[0-2]|0?[1-9]|十[一二]?|{_ONES}"
_TO = r"(?: ?(?:——?|--?|[–~～至到]) ?)"
_MONTH = re.compile(rf"({_MONTH_NUMBER})月(?![球光饼宫嫂牙])份?")
_DAY = re.compile(rf"的?({_DAY_NUMBER})(?:[日号](?![线楼文机院])|(?={_TO}(?:{_DAY_NUMBER})[日号]))")
_BARE_DAY = re.compile(r"(3[01]|[12]\d|0?[1-9])(?=$|[^\d.%\u3400-\u9fff年月日号]|[至到出])")
_BARE_CJK_DAY = re.compile(rf"({_DAY_NUMBER})(?=$|[^\u3400-\u9fff\d])")
_DAY_ONLY = re.compile(
    rf"(3[01]|[12]\d|0?[1-9]|三十一?|二十{_ONES}?|十{_ONES}?)日(?![元圆本语常报志均内期夜游])"
)
_YEAR = re.compile(
    rf"(\d{{4}}|[一二][{CJK_DIGITS}O0]{{3}}|[二两]千)[财学]?年(?!代|头|级|历)(?:度(?![假过]))?"
)
_AFTER_SHORT = rf"[底末初]|(?:{_MONTH_NUMBER})月|[上下]半年|[一二三四第]{{1,2}}季度|前(?!\d)|[以之][前后]"
_SHORT_YEAR = re.compile(rf"(\d{{2}}|[{CJK_DIGITS}]{{2}})年(?={_AFTER_SHORT})")
_ZERO_YEAR = re.compile(rf"(0\d|[零〇○]{_ONES})年")
_ODD_YEAR = re.compile(rf"([{CJK_DIGITS}]{{2,3}}|[3-9]\d{{2}})年")
_ERA_YEAR = re.compile(rf"(元|\d{{1,2}}|[{CJK_DIGITS}十]{{1,3}})年")
_CENTURY = r"(?:1[89]|20|21)\d{2}"
_YEARS = re.compile(
    rf"({_CENTURY})(?:年度?)?({_TO}|/(?=\d{{4}}(?:[学财]年|年度|赛季)))({_CENTURY})(?![\d.,%])([财学]?年度?)?(?![底末初]|\d{{1,2}}月)"
)
_SHORT_YEARS = re.compile(rf"({_CENTURY})(?:——?|--?|[–~～])(\d{{2}})年")
_LISTED_YEAR = re.compile(rf"{_CENTURY}(?=(?:[、和及与]{_CENTURY}){{1,9}}年)")
_MONTHS = re.compile(
    rf"({_MONTH_NUMBER})(?:月份?)?{_TO}({_MONTH_NUMBER})月份?(?!{_DAY_NUMBER}|[底末初]|[上中下]旬)"
)
_QUARTERS = re.compile(rf"第?([一二三1-3])(?:季度)?(?:{_TO}|[、和及与])?第?([二三四2-4])季度")
_LISTED_MONTHS = re.compile(
    rf"(1[01]|[1-9]|十一?|{_ONES})(?:[、和及与]|(?<={_ONES})(?={_ONES}月))({_MONTH_NUMBER})月份?(?!(?:{_DAY_NUMBER})[日号]|[底末初]|[上中下]旬)"
)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d.])")
_ISO_MONTH = re.compile(r"((?:19|20)\d\d)[-/](0[1-9]|1[0-2])(?![\d\-/.年月日~～—至到])")
_REVERSED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2}|\d)(?![\d.])")
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_DECADE = re.compile(rf"(?:(上|本|\d{{2}}|十[八九]|二十)世纪)?([1-9]0|{_ONES}十)年代(?:[初中末]期?)?")
_CENTURY_NAMED = re.compile(
    r"(上个|上|本|20|21|1[0-9]|二十一|二十|廿一|十[一二三四五六七八九])世纪(?!\d|[一二三四五六七八九]十)(初|中叶|末|海上|经济报道|不动产)?"
)
_YEAR_TAIL = re.compile(r"的?(底|末|终|初|中)(?![国央期心间小医学文部介层级高标端等产低])")
_COUNTED_BACK = re.compile(r"年[以之]?[前后]")
_MONTH_TAIL = re.compile(
    r"的?(?:(上中|中下|[上中下])旬|月?(底|末|初)|中(?=[，。、；前完开竣召举启]|$))(?![步级])"
)
_WEEK_OF = re.compile(r"的?第([一二三四五1-5])个?(?:周|星期|礼拜)")
_FIRST_MONTHS = re.compile(r"的?前(1[01]|[1-9]|十一?|[两二三四五六七八九])个?月")
_FIRST_DAYS = re.compile(r"的?前(\d{1,3}|[两三四五六七八九十]{1,3})天")
_NTH_MONTH = re.compile(rf"的?第({_MONTH_NUMBER})个月")
_LIST = re.compile(r"[、，和及与]")
_NO_LEFT = frozenset("第每逐")
_WEEKDAY_HEADS = frozenset("周星礼")  # 每周一 is read, as what recurs


class Dates:
    """The reader of one date over one calendar table."""

    def __init__(self, by_role: Mapping[str, Mapping[str, CalendarLine]]) -> None:
        """Derive the patterns from the lines, given as role → text → line."""
        self.words = {text: line for role in HEADS for text, line in by_role.get(role, {}).items()}
        self._parts = {**by_role.get("part", {}), **by_role.get("season", {})}
        self._festivals = by_role.get("festival", {})
        self._word = re.compile(alternation(self.words))
        self._part = re.compile(f"的?(第)?({alternation(self._parts)})")
        self._festival_pattern = re.compile(alternation(self._festivals))

    def at(
        self, text: str, start: int, floor: int, today: date | None,
        within: Moment | None = None, previous: Moment | None = None,
    ) -> Moment | None:  # fmt: skip
        """The moment that begins at `start`; `within` lends its year and month to the end of a range."""
        if start > floor and text[start - 1] in _NO_LEFT and text[start] not in _WEEKDAY_HEADS:
            return None
        if text[start].isdigit():
            written = (
                self._numeric(text, start, floor)
                or self._year_range(text, start)
                or _listed_year(text, start)
            )
            if written is not None:
                return written
        word = self._word.match(text, start)
        if word is not None and self._holds(text, word, self.words[word[0]]):
            return self._from_word(text, self.words[word[0]], start, word.end(), today, previous)
        numbered = self._numbered_year(text, start, today)
        if numbered is not None:
            return numbered
        year = within.year if within else today.year if today else None
        inner = self._in_year(text, start, start, year, within.basis if within else "reference")
        return inner or self._alone(text, start, today, within, previous)

    def _holds(self, text: str, found: re.Match[str], line: CalendarLine) -> bool:
        """Whether the guards of the line hold around the word."""
        if line.not_before and text.startswith(line.not_before, found.end()):
            return False
        if line.only_before and not follows(line.only_before, text, found.end()):
            return False
        return not (line.not_after and text.endswith(line.not_after, 0, found.start()))

    # --- digits with strokes --------------------------------------------------------------------------------

    def _numeric(self, text: str, start: int, floor: int) -> Moment | None:
        """2023-06-30, 20230630, 30/6/2023, 12-11-10."""
        before = text[start - 1] if start > floor else ""
        if before.isascii() and before and (before.isalnum() or before in "-/."):
            return None
        month = _ISO_MONTH.match(text, start)
        if month:
            return month_moment(start, month.end(), int(month[1]), int(month[2]), "explicit")
        iso = _ISO.match(text, start)
        if iso:
            return _if_day(start, iso.end(), int(iso[1]), int(iso[3]), int(iso[4]))
        compact = _COMPACT.match(text, start)
        if compact:
            return _if_day(start, compact.end(), int(compact[1]), int(compact[2]), int(compact[3]))
        turned = _REVERSED.match(text, start)
        if turned is None:
            return None
        one, two, three = int(turned[1]), int(turned[3]), int(turned[4])
        if len(turned[4]) == 4:
            return _if_day(start, turned.end(), three, two, one)
        if turned[2] == "-":
            return _if_day(start, turned.end(), full_year(one), two, three)
        return _if_day(start, turned.end(), full_year(three), two, one) if turned[2] == "/" else None

    def _year_range(self, text: str, start: int) -> Moment | None:
        """2013-2023年, 2021年至2025年, 2021—2025, 2013-23年."""
        if start and text[start - 1].isdigit():
            return None
        short = _SHORT_YEARS.match(text, start)
        found = short or _YEARS.match(text, start)
        if found is None:
            return None
        first = int(found[1])
        last = first // 100 * 100 + int(found[2]) if short else int(found[3])
        if not first < last <= first + 150:
            return None
        if not short and not found[4] and not self._ends_years(text, found):
            return None
        return Moment(
            start, found.end(), date(first, 1, 1), date(last, 12, 31), "years", "explicit", last, rule="years"
        )

    def _ends_years(self, text: str, found: re.Match[str]) -> bool:
        """Whether 2021—2025 without 年 stands for years: with a dash, and before no unit."""
        following = text[found.end() : found.end() + 1]
        if following.isascii() and following.isalnum():
            return False
        return not following or not ("\u3400" <= following <= "\u9fff") or found[2].strip() in ("——", "—")

    # --- words ----------------------------------------------------------------------------------------------

    def _from_word(
        self, text: str, line: CalendarLine, start: int, end: int, today: date | None, previous: Moment | None
    ) -> Moment | None:
        year = today.year if today else None
        if line.role == "that_year" and previous is not None and previous.year is not None:
            year = previous.year
        match line.role:
            case "year" | "that_year":
                end += text.startswith("度", end) and not text.startswith(("度假", "度过"), end)
                shifted = year + int(line.value) if year else None
                same = same_month(text, end)
                if same:
                    return self._month_parts(
                        text, start, same, shifted, today.month if today else 1, "reference"
                    )
                return self._year_parts(text, start, end, shifted, "reference")
            case "years":
                first, last = (
                    year_span(year + int(offset)) if year else (None, None)
                    for offset in line.value.split("/")
                )
                return Moment(start, end, first[0], last[1], "years", "reference", rule="years")
            case "part":
                return self._part_of(text, line, start, end, year, "reference")
            case "month":
                return self._relative_month(text, line, start, end, today)
            case "quarter":
                return quarter_moment(start, end, today, int(line.value))
            case "week" | "weekday":
                day = shifted_by(today, "W", int(line.value)) if today else None
                return week_moment(text, start, end, day, whole=line.role == "week")
            case "day":
                day = shifted_by(today, "D", int(line.value)) if today else None
                return _relative_day(start, end, day)
            case "name":
                return Moment(start, end, None, None, "name", "none")
            case "plan":
                return plan(text, line, start, end)
            case "era":
                return self._era(text, line, start, end)
            case "term":
                return Moment(start, end, None, None, "term", "reference", rule="term", deadline=True)
        return self._festival(line, start, end, year, "reference")

    def _festival(self, line: CalendarLine, start: int, end: int, year: int | None, basis: str) -> Moment:
        first, last = festival_span(line.value, year) if year else (None, None)
        return Moment(start, end, first, last, "day", basis, year, rule="festival")

    def _relative_month(
        self, text: str, line: CalendarLine, start: int, end: int, today: date | None
    ) -> Moment:
        """本月, 下个月 with a day or third; 月底, 月初."""
        if line.value == "begin":
            opening = today and today.replace(day=1)
            return Moment(
                start, end, opening, opening and opening.replace(day=10), "third", "reference", rule="month"
            )
        if line.value == "end":
            last = month_end(today.year, today.month) if today else None
            return Moment(start, end, last, last, "end", "reference", rule="month", deadline=True)
        first = month_span(today.year, today.month + int(line.value))[0] if today else None
        return self._month_parts(
            text, start, end, first.year if first else None, first.month if first else 1, "reference"
        )

    # --- years ----------------------------------------------------------------------------------------------

    def _numbered_year(self, text: str, start: int, today: date | None) -> Moment | None:
        """2023年, 二〇二三年, 07年, 19年底 with what follows inside the year; 90年代."""
        ten_years = _DECADE.match(text, start)
        if ten_years:
            return decade(ten_years)
        hundred_years = _CENTURY_NAMED.match(text, start)
        if hundred_years:
            return century(hundred_years)
        found = _YEAR.match(text, start)
        if found is not None:
            if numeral_before(text, start) and (text[start - 1].isdigit() or not found[1].isdigit()):
                return None
            year: int | None = year_number(found[1])
        else:
            found = _SHORT_YEAR.match(text, start) or _ZERO_YEAR.match(text, start)
            if found and 10 <= digits(found[1]) <= 50 and _COUNTED_BACK.match(text, found.end(1)):
                return None  # 10年前, 20年后 count from now
            year = full_year(digits(found[1])) if found else None
            if found is None and (found := _ODD_YEAR.match(text, start)):
                year = odd_year(found[1])
        if found is None or year is None or not 0 < year < 3000:
            return None
        return self._year_parts(text, start, found.end(), year, "explicit")

    def _era(self, text: str, line: CalendarLine, start: int, end: int) -> Moment | None:
        """民国三年, 康熙20年."""
        found = _ERA_YEAR.match(text, end)
        if found is None:
            return None
        year = int(line.value) + (1 if found[1] == "元" else small(found[1]))
        return self._year_parts(text, start, found.end(), year, "explicit")

    def _year_parts(self, text: str, start: int, end: int, year: int | None, basis: str) -> Moment:
        """The year, or the part of it that follows its name."""
        end += 2 * text.startswith("全年", end)  # 去年全年
        inner = self._in_year(text, start, end, year, basis)
        if inner is not None:
            return inner
        part = self._part.match(text, end)
        if part and (not part[1] or "季度" in part[2]) and not part[2].startswith("年度"):
            return self._part_of(text, self._parts[part[2]], start, part.end(), year, basis)
        tail = _YEAR_TAIL.match(text, end)
        word = self._parts.get("年" + tail[1]) if tail else None
        if tail and word:
            return self._part_of(text, word, start, tail.end(), year, basis)
        festival = self._festival_pattern.match(text, end)
        if festival and self._holds(text, festival, self._festivals[festival[0]]):
            return self._festival(self._festivals[festival[0]], start, festival.end(), year, basis)
        first, last = year_span(year) if year else (None, None)
        return Moment(start, end, first, last, "year", basis, year, rule="year")

    def _part_of(
        self, text: str, line: CalendarLine, start: int, end: int, year: int | None, basis: str
    ) -> Moment:
        first, last = part_span(year, line.value)
        grain = "end" if line.value[:5] == line.value[6:] else "part"
        if line.text.endswith("季度") and text[end : end + 1] in ("末", "底"):
            first, grain, end = last, "end", end + 1
        deadline = grain == "end" or line.text.endswith("内")
        return Moment(start, end, first, last, grain, basis, year, deadline=deadline, rule="part")

    # --- inside a year --------------------------------------------------------------------------------------

    def _in_year(self, text: str, start: int, at: int, year: int | None, basis: str) -> Moment | None:
        """Months, days, quarters and weeks from `at` on, in `year`."""
        lunar = lunar_moment(text, start, at, year, basis)
        if lunar is not None:
            return lunar
        months = _MONTHS.match(text, at)
        if months and small(months[1]) < small(months[2]) and not numeral_before(text, at):
            return month_range(start, months, year, basis)
        listed = _LISTED_MONTHS.match(text, at)
        if listed and small(listed[1]) + 1 == small(listed[2]) and not numeral_before(text, at):
            return month_range(start, listed, year, basis)  # 4、5月份, 七八月
        quarters = _QUARTERS.match(text, at)
        if quarters and small(quarters[1]) < small(quarters[2]):
            return quarter_range(start, quarters, year, basis)
        month = _MONTH.match(text, at)
        if month and (at > start or not numeral_before(text, at)):
            return self._month_parts(text, start, month.end(), year, small(month[1]), basis)
        return self._counted_part(text, start, at, year, basis)

    def _counted_part(self, text: str, start: int, at: int, year: int | None, basis: str) -> Moment | None:
        """Of a year: 前11个月, 第二周, 前10天, 第九个月."""
        opening = date(year, 1, 1) if year and 0 < year < 10000 else None
        first_months = _FIRST_MONTHS.match(text, at)
        if first_months and (at > start or not text[start - 1 : start].isalnum()):
            last = month_span(year, small(first_months[1]))[1] if year else None
            return Moment(start, first_months.end(), opening, last, "span", basis, year, rule="months")
        if at == start:
            return None
        nth = _NTH_MONTH.match(text, at)
        if nth:
            return self._month_parts(text, start, nth.end(), year, small(nth[1]), basis)
        week = _WEEK_OF.match(text, at)
        if week:
            first, last = week_of(opening, small(week[1]))
            return Moment(start, week.end(), first, last, "week", basis, year)
        days = _FIRST_DAYS.match(text, at)
        if days:
            last = opening + timedelta(days=small(days[1]) - 1) if opening else None
            return Moment(start, days.end(), opening, last, "span", basis, year)
        return None

    def _month_parts(
        self, text: str, start: int, end: int, year: int | None, month: int, basis: str
    ) -> Moment:
        """The month, or a day, third, end or week of it."""
        day = _DAY.match(text, end) or _BARE_DAY.match(text, end) or _BARE_CJK_DAY.match(text, end)
        if day:
            return day_moment(start, day.end(), year, month, small(day[1]), basis)
        tail = _MONTH_TAIL.match(text, end)
        if tail:
            return month_third(tail, start, year, month, basis)
        week = _WEEK_OF.match(text, end)
        if week:
            first, last = week_of(date(year, month, 1) if year else None, small(week[1]))
            return Moment(start, week.end(), first, last, "week", basis, year, month)
        return month_moment(start, end, year, month, basis)

    def _alone(
        self, text: str, start: int, today: date | None, within: Moment | None, previous: Moment | None
    ) -> Moment | None:
        """A quarter by its ordinal; a day without a month: in a list or range it has the month of the one before."""
        part = self._part.match(text, start) if text[start] == "第" else None
        if part and part[1] and "季度" in part[2]:
            year = within.year if within else today.year if today else None
            return self._part_of(
                text, self._parts[part[2]], start, part.end(), year, within.basis if within else "reference"
            )
        listed = (
            previous is not None
            and previous.grain == "day"
            and previous.end == start - 1
            and _LIST.match(text, start - 1)
        )
        found = (_DAY if within is not None or listed else _DAY_ONLY).match(text, start)
        if found is None or found[0][0] == "的" or numeral_before(text, start):
            return None
        lender = within or (previous if listed else None)
        if lender is not None and lender.month is not None:
            return day_moment(start, found.end(), lender.year, lender.month, small(found[1]), lender.basis)
        return None if within is not None else nearest_day(start, found.end(), small(found[1]), today)


def _if_day(start: int, end: int, year: int, month: int, day: int) -> Moment | None:
    """The day when the calendar has it; figures that make none are no date."""
    if not 1 <= month <= 12:
        return None
    moment = day_moment(start, end, year, month, day)
    return moment if moment.first is not None else None


def _listed_year(text: str, start: int) -> Moment | None:
    """2021、2022年: 年 at the end of the list holds for all."""
    found = _LISTED_YEAR.match(text, start)
    if found is None or (start and text[start - 1].isdigit()):
        return None
    first, last = year_span(int(found[0]))
    return Moment(start, found.end(), first, last, "year", "explicit", int(found[0]), rule="year")


def _relative_day(start: int, end: int, day: date | None) -> Moment:
    if day is None:
        return Moment(start, end, None, None, "day", "reference")
    return Moment(start, end, day, day, "day", "reference", day.year, day.month)


def lines_by_role(lines: Sequence[CalendarLine]) -> dict[str, dict[str, CalendarLine]]:
    """Role → text → line."""
    by_role: dict[str, dict[str, CalendarLine]] = {}
    for line in lines:
        by_role.setdefault(line.role, {})[line.text] = line
    return by_role

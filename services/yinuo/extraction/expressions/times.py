"""Dates and deadlines: 2023年, 到2023年底, 年内, 一季度, 6月30日前, 2013-2023年, 十四五末, 4月12-19日, 今年以来.

For: finding calendar times and resolving them on the reference date. Not for: numbers; lengths (durations.py).
Law kept: 今年 is the whole calendar year, 年底 and 年内 run until 31 December, both ends of a range are inside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from yinuo.extraction.expressions.data import CalendarLine, alternation
from yinuo.extraction.expressions.durations import Durations
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.expressions.moments import (
    Moment,
    month_end,
    month_span,
    part_span,
    shifted_by,
    week_span,
    year_span,
)
from yinuo.extraction.expressions.numerals import Numerals
from yinuo.extraction.expressions.time_parts import (
    _CLOCK,
    _COMPACT,
    _DAY,
    _DAY_ONLY,
    _DECADE,
    _FIRST_DAYS,
    _FIRST_MONTHS,
    _ISO,
    _MONTH_TAIL,
    _MONTHS,
    _NTH_MONTH,
    _QUARTERS,
    _REVERSED,
    _WEEK_OF,
    _YEAR_TAIL,
    _YEARS,
    Found,
    _day_moment,
    _decade,
    _digits,
    _expression,
    _full_year,
    _month_range,
    _month_third,
    _nearest_day,
    _numeral_before,
    _odd_year,
    _opened,
    _plan,
    _quarter_span,
    _small,
    _week_of,
    _with_end,
    _year_number,
)

_CJK_DIGIT = "〇零○一二三四五六七八九"
_COUNT = "0-9一二三四五六七八九十两廿卅"
_UNIT_AHEAD = (
    r"年|月|日|号|天|周|星期|礼拜|小时|钟头|分钟|秒|季度|学年|世纪|昼夜|工作日|"
    r"[个個多余]{1,2}(?:月|季度|星期|礼拜|小时|工作日|自然日|世纪|年头|半月|半小时|年|钟头|周|天)"
)
_MONTH = re.compile(r"(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?![球光饼宫嫂牙])份?")
_BARE_DAY = re.compile(r"(3[01]|[12]\d|0?[1-9])(?=$|[^\d.%\u3400-\u9fff年月日号]|[至到出])")
_YEAR = re.compile(rf"(\d{{4}}|[一二][{_CJK_DIGIT}]{{3}}|[二两]千)年(?!代|头|级|历)(?:度(?![假过]))?")
_SHORT_YEAR = re.compile(
    rf"(\d{{2}}|[{_CJK_DIGIT}]{{2}})年(?=[底末初]|1[0-2]月|0?[1-9]月|十[一二]?月|[一二三四五六七八九]月|上半年|下半年|[一二三四第]{{1,2}}季度|前|以[前后]|之[前后])"
)
_ZERO_YEAR = re.compile(r"(0\d|[零〇○][一二三四五六七八九])年")
_ODD_YEAR = re.compile(rf"([{_CJK_DIGIT}]{{2,3}}|[3-9]\d{{2}})年")
_LINK = re.compile(r" ?(?:——?|--?|[–~～至到]|与|和) ?")
_LIST = re.compile(r"[、，和及与]")
_PLAN_TAIL = re.compile(r"[”’\"]?(?:(?:时?期|规划期)?(末期?|收官|期末|收尾)|(时期|期间|期内|期)?)")
_PLAN_NAME = re.compile(r"[”’\"]?(?:规划|纲要|计划|开局|蓝图|[\u3400-\u9fff]{2,8}规划)")
_CLOSING = re.compile(r"[”’\"]")
_NO_LEFT = frozenset("第每逐")
_DEADLINE_ENDS = frozenset({"before", "strictly_before", "or_before", "until", "within"})


class Times:
    """The reader of times over one calendar table."""

    def __init__(self, numerals: Numerals, lines: Sequence[CalendarLine]) -> None:
        """Derive the patterns from the lines."""
        by_role: dict[str, dict[str, CalendarLine]] = {}
        for line in lines:
            by_role.setdefault(line.role, {})[line.text] = line
        heads = ("year", "years", "part", "month", "week", "day", "plan", "term", "era", "festival")
        self._words = {text: line for role in heads for text, line in by_role.get(role, {}).items()}
        self._parts = by_role.get("part", {})
        self._part = re.compile(f"的?(第)?({alternation(self._parts)})")
        self._festivals = by_role.get("festival", {})
        self._word = re.compile(alternation(self._words))
        self._left = {**by_role.get("to", {}), **by_role.get("since", {})}
        self._left_pattern = re.compile(rf"{alternation(self._left)}\Z")
        self._ends = by_role.get("end", {})
        self._end_pattern = re.compile(alternation(self._ends))
        self._durations = Durations(numerals, lines)
        self._candidate = re.compile(
            rf"{alternation(self._words)}"
            rf"|(?<![\d.])\d{{1,8}}(?:\.\d+)?(?= ?(?:{_UNIT_AHEAD})|[-—–~～至到/.·]+ ?[\d])"
            rf"|(?<![\d.])(?:19|20)\d{{6}}(?!\d)"
            rf"|[{_CJK_DIGIT}十百两几数廿半]{{1,7}}(?=(?:{_UNIT_AHEAD})|[至到—-](?:{_UNIT_AHEAD}|[一二三四五六七八九十]{{1,2}}[月季]))"
            rf"|第(?=[一二三四1-4]季度)|[上本](?=世纪)"
        )

    def find(self, text: str, today: date | None) -> Found:
        """All times of the text, in order, resolved on `today` where they need it."""
        found: list[Expression] = []
        consumed: list[tuple[int, int]] = []
        position = floor = 0
        previous: Moment | None = None
        while (candidate := self._candidate.search(text, position)) is not None:
            moment = self._time_at(text, candidate.start(), floor, today, previous)
            if moment is None:
                position = candidate.start() + 1
                if candidate.end() - candidate.start() > 1 and not text[candidate.start()].isdigit():
                    continue
                position = candidate.end() if text[candidate.start()].isdigit() else position
                continue
            position = floor = moment.end
            clock = _CLOCK.match(text, moment.end) if moment.grain == "day" else None
            if clock:
                position = floor = clock.end()
            consumed.append((moment.start, floor))
            if moment.grain != "name":
                previous = moment
                found.append(_expression(moment))
        return Found(tuple(found), tuple(consumed))

    def _time_at(
        self, text: str, start: int, floor: int, today: date | None, previous: Moment | None
    ) -> Moment | None:
        moment = self._moment(text, start, floor, today, None, previous)
        if moment is None:
            return self._durations.at(text, start, floor, today)
        if moment.grain == "name":
            return moment
        return self._bounded(text, self._ranged(text, moment, today), floor, today)

    # --- one moment -----------------------------------------------------------------------------------------

    def _moment(
        self,
        text: str,
        start: int,
        floor: int,
        today: date | None,
        within: Moment | None,
        previous: Moment | None,
    ) -> Moment | None:
        """The moment that begins at `start`; `within` lends its year and month to the end of a range."""
        if start > floor and text[start - 1] in _NO_LEFT:
            return None
        if text[start].isdigit():
            written = self._numeric(text, start) or self._year_range(text, start)
            if written is not None:
                return written
        word = self._word.match(text, start)
        if word is not None and self._word_holds(text, word):
            return self._from_word(text, self._words[word[0]], word.end(), start, today)
        numbered = self._numbered_year(text, start, today)
        if numbered is not None:
            return numbered
        return self._within_year(text, start, start, within.year if within else None, today, within, previous)

    def _word_holds(self, text: str, word: re.Match[str]) -> bool:
        line = self._words[word[0]]
        if line.not_before and text.startswith(line.not_before, word.end()):
            return False
        return not (line.not_after and text.endswith(line.not_after, 0, word.start()))

    def _numeric(self, text: str, start: int) -> Moment | None:
        """2023-06-30, 20230630, 30/6/2023, 6·30."""
        if start and (text[start - 1].isascii() and (text[start - 1].isalnum() or text[start - 1] in "-/.")):
            return None
        iso = _ISO.match(text, start)
        if iso:
            return _day_moment(start, iso.end(), int(iso[1]), int(iso[3]), int(iso[4]))
        compact = _COMPACT.match(text, start)
        if compact:
            return _day_moment(start, compact.end(), int(compact[1]), int(compact[2]), int(compact[3]))
        turned = _REVERSED.match(text, start)
        if turned is None:
            return None
        if len(turned[4]) == 4:
            return _day_moment(start, turned.end(), int(turned[4]), int(turned[3]), int(turned[1]))
        if turned[2] == "-":
            return _day_moment(
                start, turned.end(), _full_year(int(turned[1])), int(turned[3]), int(turned[4])
            )
        if turned[2] == "/":
            return _day_moment(
                start, turned.end(), _full_year(int(turned[4])), int(turned[3]), int(turned[1])
            )
        return None

    def _year_range(self, text: str, start: int) -> Moment | None:
        """2013-2023年, 2021年至2025年, 2021—2025."""
        found = _YEARS.match(text, start)
        if found is None or (text[start - 1 : start].isdigit()):
            return None
        first, last = int(found[1]), int(found[3])
        following = text[found.end() : found.end() + 1]
        if not first < last <= first + 150 or (
            not found[4]
            and following
            and following not in "年，。、；）) \n"
            and found[2].strip() not in "—–-"
        ):
            return None
        if not found[4] and (following == "年" or (following.isascii() and following.isalnum())):
            return None
        if re.match(r"[底末初]|\d{1,2}月", text[found.end() : found.end() + 3]):
            return None
        return Moment(
            start, found.end(), date(first, 1, 1), date(last, 12, 31), "years", "explicit", last, rule="years"
        )

    def _from_word(
        self, text: str, line: CalendarLine, end: int, start: int, today: date | None
    ) -> Moment | None:
        basis = "reference"
        match line.role:
            case "year":
                year = today.year + int(line.value) if today else None
                return self._year_parts(text, start, end, year, basis, today)
            case "years":
                offsets = [int(value) for value in line.value.split("/")]
                spans = [year_span(today.year + offset) if today else (None, None) for offset in offsets]
                return Moment(start, end, spans[0][0], spans[1][1], "years", basis, rule="years")
            case "part":
                year = today.year if today else None
                return self._part_of(text, line, start, end, year, basis)
            case "month":
                return self._relative_month(text, line, start, end, today)
            case "week":
                day = shifted_by(today, "W", int(line.value)) if today else None
                first, last = week_span(day) if day else (None, None)
                return Moment(start, end, first, last, "week", basis, rule="week")
            case "day":
                day = shifted_by(today, "D", int(line.value)) if today else None
                return Moment(
                    start, end, day, day, "day", basis, day.year if day else None, day.month if day else None
                )
            case "plan":
                return _plan(text, line, start, end)
            case "era":
                return self._era(text, line, start, end, today)
            case "term":
                return Moment(start, end, None, None, "term", basis, rule="term", deadline=True)
        return self._festival(line, start, end, today.year if today else None, basis)

    def _festival(
        self, line: CalendarLine, start: int, end: int, year: int | None, basis: str
    ) -> Moment | None:
        from yinuo.extraction.expressions.festivals import festival_span

        first, last = festival_span(line.value, year) if year else (None, None)
        return Moment(start, end, first, last, "day", basis, year, rule="festival")

    def _numbered_year(self, text: str, start: int, today: date | None) -> Moment | None:
        """2023年, 二〇二三年, 07年, 19年底 with what follows inside the year; 90年代."""
        decade = _DECADE.match(text, start)
        if decade:
            return _decade(decade, today)
        found = _YEAR.match(text, start)
        if (
            found
            and start
            and (text[start - 1].isdigit() or (text[start - 1] in _CJK_DIGIT and not found[1].isdigit()))
        ):
            return None
        year = _year_number(found[1]) if found else None
        if found is None:
            short = _SHORT_YEAR.match(text, start) or _ZERO_YEAR.match(text, start)
            if short:
                found, year = short, _full_year(_digits(short[1]))
            else:
                found = _ODD_YEAR.match(text, start)
                year = _odd_year(found[1]) if found else None
        if found is None or year is None or not 0 < year < 3000:
            return None
        return self._year_parts(text, start, found.end(), year, "explicit", today)

    def _era(self, text: str, line: CalendarLine, start: int, end: int, today: date | None) -> Moment | None:
        """民国三年, 康熙20年."""
        found = re.compile(rf"(元|\d{{1,2}}|[{_CJK_DIGIT}十]{{1,3}})年").match(text, end)
        if found is None:
            return None
        year = int(line.value) + (1 if found[1] == "元" else _small(found[1]))
        return self._year_parts(text, start, found.end(), year, "explicit", today)

    # --- inside a year --------------------------------------------------------------------------------------

    def _year_parts(
        self, text: str, start: int, end: int, year: int | None, basis: str, today: date | None
    ) -> Moment:
        """The year, or the part of it that follows its name."""
        inner = self._within_year(text, start, end, year, today, None, None, basis)
        if inner is not None:
            return inner
        part = self._part.match(text, end)
        if part and (not part[1] or "季度" in part[2]):
            return self._part_of(text, self._parts[part[2]], start, part.end(), year, basis)
        tail = _YEAR_TAIL.match(text, end)
        word = tail and self._parts.get("年" + tail[1])
        if tail and word:
            return self._part_of(text, word, start, tail.end(), year, basis)
        for festival, line in self._festivals.items():
            if text.startswith(festival, end):
                found = self._festival(line, start, end + len(festival), year, basis)
                if found is not None:
                    return found
        first, last = year_span(year) if year else (None, None)
        return Moment(start, end, first, last, "year", basis, year, rule="year")

    def _part_of(
        self, text: str, line: CalendarLine, start: int, end: int, year: int | None, basis: str
    ) -> Moment:
        first, last = part_span(year, line.value)
        grain = "end" if line.value[:5] == line.value[6:] else "part"
        deadline = grain == "end" or line.text.endswith("内")
        return Moment(start, end, first, last, grain, basis, year, deadline=deadline, rule="part")

    def _within_year(
        self, text: str, start: int, at: int, year: int | None, today: date | None,
        within: Moment | None, previous: Moment | None, basis: str | None = None,
    ) -> Moment | None:  # fmt: skip
        """Months, days, quarters and weeks from `at` on, in `year` or the reference date's."""
        known = year if year is not None or basis else today.year if today else None
        basis = basis or (within.basis if within and year is not None else "reference")
        months = _MONTHS.match(text, at)
        if months and _small(months[1]) < _small(months[3]):
            return _month_range(start, months, known, basis)
        quarters = _QUARTERS.match(text, at)
        if quarters and _small(quarters[1]) < _small(quarters[2]):
            first, last = (
                _quarter_span(known, _small(quarters[1]))[0],
                _quarter_span(known, _small(quarters[2]))[1],
            )
            return Moment(start, quarters.end(), first, last, "quarter", basis, known, rule="quarters")
        month = _MONTH.match(text, at)
        if month and (at > start or not _numeral_before(text, at)):
            return self._month_parts(text, start, month.end(), known, _small(month[1]), basis)
        special = self._counted_part(text, start, at, known, basis)
        if special is not None:
            return special
        if at == start and text.startswith("第", at):
            part = self._part.match(text, at)
            if part and part[1] and "季度" in part[2]:
                return self._part_of(text, self._parts[part[2]], start, part.end(), known, basis)
        if at == start:
            return self._lone_day(text, start, today, within, previous)
        return None

    def _counted_part(self, text: str, start: int, at: int, year: int | None, basis: str) -> Moment | None:
        """Of a year: 前11个月, 第二周, 前10天, 第九个月."""
        if at == start:
            return None
        first_months = _FIRST_MONTHS.match(text, at)
        if first_months:
            last = month_span(year, _small(first_months[1]))[1] if year else None
            return Moment(
                start, first_months.end(), date(year, 1, 1) if year else None, last, "span", basis, year
            )
        nth = _NTH_MONTH.match(text, at)
        if nth:
            return self._month_parts(text, start, nth.end(), year, _small(nth[1]), basis)
        week = _WEEK_OF.match(text, at)
        if week:
            first, last = _week_of(date(year, 1, 1), _small(week[1])) if year else (None, None)
            return Moment(start, week.end(), first, last, "week", basis, year)
        days = _FIRST_DAYS.match(text, at)
        if days:
            end_day = date(year, 1, 1) + timedelta(days=_small(days[1]) - 1) if year else None
            return Moment(start, days.end(), date(year, 1, 1) if year else None, end_day, "span", basis, year)
        return None

    def _month_parts(
        self, text: str, start: int, end: int, year: int | None, month: int, basis: str
    ) -> Moment:
        """The month, or a day, third, end or week of it."""
        day = _DAY.match(text, end) or _BARE_DAY.match(text, end)
        if day:
            made = _day_moment(start, day.end(), year, month, _small(day[1]), basis)
            if made is not None:
                return made
        tail = _MONTH_TAIL.match(text, end)
        if tail:
            return _month_third(tail, start, year, month, basis)
        week = _WEEK_OF.match(text, end)
        if week:
            first, last = _week_of(date(year, month, 1), _small(week[1])) if year else (None, None)
            return Moment(start, week.end(), first, last, "week", basis, year, month)
        first, last = month_span(year, month) if year else (None, None)
        return Moment(start, end, first, last, "month", basis, year, month, rule="month")

    def _relative_month(
        self, text: str, line: CalendarLine, start: int, end: int, today: date | None
    ) -> Moment:
        """本月, 下个月 with a day or third; 月底."""
        if line.value == "end":
            last = month_end(today.year, today.month) if today else None
            return Moment(start, end, last, last, "end", "reference", rule="month", deadline=True)
        first = month_span(today.year, today.month + int(line.value))[0] if today else None
        if first is None:
            inner = self._month_parts(text, start, end, None, 1, "reference")
            return replace(inner, month=None)
        moment = self._month_parts(text, start, end, first.year, first.month, "reference")
        return replace(moment, deadline=moment.deadline or line.text.endswith("内"))

    def _lone_day(
        self, text: str, start: int, today: date | None, within: Moment | None, previous: Moment | None
    ) -> Moment | None:
        """11日 after 9月10日、 or in a range keeps their month; alone it is the nearest past one."""
        found = _DAY.match(text, start) if within is not None else _DAY_ONLY.match(text, start)
        if found is None or (start and (text[start - 1] in _CJK_DIGIT or text[start - 1].isdigit())):
            return None
        day = _small(found[1])
        lender = within
        if lender is None and previous is not None and previous.grain == "day" and previous.end == start - 1:
            lender = previous if _LIST.match(text, previous.end) else None
        if lender is not None and lender.month is not None:
            return _day_moment(start, found.end(), lender.year, lender.month, day, lender.basis)
        if within is not None:
            return None
        return _nearest_day(start, found.end(), day, today)

    # --- ranges and what stands around ----------------------------------------------------------------------

    def _ranged(self, text: str, first: Moment, today: date | None) -> Moment:
        """With the end that 到, 至 or a dash gives it: 2021年3月至9月, 去年11月到今年3月."""
        link = _LINK.match(text, first.end)
        if link is None or first.grain in ("span", "years", "term"):
            return first
        second = (
            self._moment(text, link.end(), link.end(), today, first, None) if link.end() < len(text) else None
        )
        if second is None or second.grain in ("span", "name", "term"):
            return first
        if link[0].strip() in ("与", "和") and not re.match("之?间", text[second.end : second.end + 2]):
            return first
        last = second.last
        if (
            first.first
            and last
            and last < first.first
            and first.basis == second.basis == "reference"
            and last.year < 9999
        ):
            last = shifted_by(last, "Y", 1)
        if first.first and last and last < first.first:
            return first
        basis = "explicit" if "explicit" in (first.basis, second.basis) else first.basis
        return Moment(
            first.start,
            second.end,
            first.first,
            last,
            "range",
            basis,
            second.year,
            second.month,
            rule="range",
        )

    def _bounded(self, text: str, moment: Moment, floor: int, today: date | None) -> Moment:
        """With the words before and after it: 到…, 自…起, …前, …以来."""
        moment = self._ended(text, moment, today)
        left = self._left_pattern.search(text, max(floor, moment.start - 3), moment.start)
        while left is not None:
            line = self._left[left[0]]
            if not (line.not_after and text.endswith(line.not_after, 0, left.start())):
                return _opened(line, replace(moment, start=left.start()), text)
            left = self._left_pattern.search(text, left.start() + 1, moment.start)
        return moment

    def _ended(self, text: str, moment: Moment, today: date | None) -> Moment:
        found = self._end_pattern.match(text, moment.end)
        if found is None:
            return moment
        line = self._ends[found[0]]
        if line.not_before and text.startswith(line.not_before, found.end()):
            return moment
        if line.text == "来" and moment.grain != "year" and moment.rule != "range":
            return moment
        return _with_end(line.value, replace(moment, end=found.end()))


# --- helpers that know no table ---------------------------------------------------------------------------------

"""Dates and deadlines: 2023年, 到2023年底, 年内, 一季度, 6月30日前, 2013-2023年, 十四五末, 4月12-19日, 今年以来.

For: finding times in a text, joining them to ranges, and what the words around them make of them. Not for: reading
one date (dates.py) or a length of time (durations.py).
Law kept: 今年 is the whole calendar year, 年底 and 年内 run until 31 December, both ends of a range are inside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from yinuo.extraction.expressions import lunar_dates
from yinuo.extraction.expressions.data import CalendarLine, alternation
from yinuo.extraction.expressions.dates import Dates, lines_by_role
from yinuo.extraction.expressions.durations import UNIT_AHEAD, Durations
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.expressions.moments import Moment, day_after, day_before, shifted_by
from yinuo.extraction.expressions.numerals import Numerals
from yinuo.extraction.expressions.time_numerals import CJK_DIGITS

_LINK = re.compile(r" ?(?:——?|--?|[–~～至到]|与|和) ?")
_BETWEEN = re.compile("之?间")
_PART_OF_DAY = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上?|夜间|午夜|深夜"
_CLOCK = re.compile(
    rf"(?:{_PART_OF_DAY})?(?:[01]?\d|2[0-4]|[一二三四五六七八九十]{{1,3}})"
    r"(?:[时点](?!间)(?:(?:[0-5]?\d|[一二三四五六七八九十]{1,3})分|半|整|许|左右)?|[:：][0-5]\d(?:[:：][0-5]\d)?)"
)
_RECURRING = re.compile(r"每(?:逢|(?:一?年|个?月|个?星期|周|个?季度?|学期)的?)?\Z")
_DEADLINE_ENDS = frozenset({"before", "strictly_before", "or_before", "until", "within"})
_OPEN_TO_THE_LEFT = frozenset({"before", "strictly_before", "or_before", "until"})
_AND = re.compile("[，、]?(?:并且?|且|而且|和|及|但|到|至)?")
_TWO_ENDED = frozenset({"range", "years", "months", "quarters"})


@dataclass(frozen=True, slots=True)
class Found:
    """Times of a text, and the spans they consume; names that hold a time and mean none are among the spans."""

    expressions: tuple[Expression, ...]
    consumed: tuple[tuple[int, int], ...]


class Times:
    """The reader of times over one calendar table."""

    def __init__(self, numerals: Numerals, lines: Sequence[CalendarLine]) -> None:
        """Derive the patterns from the lines."""
        by_role = lines_by_role(lines)
        self._dates = Dates(by_role)
        self._durations = Durations(numerals, lines)
        self._left = {**by_role.get("to", {}), **by_role.get("since", {})}
        self._left_pattern = re.compile(rf"{alternation(self._left)}\Z")
        self._ends = by_role.get("end", {})
        self._end_pattern = re.compile(alternation(self._ends))
        self._candidate = _candidates(self._dates.words)

    def find(self, text: str, today: date | None) -> Found:
        """All times of the text, in order, resolved on `today` where they need it."""
        found: list[Expression] = []
        consumed: list[tuple[int, int]] = []
        position = floor = 0
        previous: Moment | None = None
        while (candidate := self._candidate.search(text, position)) is not None:
            moment = self._time_at(text, candidate.start(), floor, today, previous)
            if moment is None:
                digits = text[candidate.start()].isdigit()
                position = candidate.end() if digits else candidate.start() + 1
                continue
            position = floor = self._with_clock(text, moment)
            consumed.append((moment.start, floor))
            if moment.grain != "name":
                both = _both_open(text, previous, moment)
                if both is not None:
                    found.pop()
                    moment = both
                previous = moment
                found.append(_expression(moment))
        return Found(tuple(found), tuple(consumed))

    def _time_at(
        self, text: str, start: int, floor: int, today: date | None, previous: Moment | None
    ) -> Moment | None:
        moment = self._dates.at(text, start, floor, today, None, previous)
        if text.endswith("公元前", floor, start):
            moment = moment or self._durations.at(text, start, start, today)
            return moment and replace(moment, grain="name")  # no day of this calendar
        if moment is None:
            return self._durations.at(text, start, floor, today)
        if moment.grain == "name":
            return moment
        if _RECURRING.search(text, max(0, start - 3), start):
            return replace(self._ranged(text, moment, today), grain="name")
        feast = moment.rule == "festival" and moment.basis == "reference"
        moment = self._bounded(text, self._ranged(text, moment, today), floor)
        over = today is not None and moment.last is not None and moment.last < today
        if over and feast and moment.deadline and today is not None and today.month >= _FROM_AUTUMN:
            return self._time_at(text, start, floor, date(today.year + 1, 1, 1), previous)
        return replace(moment, deadline=False) if moment.deadline and over else moment

    def _with_clock(self, text: str, moment: Moment) -> int:
        """The end of the time of day after a day: 6月30日8时30分 has no number of its own."""
        clock = _CLOCK.match(text, moment.end) if moment.grain == "day" else None
        return clock.end() if clock else moment.end

    def _ranged(self, text: str, first: Moment, today: date | None) -> Moment:
        """With the end that 到, 至 or a dash gives it: 2021年3月至9月, 去年11月到今年3月."""
        link = _LINK.match(text, first.end)
        if link is None or first.grain in ("span", "years", "term") or link.end() >= len(text):
            return first
        second = self._dates.at(text, link.end(), link.end(), today, first)
        if second is None or second.grain in ("span", "name", "term"):
            return first
        if link[0].strip() in ("与", "和") and not _BETWEEN.match(text, second.end):
            return first
        last = second.last
        if first.first and last and last < first.first and second.basis == "reference" and last.year < 9999:
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

    def _bounded(self, text: str, moment: Moment, floor: int) -> Moment:
        """With the words before and after it: 到…, 自…起, …前, …以来."""
        moment = self._ended(text, _with_quote(text, moment, floor))
        left = self._left_pattern.search(text, max(floor, moment.start - 3), moment.start)
        while left is not None:
            line = self._left[left[0]]
            held = not (line.not_after and text.endswith(line.not_after, 0, left.start()))
            if held and not (
                line.role == "to" and text.startswith("的", moment.end)
            ):  # 增加到2015年的287.9亿元
                return _opened(line, replace(moment, start=left.start()))
            left = self._left_pattern.search(text, left.start() + 1, moment.start)
        return moment

    def _ended(self, text: str, moment: Moment) -> Moment:
        found = self._end_pattern.match(text, moment.end)
        if found is None:
            return moment
        line = self._ends[found[0]]
        if line.not_before and text.startswith(line.not_before, found.end()):
            return moment
        if line.text == "来" and moment.grain != "year":
            return moment
        return _with_end(line.value, replace(moment, end=found.end()))


_FROM_AUTUMN = 10
"""From October on, 春节前 and 元旦前 look at the feast of the next year: that of this year is long over."""


def _candidates(words: Iterable[str]) -> re.Pattern[str]:
    """Where a time may begin: a word of the calendar, or a numeral with something of time behind it."""
    words = list(words)
    month_or_season = "[一二两三四五六七八九十]{1,3}(?:[月季年天周]|个月|个工作日|个小时|小时|日内)"
    numerals = f"{CJK_DIGITS}十百千两几数廿卅半"
    first = "".join(sorted({word[0] for word in words})) + f"0-9{numerals}第上本前农阴旧夏正冬腊大"
    return re.compile(
        rf"(?=[{first}])(?:{alternation(words)}"
        rf"|(?<![\d.])\d{{1,8}}(?:\.\d+)?(?= ?(?:{UNIT_AHEAD})|[-—–~～至到/.]{{1,2}} ?\d|[、和及与](?:19|20)\d\d|[、和]\d{{1,2}}月|[财学]年)"
        rf"|(?<![\d.])(?:19|20)\d{{6}}(?!\d)"
        rf"|[一二][{CJK_DIGITS}O0]{{3}}(?=年)"
        rf"|[{numerals}]{{1,7}}(?=(?:{UNIT_AHEAD})|[至到—-](?:{UNIT_AHEAD}|{month_or_season})|[、和第]{{1,2}}[一二三四五六七八九十]{{1,2}}(?:月|季度))"
        rf"|第(?=[一二三四1-4](?:季度|[至到、和]第?[二三四2-4]季度))|[上本](?=世纪)"
        rf"|前(?=[\d两二三四五六七八九十]{{1,2}}个?月)|{lunar_dates.START})"
    )


def _with_quote(text: str, moment: Moment, floor: int) -> Moment:
    """“十四五”末: the opening mark belongs to a moment that holds the closing one."""
    opened = moment.rule == "plan" and moment.start > floor and text[moment.start - 1] in '“‘"'
    closed = opened and any(mark in text[moment.start : moment.end] for mark in '”’"')
    return replace(moment, start=moment.start - 1) if closed else moment


def _opened(line: CalendarLine, moment: Moment) -> Moment:
    """到2025年: until it; 自2018年: from it; 截至2022年底: as of its last day."""
    two_ended = moment.rule in _TWO_ENDED
    if line.role == "since":
        half_open = moment.last is None and moment.first is not None
        if moment.rule in ("before", "strictly_before", "or_before"):
            return replace(moment, start=moment.start + len(line.text))
        return moment if two_ended or half_open else replace(moment, last=None, deadline=False, rule="since")
    if two_ended or moment.rule in ("since", "after"):
        return replace(moment, start=moment.start + len(line.text))
    if line.value == "as_of":
        return replace(moment, first=None, deadline=False, rule="as_of")
    return replace(moment, first=None, deadline=True, rule="until")


def _both_open(text: str, left: Moment | None, right: Moment) -> Moment | None:
    """2010年之后2018年之前: two half-open bounds on one time are one stretch."""
    if left is None or left.rule not in ("after", "since") or right.rule not in _OPEN_TO_THE_LEFT:
        return None
    joined = right.start - left.end <= 3 and _AND.fullmatch(text, left.end, right.start)
    if not joined or left.first is None or right.last is None:
        return None
    if left.last is not None or right.first is not None or left.first > right.last:
        return None
    return replace(right, start=left.start, first=left.first, rule="range")


def _with_end(ending: str, moment: Moment) -> Moment:
    """What 前, 以来, 内 and their like make of a moment."""
    if moment.rule in _TWO_ENDED:
        return replace(moment, deadline=moment.deadline or ending in ("before", "or_before", "within"))
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
    return replace(moment, deadline=moment.deadline or ending in _DEADLINE_ENDS)


def _expression(moment: Moment) -> Expression:
    kind = "duration" if moment.grain == "duration" else "date"
    return Expression(
        moment.start, moment.end, kind, moment.start, moment.end,
        date_start=moment.first, date_end=moment.last, duration=moment.duration,
        basis=moment.basis, deadline=moment.deadline, rule=moment.rule,
    )  # fmt: skip

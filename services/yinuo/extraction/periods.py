"""The time that a figure is of: the year, range of years or day, carried from left to right as a report tells it.

A time in the clause before the number wins; else the last time of the paragraph; a whole past year is a report's and
goes on over paragraphs until a heading. Bases (比上年) and durations are no period. Law: baselines and thresholds
have none, targets that of their due date (guideline §4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.passages import Block
from yinuo.extraction.sites import Site, Spot

_TABLE = toml_table("periods.toml")
_SECTIONS = ("now", "since", "point", "whole")
if tuple(_TABLE) != _SECTIONS:
    raise ValueError(f"periods.toml: sections are {_SECTIONS}, found {tuple(_TABLE)}")

_NOW = re.compile(alternation(tuple(_TABLE["now"])))
_SINCE = re.compile(alternation(tuple(_TABLE["since"])))
_WHOLE = re.compile(alternation(tuple(_TABLE["whole"])))
_POINT = re.compile(f"(?:{alternation(tuple(_TABLE['point']))})(?:止|为止)?$")
_COMPARES = re.compile("[比较同]$|相较于?$|高于$|低于$")
_TIMES_AS = re.compile("”?(?:末|期间|时期|同期|全年)?的[\\d.]+倍")
_COMPARED = re.compile("(?:年?同期|同月|年?末|年?底)?相比|同期水平")
_LAST_YEAR = re.compile("(?:过去的|回顾|总结)$")
_THAN_AT = re.compile("较[^，。]{0,8}$")
_AT_LEVEL = re.compile("(?:时|底|末|初)?的[^，。]{0,8}(?:[上下]|增|涨|跌|提高|减|回)")
_FROM = re.compile("[自从]$")
_ON = re.compile("(?!起)[^，。；]{0,12}(?:以来|至今)")
_ANNUAL = re.compile("(?:19|20)\\d\\d年(?:度报告|年度报告|年报|度业绩|业绩)")  # 披露2024年年度报告
_SAYS = re.compile("(?:公布|发布|披露|获悉|了解到|通报|消息|印发|宣布|召开)")


@dataclass(frozen=True, slots=True)
class Period:
    """`text` as in the contract (2023, 2013-2023, 2022-12-31) with its first and last day.

    `now`: 目前 names the year and reports nothing for it. `event`: a day on which something happened, not a date of
    reporting; it holds for its sentence only, the year goes on.
    """

    text: str
    start: date
    end: date
    on_day: bool = False
    now: bool = False
    event: bool = False


UNKNOWN = Period("", date.min, date.max)
"""Of the first of two levels (从10个增加到22个) the text does not say when it stood."""

_MONTH = re.compile("\\d{1,2}(?:[—-]\\d{1,2})?月份?|第?[一二三四]季度|下半年")
_AIMS = re.compile("预期|目标|计划|任务")
_OVER_ONLY = ("全年", "年末")
_YEARLY = re.compile("每年|年均|年增")
_UNTIL = re.compile("[^。；]{0,40}?((?:19|20)\\d\\d)年")
_LEVEL_LEFT = re.compile("[从由](?:[^，。]{0,12}的)?$")
_OF_LEVEL = re.compile("(?:同期)?的")
_RISES_TO = re.compile(
    "(?:增加|提高|上升|扩大|下降|减少|降低|增长|跃升|提升|升|增|降|缩短|压减|压缩|发展)[到至为]"
)


def leaves_level(site: Site) -> bool:
    """由10家增加到22家: whether the number is the level that something rose or fell from."""
    return _RISES_TO.match(site.tail) is not None and _LEVEL_LEFT.search(site.lead) is not None


_COMPARED_WITH = re.compile(
    "(?:[较比](?![例重率值])|超过|(?<!不)高于|(?<!不)低于)[^，。的]{0,8}[年月份度期][^，。的]{0,6}的$"
)


def is_compared(site: Site) -> bool:
    """较2010年的7亿片增长…: whether the number is what another one is compared with."""
    return bool(site.clause.times) and _COMPARED_WITH.search(site.lead) is not None


def of_time(time: Expression, words: str) -> Period | None:
    """The period that a time expression names; None for one without an end."""
    last = time.date_end or (time.date_start if time.rule == "since" else None)
    if last is None:
        return None
    first = time.date_start or last
    if words.endswith("年中"):
        return of_years(last.year, last.year)
    one_day = time.date_start is None or time.date_start == time.date_end
    if (
        one_day
        and time.date_start is not None
        and words.endswith(("节", "假期", "旦", "秋", "午", "夕", "宵"))
    ):
        return of_years(last.year, last.year)
    if time.date_end is not None and one_day and (time.date_start is not None or _POINT.search(words)):
        return Period(last.isoformat(), last, last, True)
    years = of_years(first.year if time.date_start else last.year, last.year)
    return replace(years, start=first, end=last) if time.date_start and time.date_end else years


def of_years(first: int, last: int) -> Period:
    """The period from the first day of one year to the last of another."""
    return Period(f"{first}-{last}" if first != last else str(last), date(first, 1, 1), date(last, 12, 31))


@dataclass(slots=True)
class _State:
    block: Block | None = None
    sentence: int = -1
    sentence_time: Period | None = None
    paragraph_time: Period | None = None
    reported: Period | None = None
    stretch_time: Period | None = None
    left_time: Period | None = None


class Periods:
    """Walks the stretches of a page in order and tells the period of each site."""

    def __init__(self, text: str, reference: date | None) -> None:
        """Begin at the head of `text`, whose reference date may be unknown."""
        self._text, self._reference, self._state = text, reference, _State()
        # a reference that was only inferred stands as the first of January: the year may be the report's own
        self._inferred = reference is not None and (reference.month, reference.day) == (1, 1)

    def enter(self, stretch: list[Spot]) -> None:
        """Begin a stretch: a new sentence, paragraph or heading ends what does not reach over it."""
        state, first = self._state, stretch[0]
        if first.block is not state.block:
            heading = first.block.kind in ("headline", "kicker", "question")
            ends = heading and first.block.level == 0 and not first.clause.text.endswith(("%", "持平"))
            reported = None if ends else state.reported
            self._state = state = _State(first.block, -1, None, None, reported)
        state.stretch_time = None
        if first.clause.sentence != state.sentence:
            state.sentence, state.sentence_time, state.left_time = first.clause.sentence, None, None

    def leave(self, stretch: list[Spot]) -> None:
        """End a stretch: its times hold for what follows."""
        for spot in stretch:
            found = self._times(spot, spot.clause.end)
            if found:
                self._keep(found[-1], spot)

    def _keep(self, period: Period, spot: Spot) -> None:
        state = self._state
        year = of_years(period.end.year, period.end.year)
        says = period.event and _SAYS.search(self._text, spot.clause.start, spot.clause.end + 24) is not None
        state.sentence_time = year if says else period
        state.paragraph_time = year if period.event else period
        if not period.now and not period.event and not spot_plans(spot):
            before = state.reported
            own = self._inferred and (before is None or before.end.year == period.end.year)
            over = self._reference is None or period.end.year < self._reference.year + own
            annual = _ANNUAL.search(spot.clause.text) is not None
            leads = spot.item is None or spot.clause.time_leads or self._looks_back(spot) or annual
            state.reported = (year if leads else state.reported) if over else None

    def _looks_back(self, spot: Spot) -> bool:
        """刚刚过去的2015年，我区…: the year that a report looks back on."""
        return any(
            _LAST_YEAR.search(self._text, max(0, time.start - 4), time.start) is not None
            for time in spot.clause.times
        )

    def own(self, site: Site) -> Period | None:
        """The time that stands in the clause before the number."""
        if leaves_level(site):
            return self._left(site)
        if is_compared(site):
            time = [time for time in site.clause.times if time.end <= site.number.start][-1:]
            return of_time(time[0], self._text[time[0].start : time[0].end]) if time else None
        found = self._times(site.spot, site.number.start)
        behind = [] if found else self._times(site.spot, site.clause.end, site.number.end)
        own = found[-1] if found else behind[0] if behind else self._state.stretch_time
        self._state.stretch_time = own
        return own

    def of(self, site: Site) -> Period | None:
        """The time of the clause, else of the sentence, else of the paragraph, else of the report."""
        state = self._state
        found = self.own(site) or state.sentence_time or state.paragraph_time or state.reported
        return None if found is UNKNOWN else found

    def told(self, site: Site) -> Period | None:
        """The time of the clause, else of the sentence."""
        found = self.own(site) or self._state.sentence_time
        return None if found is UNKNOWN else found

    def rate_until(self, site: Site) -> Period | None:
        """将保持每年9%的增长，到2028年…: a yearly rate that is foreseen holds from now to the year that follows."""
        end = site.number.end
        following = _UNTIL.match(self._text, end, min(end + 60, len(self._text)))
        if self._reference is None or following is None or not _YEARLY.search(site.predicate):
            return None
        last = int(following[1])
        return of_years(self._reference.year, last) if last > self._reference.year else None

    def set_for(self, site: Site) -> Period | None:
        """到2015年，将达到…: the coming year that a clause without a due date of its own names for its figure."""
        found = self.told(site)
        if found is None or not self.is_ahead(found):
            return None
        return of_years(found.end.year, found.end.year)

    def is_yearly(self, site: Site) -> bool:
        """预计每年将以30%的速度增长: a yearly rate without an end is of no year."""
        return "每年" in site.predicate

    def is_ahead(self, period: Period) -> bool:
        """Whether a period ends after the reference year."""
        return self._reference is not None and period.end.year > self._reference.year

    def is_over(self, period: Period) -> bool:
        """Whether a period had ended by the reference date."""
        return self._reference is not None and period.end <= self._reference

    def this_year(self) -> Period | None:
        """The reference year: what an estimate without a time is of."""
        return of_years(self._reference.year, self._reference.year) if self._reference else None

    def _left(self, site: Site) -> Period:
        """从2012年的3亿元增长到5亿元，从2亿元增长到3亿元: of the time named with it or before it in the sentence, else of none known."""
        since = site.number.start - len(site.lead)
        for time in site.clause.times:
            if since <= time.start and time.end <= site.number.start:
                words, told = self._text[time.start : time.end], self._state.reported
                year = told.end.year - 1 if told is not None and words.startswith("上年") else None
                self._state.left_time = of_years(year, year) if year is not None else of_time(time, words)
        return self._state.left_time or UNKNOWN

    def _times(self, spot: Spot, before: int, behind: int = 0) -> list[Period]:
        """The periods named in a clause before an offset and behind another, in order; behind, titles name none."""
        named: list[tuple[int, Period]] = []
        clause = spot.clause
        for time in clause.times:
            inside = behind <= time.start < before and not (behind and self._in_title(time.start))
            period = self._named(spot, time) if inside else None
            if period is not None:
                named.append((time.start, period))
        for found in _SINCE.finditer(self._text, max(clause.start, behind), min(before, clause.end)):
            if self._reference is not None:
                named.append((found.start(), of_years(int(_TABLE["since"][found[0]]), self._reference.year)))
        for found in _NOW.finditer(self._text, max(clause.start, behind), min(before, clause.end)):
            if self._reference is not None:
                this_year = of_years(self._reference.year, self._reference.year)
                named.append((found.start(), replace(this_year, now=True)))
        return [period for _, period in sorted(named, key=lambda pair: pair[0])]

    def _in_title(self, at: int) -> bool:
        opened = self._text.rfind("《", max(0, at - 60), at)
        return opened >= 0 and self._text.find("》", opened, at) < 0

    def _named(self, spot: Spot, time: Expression) -> Period | None:
        text = self._text
        words, lead = text[time.start : time.end], text[max(0, time.start - 4) : time.start]
        if time.kind == "duration":
            return self._span(time, spot)
        left = (lead.endswith(("从", "由")) or words[0] in "从由") and _OF_LEVEL.match(text, time.end)
        than = _AT_LEVEL.match(text, time.end) and _THAN_AT.search(text, max(0, time.start - 9), time.start)
        if (
            left
            or than
            or _COMPARES.search(lead)
            or _COMPARED.match(text, time.end)
            or _TIMES_AS.match(text, time.end)
        ):
            return None
        period = of_time(time, words)
        if period is not None and self._is_last_years(time, words, spot):
            return of_years(period.end.year - 1, period.end.year - 1)
        if words == "今年" and self._told_as_over(spot):
            return self._state.reported
        if time.duration == "P1Y" and self._state.reported is not None:
            return self._state.reported  # 一年来 in a report on that year
        if (
            period is not None
            and self._reference is not None
            and (_FROM.search(lead) or words[0] in "自从")
            and _ON.match(text, time.end)
        ):
            return of_years(period.start.year, self._reference.year)
        if period is not None and period.on_day and not words.endswith(("末", "底")) and time.rule != "as_of":
            period = replace(period, event=True)
        if period is None:
            return None
        year = self._whole_year(words, spot)
        if year is not None:
            shift = year - period.end.year
            if shift:
                moved = period.end.replace(year=year)
                return (
                    of_years(year, year)
                    if not period.on_day
                    else Period(moved.isoformat(), moved, moved, True)
                )
        return period

    def _whole_year(self, words: str, spot: Spot) -> int | None:
        """The year of 全年, 年末 in what is told as done: the last report's, else the last that was over when it was said.

        Only early in a year: what is said in November of 全年 may be of the year that is about to end.
        """
        if not _WHOLE.match(words) or spot_plans(spot) or _AIMS.search(spot.clause.text):
            return None
        if self._state.reported is not None:
            return self._state.reported.end.year
        if self._reference is None or self._inferred or not words.startswith(_OVER_ONLY):
            return None
        # in January the last year's figures are still estimated: 预计全年…
        early = self._reference.month <= (1 if "预计" in spot.clause.text else 6)
        return self._reference.year - 1 if early else None

    def _told_as_over(self, spot: Spot) -> bool:
        """今年，完成… in the report on a year that is over: that year."""
        state, clause = self._state, spot.clause
        if state.reported is None or self._reference is None or clause.cue is not None or spot_plans(spot):
            return False
        return state.reported.end.year == self._reference.year - 1 and clause.verb is not None

    def _is_last_years(self, time: Expression, words: str, spot: Spot) -> bool:
        """12月，… said in January without a word that looks forward: the December that is over."""
        if self._reference is None or time.date_start is None or spot.clause.cue is not None or time.deadline:
            return False
        return time.date_start > self._reference and _MONTH.fullmatch(words) is not None

    def _span(self, time: Expression, spot: Spot) -> Period | None:
        """3年间, 五年来: the years up to the reference year."""
        years = re.fullmatch(r"P(\d{1,3})Y", time.duration or "")
        if years is None or self._reference is None:
            return None
        if not self._text.startswith(("间", "来", "以来"), time.end):
            return None
        return of_years(self._reference.year - int(years[1]), self._reference.year)


def spot_plans(spot: Spot) -> bool:
    """Whether a clause looks forward: a pledge, or inside forward scope that is not past."""
    if spot.pledge is not None:
        return True
    return spot.item is not None and spot.item.setting.forward is not None and not spot.item.setting.past

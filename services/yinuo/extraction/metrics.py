"""Quantities in their clauses → metrics. Puts together what the modules beside it read; decides nothing itself.

`counted.py` says which numbers count, `sites.py` what stands around them, `indicators.py` what they measure,
`bases.py` sign, base and measure, `periods.py` the time they are of, `status.py` what they are to the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Context, Decimal

from yinuo.extraction.bases import BASE, base_of, flow_of, is_decline, measure_of
from yinuo.extraction.clause import Clause
from yinuo.extraction.expressions import unit_code
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.identity import row_id
from yinuo.extraction.indicators import indicator_of, topic_of
from yinuo.extraction.passages import Block
from yinuo.extraction.periods import Period, Periods, of_years
from yinuo.extraction.places import region_of
from yinuo.extraction.reading import View
from yinuo.extraction.rows import Metric, Pledge
from yinuo.extraction.scopes import Placed
from yinuo.extraction.sites import Site, Spot, sites
from yinuo.extraction.status import Told, status_of


def read_metrics(
    view: View,
    placed: Sequence[Placed],
    pledges: Sequence[tuple[Pledge, Clause]],
    excluded: Sequence[tuple[Clause, str]],
    titles: Sequence[tuple[Clause, Block]],
    article_id: str,
    reference: date | None,
) -> list[Metric]:
    """The metrics of a page in order, headlines and questions included."""
    spots = _spots(placed, pledges, excluded, titles)
    walk = _Walk(view, article_id, reference)
    rows: list[tuple[Metric, bool]] = []
    for stretch, found in sites(view.text, spots, BASE):
        headline = stretch[0].block.kind in ("headline", "kicker")
        rows += [(row, headline) for row in walk.rows(stretch, found)]
    return list(_as_the_body_says(rows))


def _as_the_body_says(rows: list[tuple[Metric, bool]]) -> Iterator[Metric]:
    """A headline only shortens its article: what it does not say of a number, the same number below says.

    突破7.7亿户 above and 达7.71亿户 below are the same number: a headline rounds down.
    """
    below: dict[tuple[object, ...], Metric] = {}
    told: list[Metric] = []
    for row, headline in reversed(rows):
        same = below.get((_rounded(row.value), row.unit))
        if headline and same is not None and row.period is None and row.status != "target":
            row = replace(
                row,
                status=same.status,
                period=same.period,
                period_start=same.period_start,
                period_end=same.period_end,
            )
        elif not headline:
            below[_rounded(row.value), row.unit] = row
        told.append(row)
    return reversed(told)


def _spots(
    placed: Sequence[Placed],
    pledges: Sequence[tuple[Pledge, Clause]],
    excluded: Sequence[tuple[Clause, str]],
    titles: Sequence[tuple[Clause, Block]],
) -> list[Spot]:
    reasons = {id(clause): reason for clause, reason in excluded}
    by_clause = {id(clause): pledge for pledge, clause in pledges}
    spots = [
        Spot(
            item.clause,
            item.setting.block,
            item,
            by_clause.get(id(item.clause)),
            reasons.get(id(item.clause)),
        )
        for item in placed
    ]
    spots += [Spot(clause, block, None, None, None) for clause, block in titles]
    return sorted(spots, key=lambda spot: spot.clause.start)


_SOME_DAY = re.compile("未来|今后|将来")


def _rounded(value: Decimal) -> Decimal:
    return value.normalize(Context(prec=2, rounding=ROUND_DOWN))


class _Walk:
    """What goes on from number to number: the time, the indicator, and how often a quote was seen."""

    def __init__(self, view: View, article_id: str, reference: date | None) -> None:
        self._view, self._article_id = view, article_id
        self._periods = Periods(view.text, reference)
        self._seen: Counter[str] = Counter()
        self._carried: str | None = None
        self._rate = False
        self._by_unit: dict[str | None, str] = {}
        self._measured: list[str] = []
        self._topic: str | None = None
        self._before: str | None = None
        self._sentence: tuple[int, int] | None = None

    def rows(self, stretch: list[Spot], found: list[Site]) -> list[Metric]:
        self._periods.enter(stretch)
        key = (stretch[0].block.start, stretch[0].clause.sentence)
        if key != self._sentence:
            if self._sentence is None or key[0] != self._sentence[0]:
                self._carried, self._by_unit = None, {}
            self._sentence, self._measured, self._topic = key, [], None
            self._before = None
        before = tuple(self._measured)
        if not found:
            self._topic = topic_of(stretch[0].clause.words()) or self._topic
        made: list[Metric] = []
        for site in found:
            rule = made[-1].rules[-1] if made else ""
            made.append(self._metric(site, list(before), rule))
        self._periods.leave(stretch)
        return made

    def _metric(self, site: Site, measured: list[str], rule_before: str) -> Metric:
        number = site.number
        status, rule = status_of(site, self._told(site, rule_before))
        indicator = indicator_of(site, self._topic or self._same(number), measured)
        self._topic = None
        if status not in ("baseline", "threshold") and rule != "status/compared":
            self._before = status
        if indicator is not None:
            self._carried = self._by_unit[number.unit] = indicator
            self._rate = number.kind == "percent"
            self._measured.append(indicator)
        period = self._period(site, status)
        measure = measure_of(site)
        if period is not None and _covers_year(site, measure, indicator, period):
            period = of_years(period.end.year, period.end.year)
        value, high = _values(number, is_decline(site))
        span = self._view.span(number.start, number.end)
        quote = self._view.raw[span.start : span.end]
        compact = "".join(quote.split())
        self._seen[compact + str(value)] += 1
        unit = "名" if number.kind == "ordinal" else number.unit or None
        item = site.spot.item
        promiser = item.setting.promiser if item else None
        return Metric(
            row_id(self._article_id, "metric", compact, self._seen[compact + str(value)], str(value)),
            span.start, span.end, quote, indicator, value, high, unit,
            unit_code(unit) if unit and unit != "%" else unit, comparator_of(site), status, measure,
            flow_of(site, measure, indicator, period is not None and period.on_day),
            period.text if period else None, period.start if period else None, period.end if period else None,
            base_of(site), promiser, region_of(promiser) if item else None,
            site.spot.pledge.pledge_id if site.spot.pledge else None, self._view.noise_in(span),
            ("indicator_unknown",) if indicator is None else (), (number.rule, rule),
        )  # fmt: skip

    def _same(self, number: Expression) -> str | None:
        """What a number without a name of its own is of: a rate and the level behind it of the same, 71个 of what 个 counted."""
        if self._rate or number.kind == "percent":
            return self._carried
        return self._by_unit.get(number.unit, self._carried)

    def _told(self, site: Site, neighbour: str) -> Told:
        period = self._periods.of(site)
        ahead = period is not None and not period.now and self._periods.is_ahead(period)
        told = self._periods.told(site)
        over = told is not None and not told.now and self._periods.is_over(told)
        return Told(period, ahead, over, neighbour, self._before)

    def _period(self, site: Site, status: str) -> Period | None:
        if status in ("baseline", "threshold"):
            return None
        if status == "target" and site.spot.pledge is not None:
            due = site.spot.pledge.due
            return of_years(due.year, due.year) if due else self._periods.set_for(site)
        found = (self._periods.rate_until(site) if status == "expected" else None) or self._periods.of(site)
        if status == "expected" and (found is None or found.now):
            some_day = _SOME_DAY.search(site.sentence) or self._periods.is_yearly(site)
            found = None if some_day else self._periods.this_year()
        spans = found is not None and (found.on_day or found.start.year != found.end.year)
        if found is not None and spans and status == "target":
            return of_years(found.end.year, found.end.year)
        return found


def _covers_year(site: Site, measure: str, indicator: str | None, period: Period) -> bool:
    """截至2021年底，生产总值达…: what flowed until the last day of a year is of the year."""
    last_day = period.on_day and (period.end.month, period.end.day) == (12, 31)
    return last_day and (site.number.kind == "percent" or flow_of(site, measure, indicator, True) == "flow")


def _values(number: Expression, declines: bool) -> tuple[Decimal, Decimal | None]:
    """(value, upper value of a range); a decline is negative, and its range runs from the smaller fall on."""
    low = number.value if number.value is not None else number.low
    high = number.high if number.value is None else None
    assert low is not None
    return (-low, -high if high is not None else None) if declines else (low, high)


_ABOUT = re.compile("约[占为是][^，。]{0,14}$")
_AT_MOST = re.compile("最高(?:补助|奖励|支持|资助|给予|可达|可补)?$")  # 单个项目最高200万元
_BEFORE_VERB = re.compile("(至少|最多)[\u4e00-\u9fff]{1,4}$")  # 至少建成1所
_BOUND = re.compile("(不低于|不少于|不小于|不高于|不超过|不多于|至少|最多)[^，。；、\\d]{1,12}的$")


def _shares_bound(site: Site) -> bool:
    """保持在90%和98%以上: a bound behind the last share of a list holds for the whole list."""
    number, last = site.number, site.last
    behind = last.end > last.core_end and last.start == last.core_start
    return (
        behind and number.kind == last.kind == "percent" and number.low == number.high and number is not last
    )


def comparator_of(site: Site) -> str:
    """eq, ge, gt, le, lt or approx; 分别增长7%和8%左右 covers both, 约占…的 and 不低于…的 their number."""
    number = site.number
    shared = site.last.approximate and "分别" in site.predicate
    if number.approximate or shared or _ABOUT.search(site.lead):
        return "approx"
    bound = _BOUND.search(site.lead) if number.low == number.high else None
    if bound:
        return "ge" if bound[1] in ("不低于", "不少于", "不小于", "至少") else "le"
    if number.kind == "money" and number.low == number.high and _AT_MOST.search(site.lead):
        return "le"
    before_verb = _BEFORE_VERB.search(site.lead) if number.low == number.high else None
    if before_verb:
        return "ge" if before_verb[1] == "至少" else "le"
    if _shares_bound(site):
        number = site.last
    if number.low is None:
        return "le" if number.high_inclusive else "lt"
    if number.high is None:
        return "ge" if number.low_inclusive else "gt"
    return "eq"

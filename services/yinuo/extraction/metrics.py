"""Quantities in their clauses → metrics: indicator, status, period, and the pledge that aims at the number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause
from yinuo.extraction.expressions import unit_code
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.identity import row_id
from yinuo.extraction.places import region_of
from yinuo.extraction.reading import CJK, View
from yinuo.extraction.rows import Metric, Pledge
from yinuo.extraction.scopes import Placed

_DECLINE = re.compile("(?:下降|减少|降低|回落|下跌|下滑|缩减|压减|负增长)(?:了|约|近|超)?$")
_CHANGE = re.compile("(?:增长|增加|提高|上升|下降|减少|降低|增幅|增速|回落|上涨|下跌)(?:了|约|近|超|率)?$")
_BASE = re.compile("同比|环比|比上年|比去年|较上年|较去年|比20\\d\\d年|较20\\d\\d年|按可比价格")
_EXPECTED = re.compile("预计|预测|预期可|有望|估计")
_NOUN = re.compile(rf"(?:的|左右|以上)?([{CJK}“”（）]{{1,14}}?)(?=[，。；、：的]|$|建设|以上|左右|入住)")
_THRESHOLD_NEXT = re.compile("[的]?(?:重点)?(?:项目|企业|大港|以上工业|以上企业|产业|强县|强镇)")


def read_metrics(
    view: View,
    placed: Sequence[Placed],
    pledges: Sequence[tuple[Pledge, Clause]],
    excluded: Sequence[tuple[Clause, str]],
    titles: Sequence[Clause],
    article_id: str,
    reference: date | None,
) -> list[Metric]:
    """The metrics of a page in order: those of clauses in their settings, then those of headlines and questions."""
    reasons = {id(clause): reason for clause, reason in excluded}
    by_clause = {id(clause): pledge for pledge, clause in pledges}
    seen: Counter[str] = Counter()
    rows: list[Metric] = []
    indicator: str | None = None
    reported: Expression | None = None
    for item in placed:
        if item.setting.time is not None and item.setting.time.date_end is not None:
            reported = item.setting.time
        for number in item.clause.numbers:
            found = _indicator(item.clause, number)
            indicator = found or indicator
            rows.append(
                _metric(
                    view,
                    item.clause,
                    number,
                    indicator,
                    by_clause.get(id(item.clause)),
                    item,
                    article_id,
                    reference,
                    seen,
                    reported,
                    reasons.get(id(item.clause)),
                )
            )
    for clause in titles:
        for number in clause.numbers:
            rows.append(
                _metric(
                    view, clause, number, _indicator(clause, number), None, None, article_id, reference, seen
                )
            )
    return sorted(rows, key=lambda row: (row.start, row.end))


def _indicator(clause: Clause, number: Expression) -> str | None:
    """The counted noun behind a classifier, else the noun phrase before the number without its predicate."""
    after = _NOUN.match(clause.text, number.end - clause.start)
    if number.kind == "quantity" and after and len(after[1]) >= 1 and not lexicon.VERB.match(after[1]):
        return after[1]
    before = clause.text[max(0, clause.core - clause.start) : number.start - clause.start]
    for time in clause.times:
        if time.start >= clause.core and time.end <= number.start:
            before = before.replace(clause.text[time.start - clause.start : time.end - clause.start], "", 1)
    before = (
        re.split("[，、：]", before)[-1] if before.count("、") and clause.numbers[0] is not number else before
    )
    before = re.sub(
        r"(?:同比|环比|比上年|比去年|年均|预计|累计|达到|达|超过|突破|增长到?|增加|提高到?|下降到?|控制在|约|为|实现|完成|均居|位居|居|全国|全市|全省|世界|分别|共|力争|争取|确保|[了将])+$",
        "",
        before,
    )
    before = re.sub(
        rf"^(?:{lexicon.CUE.pattern}|{lexicon.MANNER.pattern}|实现|完成|新建|建设|建成|新增|，|[年内全])+",
        "",
        before,
    )
    return before.strip("，、的和了 ") or None


def _metric(
    view: View, clause: Clause, number: Expression, indicator: str | None, pledge: Pledge | None, item: Placed | None,
    article_id: str, reference: date | None, seen: Counter[str], reported: Expression | None = None,
    reason: str | None = None,
) -> Metric:  # fmt: skip
    span = view.span(number.start, number.end)
    quote = view.raw[span.start : span.end]
    assert number.value is not None
    before = clause.text[: number.start - clause.start]
    value = -number.value if _DECLINE.search(before) else number.value
    reported = reported if item is not None and item.setting.block.kind == "body" else None
    status = _status(clause, number, pledge, item, reason)
    if status == "baseline" and _is_report(clause, number, reported, reference):
        status = "achieved"
    year = _period(clause, status, pledge, item, reference)
    if year is None and status == "achieved" and reported is not None and reported.date_end is not None:
        year = str(reported.date_end.year)
    compact = "".join(quote.split())
    seen[compact + str(value)] += 1
    base = _BASE.search(clause.text)
    unit = "名" if number.kind == "ordinal" else number.unit
    return Metric(
        row_id(article_id, "metric", compact, seen[compact + str(value)], str(value)), span.start, span.end, quote, indicator,
        value, None, unit, unit_code(unit) if unit and unit != "%" else unit, _comparator(number), status,
        _measure(number, before), "unknown", year,
        date(int(year[:4]), 1, 1) if year else None, date(int(year[-4:]), 12, 31) if year else None,
        base[0] if base else None, item.setting.promiser if item else None, region_of(item.setting.promiser) if item else None,
        pledge.pledge_id if pledge else None, view.noise_in(span),
        ("indicator_unknown",) if indicator is None else (), (number.rule, f"status/{status}"),
    )  # fmt: skip


def _is_report(
    clause: Clause, number: Expression, reported: Expression | None, reference: date | None
) -> bool:
    """A number in a paragraph behind a reported year is a statistic of it, unless it only measures an attribute."""
    if reported is None or reported.date_end is None or reference is None or number.unit == "大":
        return False
    attribute = re.match("[^，、。]{0,6}的", clause.text[number.end - clause.start :])
    return reported.date_end.year < reference.year and attribute is None


def _comparator(number: Expression) -> str:
    if number.approximate:
        return "approx"
    if number.low is None:
        return "le" if number.high_inclusive else "lt"
    if number.high is None:
        return "ge" if number.low_inclusive else "gt"
    return "eq"


def _measure(number: Expression, before: str) -> str:
    if number.kind == "ordinal":
        return "rank"
    if _CHANGE.search(before):
        return "change_rate" if number.unit in ("%", "个百分点") else "change_abs"
    if number.kind == "percent":
        return "share"
    return "count" if number.kind == "quantity" else "level"


def _status(
    clause: Clause, number: Expression, pledge: Pledge | None, item: Placed | None, reason: str | None
) -> str:
    after = clause.text[number.end - clause.start :]
    if clause.text[number.start - clause.start : number.end - clause.start].endswith("级") or (
        _comparator(number) != "eq" and _THRESHOLD_NEXT.match(after) and number.kind == "money"
    ):
        return "threshold"
    attribute = re.match("[^，、。]{0,6}的", after) is not None
    if number.unit == "大" or (attribute and number.kind == "money"):
        return "baseline"
    if pledge is not None:
        return "baseline" if attribute else "target"
    if _EXPECTED.search(clause.text) or reason == "forecast":
        return "expected"
    if reason == "past":
        return "achieved"
    if item is not None and item.setting.forward is not None and not item.setting.past:
        return "target"
    dated = item is not None and item.setting.time is not None
    if clause.verb is not None and clause.verb.sort in ("completive", "attain") and not attribute:
        return "achieved"
    return (
        "achieved"
        if (item is not None and item.setting.past)
        or dated
        or number.kind in ("ordinal", "percent")
        or _CHANGE.search(clause.text[: number.start - clause.start])
        else "baseline"
    )


def _period(
    clause: Clause, status: str, pledge: Pledge | None, item: Placed | None, reference: date | None
) -> str | None:
    if status in ("baseline", "threshold"):
        return None
    if status == "target" and pledge is not None:
        return str(pledge.due.year) if pledge.due else None
    time = next((time for time in clause.times if time.date_end is not None), None) or (
        item.setting.time if item else None
    )
    if time is None or time.date_end is None or time.date_start is None:
        return None
    if time.date_start.year != time.date_end.year:
        return f"{time.date_start.year}-{time.date_end.year}"
    return str(time.date_end.year)

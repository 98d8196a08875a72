"""What a figure is measured as: its sign, its base, its measure, and whether it is a stock or a flow.

Reads the words right before the number and the indicator; nothing about status or time. Law: a decline is negative,
a level that something fell to is not (guideline §4).
"""

from __future__ import annotations

import re

from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.sites import Site

_TABLE = toml_table("bases.toml")
_SECTIONS = ("decline", "rise", "base", "flow", "stock")
if tuple(_TABLE) != _SECTIONS:
    raise ValueError(f"bases.toml: sections are {_SECTIONS}, found {tuple(_TABLE)}")

_HEDGE = "(?:幅度?|率)?(?:了|约|近|超过?|达到?|为|不低于|不少于|大约|将?近|仅|左右|[：:])*"
_DECLINE = re.compile(f"(?:{alternation(tuple(_TABLE['decline']))}){_HEDGE}$")
_CHANGE = re.compile(f"(?:{alternation((*_TABLE['decline'], *_TABLE['rise']))}){_HEDGE}$")
_SPEED = re.compile("的(?:年均)?(?:平均)?(?:速度|增速|增幅|涨幅|幅度)")
BASE = re.compile(
    f"{alternation(tuple(_TABLE['base']))}|[比较](?:[一二三四]季度|上半年|前[一二三]季度|\\d{{1,2}}[—-]\\d{{1,2}}月份?)|(?:比|较|与)(?:19|20)\\d\\d年(?:同期|年?底|年?末)?(?:相比)?"
)
DIRECTIONS = (*_TABLE["decline"], *_TABLE["rise"])
"""Words that say which way something changed."""
_FLOW = re.compile(alternation(tuple(_TABLE["flow"])))
_STOCK = re.compile(alternation(tuple(_TABLE["stock"])))
_FLOW_VERBS = frozenset(
    {"新增", "新建", "完成", "开工", "新开", "签约", "拆除", "发放", "培训", "改造", "举办", "引进"}
)


def changes(site: Site) -> bool:
    """Whether the number says by how much something changed."""
    return _CHANGE.search(site.predicate) is not None or _SPEED.match(site.tail) is not None


def is_decline(site: Site) -> bool:
    """Whether the number says by how much something fell."""
    return _DECLINE.search(site.predicate) is not None


def base_of(site: Site) -> str | None:
    """同比, 比上年, 较2020年: the base nearest to the left in the clause, else in the sentence for a change."""
    found = list(BASE.finditer(site.predicate))
    if found:
        return found[-1][0]
    return site.sentence_base if changes(site) else None


def measure_of(site: Site) -> str:
    """level, change_rate, change_abs, share, rank or count."""
    number = site.number
    if number.kind == "ordinal":
        return "rank"
    if changes(site):
        return (
            "change_rate"
            if number.unit in ("%", "个百分点", "百分点", "‰", "倍", "番", "成")
            else "change_abs"
        )
    if number.kind == "percent":
        return "share"
    return "count" if number.kind == "quantity" and number.unit_si is None else "level"


def flow_of(site: Site, measure: str, indicator: str | None, on_day: bool) -> str:
    """stock at a moment, flow over a period, or unknown; ratios and ranks are neither."""
    if measure in ("change_rate", "share", "rank") or indicator is None:
        return "unknown"
    verb = site.clause.verb
    flow, stock = _last(_FLOW, indicator), _last(_STOCK, indicator)
    if measure == "change_abs" or (verb is not None and verb.text in _FLOW_VERBS):
        return "flow"
    if flow != stock:
        return "flow" if flow > stock else "stock"
    return "stock" if on_day else "unknown"


def _last(pattern: re.Pattern[str], words: str) -> int:
    return max((found.end() for found in pattern.finditer(words)), default=-1)

"""What a figure measures, in the words of the text: the noun it counts, or the noun phrase it is said of.

A counted noun stands behind its classifier (12个项目), a measured one before the number (产值3亿元). A change or a
share that names nothing takes over what the clause before it measured; 分别 deals out a list in its order.
"""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.bases import BASE
from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.reading import CJK
from yinuo.extraction.sites import Site

_TABLE = toml_table("indicators.toml")
_SECTIONS = ("predicate", "acts", "cuts", "carries")
if tuple(_TABLE) != _SECTIONS:
    raise ValueError(f"indicators.toml: sections are {_SECTIONS}, found {tuple(_TABLE)}")

_PREDICATE_WORDS = tuple(_TABLE["predicate"])
_ENDS = re.compile(f"(?:{alternation(_PREDICATE_WORDS)}|[了，、：“])$")
_LONGEST_WORD = max(map(len, _PREDICATE_WORDS))
_ACT = re.compile(
    f"{alternation(tuple(_TABLE['acts']))}|{alternation(tuple(w for w, c in lexicon.VERB_CLASS.items() if c == 'completive'))}"
)
_CUTS = re.compile(alternation(tuple(_TABLE["cuts"])))
_CARRIES = frozenset(_TABLE["carries"])
_NOUN = re.compile(f"[{CJK}A-Za-z\\d“”·—]{{1,24}}")
_HEAD = re.compile(
    "[总人金]?[额量率值数积度费模次价]$|^(?:面积|金额|数量|人数|里程|规模|总数|总量|总额|收入|支出|用户|任务|进度|资金额)$"
)
_WORK_ENDS = ("工程", "项目", "任务", "活动", "行动", "计划", "产业", "用地", "标准", "设备", "面积", "目标")
_RANK_LEAD = re.compile(
    "(?:指标)?(?:连续)?(?:均|都|稳|持续|始终|继续|首次)*(?:保持在?|位居|位列|居于?|列|排名?在?|跃居|名列|升至|排|成为|稳居)?"
    "(?:全[国市省区县球]|世界|国内|亚洲|[省市区]内|同类[^，]{0,6}|行业)*(?:的)?$"
)
_LEADING = re.compile(
    f"(?:{lexicon.CUE.pattern}|{lexicon.MANNER.pattern}|[，、：；“”的了和与及以年月内]|其中|全年|同时|并|还|也|另有|一是|二是|三是|其|我们|本报讯)+"
)
_LISTED = re.compile("[、和与及]")


def indicator_of(site: Site, carried: str | None, measured: list[str]) -> str | None:
    """The indicator of a site; `carried` is that of the number before it, `measured` those of its sentence."""
    shared = _dealt_out(site, measured)
    if shared is not None:
        return shared
    before = _phrase_before(site)
    if site.number.kind == "quantity" or (before is None and site.number.kind != "ordinal"):
        counted = _counted_noun(site)
        if counted is not None:
            return counted
    if before is None or before in _CARRIES:
        return carried
    if before.startswith("占") and carried is not None and site.lead == site.whole:
        return carried + before
    return before


def _counted_noun(site: Site) -> str | None:
    """The noun behind the number, cut where a predicate begins."""
    tail = site.tail
    at = 0
    for skipped in ("以上", "左右", "以下", "的"):
        at += len(skipped) * tail.startswith(skipped, at)
    found = _NOUN.match(tail, at)
    if found is None or tail[at] in "增同环比较占，是为其即在内":
        return None
    words = found[0]
    stop = len(words)
    for time in site.clause.times:
        inside = time.start - site.number.end - at
        if 0 <= inside < stop:
            stop = inside
    possessive = words.find("的", 1)
    stop = min(stop, possessive) if possessive > 0 else stop
    cut = _CUTS.search(words, 1)
    stop = min(stop, cut.start()) if cut else stop
    words = words[:stop]
    if not words.endswith(_WORK_ENDS):
        for verb in lexicon.VERB.finditer(words, 2):
            if lexicon.VERB_CLASS.get(verb[0]) != "other":
                words = words[: verb.start()]
                break
    words = words[:20].rstrip("和与及、“”")
    return _with_work(site, words, tail[at:]) if words and not lexicon.VERB.fullmatch(words) else None


def _with_work(site: Site, words: str, tail: str) -> str:
    """22公里道路的扩建: the work done on what is measured belongs to it, where it ends the clause."""
    rest = tail[len(words) :]
    whole = re.fullmatch(f"的[{CJK}和]{{2,6}}", rest)
    if whole and site.spot.pledge is not None:
        return words + rest
    return words


def _phrase_before(site: Site) -> str | None:
    """The noun phrase before the number, without time, base, predicate, cue and act."""
    words = _without_times(site)
    words = BASE.sub("", words)
    words = re.split("[，；：]", words)[-1] if words.rstrip("，；：") == words else words.rstrip("，；：")
    words = re.sub("（[^）]*）?", "", words) if words.count("（") else words
    if site.number.kind == "ordinal" or site.number.unit == "名":
        words = _RANK_LEAD.sub("", words, count=1)
    words = _behind_act(_stripped(words))
    words = _LEADING.sub("", words, count=1) if _LEADING.match(words) else words
    words = _stripped(words).strip("，、的和了与及 　）（“”")
    return words[-30:] or None


def _without_times(site: Site) -> str:
    start = site.number.start - len(site.predicate if not site.order else site.lead)
    words = site.predicate
    if site.order:
        return words
    for time in reversed(site.clause.times):
        if time.start >= start and time.end <= site.number.start:
            words = words[: time.start - start] + words[time.end - start :]
    return words


def _stripped(words: str) -> str:
    """Without the predicate at its end, word by word."""
    while True:
        found = _ENDS.search(words, max(0, len(words) - _LONGEST_WORD))
        if found is None:
            return words
        words = words[: found.start()]


def _behind_act(words: str) -> str:
    """银行减免费用 → 费用, 营造林完成 → 营造林; a verb inside a compound (采购金额) stays."""
    found = list(_ACT.finditer(words))
    for verb in reversed(found):
        rest = words[verb.end() :]
        if len(rest) >= 2 and not _HEAD.search(rest[-3:] if len(rest) <= 3 else "") and rest[0] not in "的和":
            return rest
    return words


def _dealt_out(site: Site, measured: list[str]) -> str | None:
    """A、B分别增长a和b: the k-th of the list; without a list, the k-th of what was measured last."""
    if site.together < 2 or "分别" not in site.predicate:
        return None
    words = BASE.sub("", site.predicate[: site.predicate.index("分别")])
    words = re.split("[，；：]", words)[-1]
    items = [item for item in _LISTED.split(words) if item]
    if len(items) == site.together:
        last, model = items[-1], items[-2]
        shared = last[len(model) :] if len(last) > len(model) + 2 and len(model) <= 4 else ""
        return items[site.order] + (shared if site.order < site.together - 1 else "")
    if not words.strip() and len(measured) >= site.together:
        return measured[len(measured) - site.together :][site.order]
    return None

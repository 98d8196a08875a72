"""Predicates whose verb stands on no line of the tables, told by what governs them.

Behind a modal (将, 计划), behind a deadline (年底前) and behind 把 there must be a predicate, known or not; 不竣工不脱钩
is one by its shape. Whether it promises anything is decided where that of all clauses is.
"""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause, Word
from yinuo.extraction.expressions.model import Expression

_CJK = "\u4e00-\u9fff"
_ABSTAINS = re.compile(
    f"不[{_CJK}]{{1,4}}[、，]?(?:一律|绝|决)?不[{_CJK}]{{1,4}}$|只[减降][不未][增升]$|只[增升][不未][减降]$|(?<=[{_CJK}]{{2}})不(?:再|准)?(?![能会得该可必])[{_CJK}]{{2}}$|(?:一律|一概)不再[{_CJK}]{{2,8}}$"
)
_ONLY_RESOLVE = re.compile("松劲|停步|动摇|懈怠|放松|折腾|退缩|含糊|手软|走样|变形|止步|停歇|落空|误")
# 是, 有, 会, 面临 behind a modal say how things will be; 的 and its like show that no predicate begins here.
_STATES = re.compile(
    "新[高低]|实有|[是有会能达为成不的、和与及或至于]|到(?!位)|面临|迎来|影响|导致|带来|受到|持续|保持|继续|呈|出现|考验|取决|意味|大幅"
)
_PREPOSITION = re.compile("[对为以在与同向从于经给把]|通过|根据|围绕|针对")
_TURNS = re.compile("变成|变为|化为|贯穿|作为|摆在|抓在|放在|落到|融入|看作|当作|各项|一切")
_MODALS = frozenset(
    {"将", "拟", "计划", "将于", "即将", "将会", "将要", "打算", "准备", "绝不", "决不", "不再"}
)
_NO_SUBJECT = re.compile("(?:可以?|应当?|须|需|请)(?:于|在)?$|[的在从自至到较比、和与及截]$|截至$|截止$")


def read_unlisted(text: str, clause: Clause, position: int) -> None:
    """Give a clause without a verb the one that its shape calls for; `position` is where its head ended."""
    for reads in (
        _passes,
        _abstains,
        _regularly,
        _compares,
        _rates,
        _lets,
        _disposes,
        _behind_modal,
        _falls_due,
        _finishes,
        _counts_out,
    ):
        found = reads(text, clause, position)
        if found is not None:
            clause.verb = found
            return


_PASSES = re.compile("通过[^，的]{0,20}(?:核查|验收|评估|审核|认证|认定|复审|审查|考核)$")


def _passes(text: str, clause: Clause, position: int) -> Word | None:
    """年内通过技术核查: 通过 with an inspection is the verb, with a means it is a preposition."""
    found = _PASSES.search(text, max(clause.core, clause.end - 30), clause.end)
    return Word(found.start(), found.start() + 2, "通过", "completive") if found else None


def _abstains(text: str, clause: Clause, position: int) -> Word | None:
    """不竣工不脱钩, 只减不增: an act forborne, to its end."""
    found = _ABSTAINS.search(text, max(clause.core, clause.end - 12), clause.end)
    if found is None or text[found.end() : found.end() + 1] == "的":
        return None
    if _ONLY_RESOLVE.search(found[0]):
        return Word(found.start(), found.end(), found[0], "evaluative")
    return Word(found.start(), found.end(), found[0], "completive")


_REGULARLY = re.compile(
    f"每(?:半年|年|季度?|个?月|两?周)(?:至少)?(?:[向到对][{_CJK}]{{2,8}})?(?P<verb>[{_CJK}]{{2,4}}?)[一两二三四五\\d]{{1,2}}次"
)


def _regularly(text: str, clause: Clause, position: int) -> Word | None:
    """每半年向市政府报告一次: how often an act is done stands behind it."""
    found = _REGULARLY.search(text, clause.core, clause.end)
    return Word(*found.span("verb"), found["verb"], "other") if found else None


_FINISHES = re.compile(f"(?<![{_CJK}]的)[装建修铺种拆换清接改垫](?:好|完|通|齐|掉)$")


_FINISHED = re.compile(f"[装建修铺种拆换清接改垫](?:好|完|通|齐|掉)(?=[{_CJK}]{{2}})")


def _finishes(text: str, clause: Clause, position: int) -> Word | None:
    """5月份装好, 上半年建完: a verb and its complement at the end."""
    found = _FINISHED.match(text, position, clause.end) or _FINISHES.search(
        text, max(position, clause.end - 3), clause.end
    )
    return Word(found.start(), found.end(), found[0], "completive") if found else None


def _counts_out(text: str, clause: Clause, position: int) -> Word | None:
    """请保洁员4名, 设分类亭1座: a verb of one character, a thing, and how many."""
    if (
        position >= clause.end
        or text[position] not in "设请配建修种栽装铺办开招添买购聘"
        or not clause.numbers
    ):
        return None
    last = clause.numbers[-1]
    near = last.end == clause.end and last.kind == "quantity" and 3 <= last.start - position <= 10
    return Word(position, position + 1, text[position], "completive") if near else None


_COMPARES = re.compile(
    "(?:不?[高低]于|快于|好于|优于)[^，、的\\d]{2,14}(?:增速|增长|增幅|水平)$|(?<![参])[与和同][^，、的]{2,12}(?:基本|保持)*同步$"
)
_AT_MOST = re.compile("[\u4e00-\u9fff]{2}最高(?:不超过|可达)?$")
_RATE = re.compile("[率重比幅速]$")


def _compares(text: str, clause: Clause, position: int) -> Word | None:
    """居民收入增速高于经济增速, …与经济增长基本同步: a goal that two figures show."""
    found = _COMPARES.search(text, max(position, clause.end - 24) + 2, clause.end)
    if found is None or clause.cue is not None:
        return None
    clause.nominal = True
    length = 1 if found[0][0] in "与和同" else 3 if found[0][0] == "不" else 2
    return Word(found.start(), found.start() + length, found[0][:length], "attain")


def _rates(text: str, clause: Clause, position: int) -> Word | None:
    """开工率100%: in a list of goals a rate and its number are enough."""
    last = clause.numbers[-1] if clause.numbers else None
    named = last is not None and _RATE.search(text[position : last.start]) is not None
    if (
        last is not None
        and last.kind == "money"
        and last.end == clause.end
        and _AT_MOST.search(text, position, last.core_start)
    ):
        clause.nominal = True  # 单个项目支持额度最高1000万元
        return Word(last.start, last.start, "", "attain")
    if (
        last is None
        or not named
        or last.kind != "percent"
        or last.low != last.high
        or last.end != clause.end
        or clause.cue is not None
    ):
        return None
    clause.nominal = True
    return Word(last.start, last.start, "", "attain")


def _lets(text: str, clause: Clause, position: int) -> Word | None:
    """让3.2万农民受益: what comes of it, counted."""
    counted = any(0 <= number.start - position - 1 <= 1 for number in clause.numbers)
    lets = text.startswith(("让", "使"), position) and position < clause.end
    return Word(position, position + 1, text[position], "other") if lets and counted else None


def _disposes(text: str, clause: Clause, position: int) -> Word | None:
    """把办公用房让出来: 把 with a thing and what is done with it."""
    turns = _TURNS.search(text, position, clause.end)  # 把蓝图变成现实: a figure of speech
    if not text.startswith("把", position) or clause.end - position < 5 or turns:
        return None
    result = _RESULTS.search(text, position + 2, clause.end)
    if result is not None and not _FIGURES.search(text, position, clause.end):
        return Word(result.start(), result.end(), result[0], "completive")
    return _known_behind(text, clause, position + 2) or _last_word(text, clause)


# 让出来, 改成, 修好: verb and complement say that the thing is no longer what or where it was.
_RESULTS = re.compile(
    f"(?<=[{_CJK}]{{2}})(?:[建装修搭架]起来|[{_CJK}](?:出来|出去|下来|到位|掉|完|好|齐|通)$|[改建换搬迁移拆腾合并修]成(?=[{_CJK}]{{2}}))"
)
_FIGURES = re.compile(
    "精神|理念|优势|文章|作用|潜力|活力|信心|情怀|担当|故事|关系|角色|力量|关口?|命脉|思想|认识|统一"
)


def _behind_modal(text: str, clause: Clause, position: int) -> Word | None:
    """计划年内再接手6个点: what stands behind a modal, and is no preposition, is the verb."""
    cue = clause.cue
    dated_demand = cue is not None and cue.text == "要" and any(time.deadline for time in clause.times)
    if cue is None or not (cue.text in _MODALS or dated_demand) or position < cue.end:
        return None
    dated = next((time.end for time in clause.times if 0 <= time.start - position <= 1), position)
    at = dated + (text[dated : dated + 1] in "再先也还都")
    if cue.text in ("绝不", "决不") and text[at] in "辜让":
        return None  # 决不辜负信任: how, and not what
    if clause.end - at < 2 or _STATES.match(text, at) or not re.match(f"[{_CJK}]{{2}}", text[at : at + 2]):
        return None
    if text[at] in "按由":
        return _last_word(text, clause) if clause.end - at >= 6 else None
    if _PREPOSITION.match(text, at):
        return None
    return Word(at, at + 2, text[at : at + 2], "other")


def _falls_due(text: str, clause: Clause, position: int) -> Word | None:
    """某水库除险加固6月底前通过验收: a noun phrase, its deadline, and what is so by then."""
    if clause.cue is not None:
        return None
    for time in clause.times:
        if not time.deadline or time.kind != "date" or not _stands_free(text, clause, time):
            continue
        at = time.end
        manner = lexicon.MANNER.match(text, at, clause.end)
        at = manner.end() if manner else at
        found = _known_behind(text, clause, at - 1)
        counts = any(number.start >= time.end for number in clause.numbers)
        if found is None and not counts and not _STATES.match(text, at) and clause.end - at >= 2:
            found = Word(at, at + 2, text[at : at + 2], "other")
        if found is not None:
            clause.time = clause.time or time
            clause.nominal = True
            return found
    return None


def _stands_free(text: str, clause: Clause, time: Expression) -> bool:
    """Neither inside an attribute nor the end of a span or comparison."""
    lead = text[clause.core : time.start]
    return (
        not _NO_SUBJECT.search(lead)
        and clause.end - time.end >= 2
        and text[time.end] not in "的、，和与及至到"
        and "的" not in text[time.end : clause.end]
    )


def _known_behind(text: str, clause: Clause, position: int) -> Word | None:
    """The first verb of the tables behind a place that is no attribute."""
    for found in lexicon.VERB.finditer(text, position + 1, clause.end):
        if text[found.end() : found.end() + 1] != "的" and text[found.start() - 1] not in "的、和与及“":
            return Word(found.start(), found.end(), found[0], lexicon.VERB_CLASS.get(found[0], "completive"))
    return None


def _last_word(text: str, clause: Clause) -> Word | None:
    last = text[clause.end - 2 : clause.end]
    return Word(clause.end - 2, clause.end, last, "other") if re.fullmatch(f"[{_CJK}]{{2}}", last) else None


_BA_RESULT = re.compile(
    "(?:[压扩降减缩]|扩大|提高|增加|延长|缩短|压缩|降低|控制|提升|下降|减少|延伸|扩展|压减|缩减)[到至]"
)


def read_disposed(text: str, clause: Clause) -> None:
    """把推进县扩大到700个: what is done stands behind the thing, whatever verb the name of the thing holds."""
    start = clause.cue.end if clause.cue is not None else clause.core
    lead = text.find("把", start, min(start + 6, clause.end))
    found = _BA_RESULT.search(text, lead + 2, clause.end) if lead >= 0 else None
    if found is not None:
        clause.verb, clause.nominal = Word(found.start(), found.end(), found[0], "completive"), False

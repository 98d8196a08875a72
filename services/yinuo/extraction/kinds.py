"""Pledge or aspiration: whether a clause holds something that an outsider could check (guideline §1)."""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.heads import STATE
from yinuo.extraction.objects import is_named, object_of, targets_of

# 贯彻…精神, 落实…部署: a superior's line repeated, no act of the speaker's own (guideline §1).
ECHO = re.compile(
    "(?:贯彻|落实|践行|遵循|领会|学习).*(?:精神|部署|部署要求|总体要求|任务要求|思路|论述|批示|指示|要求|理念|决定|思想)$"
)
_NEW_LEVEL = re.compile(
    "(?:新的?|更大|历史性)(?:突破|提升|跨越|进展|成效|台阶|发展|提高|改善|变化|作为|局面|进步)$"
)


def evaluates(clause: Clause) -> bool:
    """Whether the verb or its object only praises (彰显…, 打造…高地)."""
    assert clause.verb is not None
    target = object_of(clause)
    return (
        clause.verb.sort == "evaluative"
        or (lexicon.PRAISE_END.search(target) is not None and not targets_of(clause))
        or (target.endswith("新突破") and not clause.numbers)
    )


_WORKS_ON = frozenset({"做好", "作好", "推进", "抓好", "开展", "办理", "落实", "加快"})
_SPECIFIC_WORK = re.compile(
    "^(?!.*等(?:各项|方面|重点)?工作)(?=.{7,}$)(?!.*(?:改革|发展|稳定|建设)工作).*[^各项面体]工作$"
)
_BUILT = re.compile(
    "(?:(?<![市现])场|[站馆厂院桥渠楼坝塔港园库房]|平台|系统|小区|超市|中心|基地|学校|数据库)(?:工程|项目)?(?:建设)(?:力度|步伐|进程|进度)?$"
    "|(?:高速|铁路|公路|国道|省道|快速路|大道|复线)[^，、]{0,6}段$"
)


_LINKED = re.compile("[与同向].{4,}(?:对接|联通|互联互通|迁移|贯通)(?:或迁移)?$")


_DEGREE = frozenset(
    {
        "丰富",
        "繁荣",
        "优化",
        "提升",
        "增强",
        "强化",
        "激发",
        "开拓",
        "提高",
        "改善",
        "壮大",
        "加大",
        "扩大",
        "创新",
        "规范",
        "活跃",
        "满足",
        "加强",
        "提速",
        "引导",
        "鼓励",
        "培育",
        "统筹",
        "参与",
    }
)
"""Verbs of more and better: a thing behind them is no more to be checked than without."""


def is_checkable(clause: Clause) -> bool:
    """Number, certified or physical thing, document, campaign, named thing, completive act (guideline §1)."""
    return kind_of(clause)[0] == "pledge"


def kind_of(clause: Clause) -> tuple[str, str]:
    """(`pledge` or `aspiration`, the rule that decided): a rule names its table and line where one word decided."""
    assert clause.verb is not None
    target = object_of(clause)
    vague = lexicon.VAGUE.search(target)
    praised = _nothing_to_check(clause, target)
    if praised is not None:
        return "aspiration", praised
    if targets_of(clause) or keeps_time(clause):
        return "pledge", "kind/number"
    if is_named(clause):
        return "pledge", "kind/named"
    if clause.verb.text == "创建" and vague:
        return "aspiration", f"kind/nouns.toml:vague:{vague[0]}"
    if clause.verb.text == "实现" and STATE.search(target):
        return "pledge", "kind/end_state"
    plain = _told_by_form(clause, target)
    if plain is not None:
        return plain
    if target.endswith("体系") and not vague and not _OVERSIGHT.search(target):
        return "aspiration", "kind/system_of_everything"
    if _BECOMES.fullmatch(clause.verb.text) and "把" in clause.text[: clause.verb.start - clause.start]:
        thing = lexicon.THING_END.search(target)
        return ("pledge", "kind/completive") if thing and not vague else ("aspiration", "kind/evaluative")
    what_was_named_before = clause.verb.text == "办好" and not target  # 把急难愁盼一件一件办好
    completes = clause.verb.sort == "completive" and clause.verb.text != "实现"
    if clause.nominal or (completes and not what_was_named_before):
        return "pledge", "kind/completive"
    if (len(target) <= 80 and lexicon.GENERIC.match(target)) or (
        "企业" in target[:4] and clause.verb.text in ("支持", "引导", "鼓励")
    ):
        return "aspiration", "kind/generic_object"
    return _by_object(clause, target, vague)


def _told_by_form(clause: Clause, target: str) -> tuple[str, str] | None:
    """The kind where the form of the predicate alone tells: end states without a number, more of the same, everything at once."""
    assert clause.verb is not None
    outdoes = clause.nominal and clause.verb.text in ("高于", "快于", "好于", "优于", "不低于", "不高于")
    if outdoes or _LEVEL_KEPT.search(target) or _NEVER.search(target):
        return "pledge", "kind/end_state"
    if (clause.verb.text == "覆盖" and _ALL_OF.match(target)) or (
        reaches(clause) and _COVERED.search(target)
    ):
        return "pledge", "kind/end_state"
    if EDITION.search(target):
        return "pledge", "kind/edition"
    if EVERY.search(clause.text):
        return "pledge", "kind/regular"
    if clause.cue is not None and any(_dates(clause, time) for time in clause.times):
        return "pledge", "kind/dated"
    if reaches(clause) and any(_falls_due(time) for time in clause.times) and not _PROGRESS.search(target):
        return "pledge", "kind/dated"
    wholly = clause.verb.sort == "other" and "全部" in clause.text  # 年内也要全部接通
    if wholly and any(time.deadline for time in clause.times):
        return "pledge", "kind/dated"
    if target.startswith("更多") or target.endswith("体制机制") or _EVERYTHING.search(target):
        return "aspiration", "kind/more_or_all"
    if clause.verb.text in ("打通", "盘活") and not lexicon.THING_END.search(target):
        return "aspiration", "kind/figure_of_speech"
    if clause.subject is not None and clause.subject.sort == "thing" and _OPENS.search(clause.text):
        return "pledge", "kind/end_state"
    return None


def _dates(clause: Clause, time: Expression) -> bool:
    """计划于2025年四季度试生产: a day named in the predicate itself and not before it."""
    assert clause.cue is not None and clause.verb is not None
    governs = clause.verb.start == clause.cue.start and time.deadline  # 保证住户在6月底前搬进新房
    inside = clause.cue.end <= time.start and (governs or time.end <= clause.verb.start)
    only_more = _PROGRESS.search(object_of(clause)) is not None
    return inside and not clause.time_leads and time.kind == "date" and not only_more


def reaches(clause: Clause) -> bool:
    """实现…, 达产: the predicate says that something is so from then on."""
    assert clause.verb is not None
    attains = clause.verb.text == "实现" or clause.verb.sort == "attain"
    return attains or STATE.search(clause.text) is not None


def _falls_due(time: Expression) -> bool:
    """年底前, 6月底, 上半年: a day within a year; a year alone only opens the clause (guideline §1)."""
    day = time.date_end
    return (
        time.kind == "date"
        and day is not None
        and time.basis in ("explicit", "reference")
        and (
            (day.month, day.day) != (12, 31)
            or (time.deadline and time.date_start != day.replace(month=1, day=1))
        )
    )


def keeps_time(clause: Clause) -> bool:
    """做到半小时送达, 压缩至0.5个工作日: a service held to hours or working days is held to a number."""
    assert clause.verb is not None
    return _SERVICE_TIME.search(clause.text) is not None


_SERVICE_TIME = re.compile(
    "(?:[\\d.半一二两三四五六七八九十]+个?(?:半)?(?:工作日|小时|分钟)(?:以?内|之内)?|当[天日]|即时)(?=[送办到响出反审发回完]|$)"
)
# 守住不发生重特大事故的底线; 严防重特大事故发生: one looks whether there was any.
_NEVER = re.compile(
    "^(?:[^，]{0,6}不(?:发生|出现).{2,}的?(?:底线|目标)|[^，]{2,}(?:事故|事件|返贫|疫情)(?:的)?发生)$"
)
_BECOMES = re.compile("(?:建设|建|打造)成为?")  # 把全镇建成幸福乡镇: what is there already becomes better
_ALL_OF = re.compile("所有|全部|其他|其余|每个|各[县区乡镇村市]|全[省市县区]")
_COVERED = re.compile("覆盖$|批量(?:交付|供货|生产)$|[通用]上?[^，]{0,3}(?:路|水|气|电|网)$")
_PROGRESS = re.compile("(?:进展|成效|突破|提升|开局|成绩|变化)$")
# 办好第八届展销会; 每季度通报一次
EDITION = re.compile("^好?[^，]{0,12}第[一二三四五六七八九十\\d]{1,4}届")
EVERY = re.compile("每(?:年|半年|季度?|个?月|两?周)[^，]{0,12}[一两二三四1-9]次")
_LEVEL_KEPT = re.compile("(?:^|与[^，]{1,12})(?:基本|保持)*(?:持平|同步)$")
_EVERYTHING = re.compile("(?:[^、]+、){4,}[^、]*等工作$")
_OPENS = re.compile("(?:对外|全面|正式|免费)开放$")


def _nothing_to_check(clause: Clause, target: str) -> str | None:
    if evaluates(clause):
        praise = lexicon.PRAISE_END.search(target)
        return f"kind/nouns.toml:praise:{praise[0]}" if praise else "kind/evaluative"
    if _NEW_LEVEL.search(clause.text):
        return "kind/new_level"
    return "kind/echo" if ECHO.search(clause.words()) else None


def _by_object(clause: Clause, target: str, vague: re.Match[str] | None) -> tuple[str, str]:
    """The kind where only the head of the object can tell."""
    assert clause.verb is not None
    campaign = lexicon.CAMPAIGN.search(target)
    if _SPECIFIC_WORK.search(target) and clause.verb.text in _WORKS_ON:
        return "pledge", "kind/specific_work"
    if _BUILT.search(target) and not vague:
        return "pledge", "kind/built"
    if clause.verb.text in ("实现", "推动", "完成", "推进", "加快") and _LINKED.search(target):
        return "pledge", "kind/linked"
    if clause.verb.text in ("实行", "推行") and len(target) >= 4 and not target.startswith(("最", "更")):
        return "pledge", "kind/carried_out"
    if clause.verb.text == "开展" and len(target) >= 4 and not _LOOSE.search(target):
        return "pledge", "kind/carried_out"
    if _MECHANISM.search(target) and clause.verb.text in _TENDS and not _PROCEDURE.search(target):
        return "aspiration", "kind/mechanism_without_procedure"
    if clause.verb.text in _CARRIES_OUT and _POLICY.search(target):
        return "pledge", "kind/policy_carried_out"
    if _ENTITLEMENT.search(target):
        return "pledge", "kind/entitlement"
    if clause.verb.text in _DEGREE and campaign is None:
        return "aspiration", "kind/degree"
    thing = lexicon.THING_END.search(target) or (
        lexicon.THING.search(target) if target.endswith(("建设", "等")) else None
    )
    if thing and not vague:
        return "pledge", f"kind/nouns.toml:thing:{_word(lexicon.THING, thing[0])}"
    if campaign:
        return "pledge", f"kind/nouns.toml:campaign:{campaign[0]}"
    return "aspiration", f"kind/nouns.toml:vague:{vague[0]}" if thing and vague else "kind/nothing_checkable"


# 完善领导干部联系企业制度 says who does what and can be looked up; 完善强农惠农制度 only names a matter.
_MECHANISM = re.compile("(?:机制|制度|体制|体制机制)$")
_TENDS = frozenset({"完善", "健全", "构建", "建设", "优化", "创新", "深化", "改革", "巩固", "加强"})
_PROCEDURE = re.compile(
    "联席|会商|联系|挂钩|包联|参与|调度|通报|巡[查察视]|轮岗|派驻|帮扶|约谈|公示|听证|预警|报告|值班|考核|奖惩|问责|"
    "沟通|协商|会议|信访|首问|清单|[河林田]长|网格|挂职|攻关|培养|共享|“|《|收费|准入|审批|补偿|投诉|评估|评价"
)
# 社会保障体系 is all that exists of the matter; 监测体系, 目录体系 is something that is set up.
_OVERSIGHT = re.compile("监测|监督|目录|预警|分级|评价|指标|追溯|考核|“")
# 提高最低工资标准: a rate that is decided and published.
_ENTITLEMENT = re.compile("(?:金|补贴|补助|工资|保障|待遇|报销|津贴|优抚|抚恤)[^，]{0,6}标准$")
_CARRIES_OUT = frozenset({"落实", "实施", "兑现", "执行", "优化"})
_POLICY = re.compile("^(?!.*(?:各项|相关|有关|一系列)|积极的)[\u4e00-\u9fff]{4,}政策$")
_LOOSE = re.compile("工作$|更多|攻关|合作|交流|对接")


def _word(table: re.Pattern[str], text: str) -> str:
    found = table.search(text)
    return found[0] if found else text


_UNDER_WAY = frozenset({"加快", "加速", "聚力", "持续", "继续", "推进", "不断", "逐步", "着力"})


def builds(clause: Clause) -> bool:
    """建设智慧渔港管控平台: one thing that will stand there or not; 加快建设 only says that work goes on."""
    assert clause.verb is not None
    return (
        clause.verb.text == "建设"
        and not any(word.text in _UNDER_WAY for word in clause.manner)
        and lexicon.THING_END.search(object_of(clause)) is not None
        and "“" not in object_of(clause)[:1]
    )


def own_act_expected(clause: Clause) -> bool:
    """一期预计6月建成投产: when one's own work will stand is an aim, what a figure will be a forecast."""
    completes = clause.verb is not None and clause.verb.sort == "completive"
    return "预计" in clause.text and completes and STATE.search(clause.text) is not None

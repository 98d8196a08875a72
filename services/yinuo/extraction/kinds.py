"""Pledge or aspiration: whether a clause holds something that an outsider could check (guideline §1)."""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause
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


_WORKS_ON = frozenset({"做好", "推进", "抓好", "开展", "办理", "落实", "加快"})
_SPECIFIC_WORK = re.compile(
    "^(?!.*等(?:各项|方面|重点)?工作)(?=.{7,}$)(?!.*(?:改革|发展|稳定|建设)工作).*[^各项面体]工作$"
)
_BUILT = re.compile(
    "(?:(?<![市现])场|[站馆厂院桥渠楼坝塔港园库房]|平台|系统|小区|超市|中心|基地|学校|数据库)(?:工程|项目)?(?:建设)(?:力度|步伐|进程|进度)?$"
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
    assert clause.verb is not None
    if evaluates(clause) or _NEW_LEVEL.search(clause.text) or ECHO.search(clause.words()):
        return False
    target = object_of(clause)
    if targets_of(clause) or is_named(clause):
        return True
    vague = lexicon.VAGUE.search(target) is not None
    if clause.verb.text == "创建" and vague:
        return False
    if clause.verb.text == "实现" and STATE.search(target):
        return True
    if clause.nominal or (clause.verb.sort == "completive" and clause.verb.text != "实现"):
        return True
    if (len(target) <= 80 and lexicon.GENERIC.match(target)) or (
        "企业" in target[:4] and clause.verb.text in ("支持", "引导", "鼓励")
    ):
        return False
    if _SPECIFIC_WORK.search(target) and clause.verb.text in _WORKS_ON:
        return True
    if (_BUILT.search(target) and not vague) or (
        clause.verb.text in ("实现", "推动", "完成", "推进", "加快") and _LINKED.search(target)
    ):
        return True
    if (
        clause.verb.text == "开展"
        and len(target) >= 4
        and not re.search("工作$|更多|攻关|合作|交流|对接", target)
    ):
        return True
    if clause.verb.text in _DEGREE and not lexicon.CAMPAIGN.search(target):
        return False
    thing = lexicon.THING_END.search(target) is not None or (
        lexicon.THING.search(target) is not None and re.search("(?:建设|等)$", target) is not None
    )
    return (thing and not vague) or lexicon.CAMPAIGN.search(target) is not None


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

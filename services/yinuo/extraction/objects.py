"""What a clause acts on: its object, the numbers that count it, and whether it is named.

Says nothing of whether the clause promises anything; that is decided in `exclusions.py` and `kinds.py`.
"""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.places import PLACE

_ATTRIBUTE = re.compile("[\u4e00-\u9fff“”]{0,8}的")
_CLASS_OF_SIZE = re.compile("级|以上(?:企业|项目|工业)")


def targets_of(clause: Clause) -> list[Expression]:
    """Numbers in the clause's own predicate: not in an attribute (36个村的…), no rank, no mere class (百亿级项目)."""
    return [
        number
        for number in clause.numbers
        if number.kind != "ordinal" and not _only_describes(clause, number)
    ]


def _only_describes(clause: Clause, number: Expression) -> bool:
    after = clause.text[number.end - clause.start :]
    before = clause.text[: number.start - clause.start]
    if clause.verb is not None and clause.verb.end == number.start and number.unit != "大":
        return False  # 打造500个全国领先的应用场景: counts the head, whatever stands between
    if number.kind == "percent" and before.endswith("把"):
        return False  # 把八成以上的支出用于民生: a quota
    return (
        _ATTRIBUTE.match(after) is not None
        or _CLASS_OF_SIZE.match(after) is not None
        or number.unit == "大"
        or (
            after != "" and clause.text[number.start - clause.start : number.start - clause.start + 1] == "过"
        )
        or (
            before.endswith("等")
            and lexicon.CAMPAIGN.search(after) is not None
            and number.unit in ("条", "大", "类")
        )
    )


def object_of(clause: Clause) -> str:
    """The words behind the verb; without a verb, all words of the clause."""
    return clause.text[clause.verb.end - clause.start :] if clause.verb else clause.words()


_QUOTED = re.compile("“([^”]*)”(.{0,6})")
_COUNTED = re.compile("[一二三四五六七八九十\\d]{1,3}[大项个]")
_SLOGAN = re.compile(
    "^(?:一带一路|专精特新|三农|双碳|两新|四新|双创)$|[，、]|^[一二三四]?五$|^十[一二三四五]五$"
)
_IDEA = re.compile(
    "(?:的)?(?:总体|发展|重要|系列)*(?:新?业态|新?模式|思路|要求|理念|精神|定位|布局|时期|期间)"
)
_LISTED = re.compile(
    "[^，]{2,}等(?!重大|重点|各类|相关|各项)[^，的]{0,8}(?:企业|公司|项目|工程|酒店|商城|市场|园区|景区|设施|系统|功能|设备|街区|平台|学校|医院|场馆)"
)


def acted_on(clause: Clause) -> str | None:
    """What the verb acts on: the words behind it; before it where a noun phrase carries its predicate."""
    assert clause.verb is not None
    if not clause.nominal:
        return object_of(clause).lstrip("好了") or None
    start = max(
        [clause.core]
        + [
            word.end
            for word in (clause.time, clause.cue, *clause.manner)
            if word is not None and word.end <= clause.verb.start
        ]
    )
    return clause.text[start - clause.start : clause.verb.start - clause.start].strip("，、在将要") or None


def is_named(clause: Clause) -> bool:
    """A proper name in the object: a title, a quoted name, listed examples of a class, a place with a thing."""
    target = object_of(clause)
    return (
        any(_is_name(quoted[1], quoted[2]) for quoted in _QUOTED.finditer(target))
        or "《" in target
        or _LISTED.match(target) is not None
        or (PLACE.search(target) is not None and lexicon.THING.search(target) is not None)
    )


def _is_name(quoted: str, after: str) -> bool:
    """“X” names something unless it is a slogan, a metaphor of one word, or the name of a plan period."""
    if _IDEA.match(after):
        return False
    counted = _COUNTED.match(after)
    after = after[counted.end() :] if counted else after
    if counted or lexicon.THING.match(after) or lexicon.CAMPAIGN.match(after):
        return True
    return len(quoted) >= 3 and _SLOGAN.search(quoted) is None

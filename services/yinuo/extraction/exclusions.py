"""Why a clause is no row: the guideline's questions in their order, the first answer that excludes is the reason."""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause
from yinuo.extraction.heads import STATE
from yinuo.extraction.kinds import ECHO, is_checkable, own_act_expected
from yinuo.extraction.objects import is_named, object_of, targets_of
from yinuo.extraction.scopes import Placed

_FRAME_SHAPE = re.compile(
    r"(?:方面|角度|环节|^从.{2,30})(?:入手|着手|发力)$|^(?:以|把|将).+(?:为|作为)[^，]{1,12}$|^在.+(?:下|中|上|方面|时|后|之际|过程中)$|^作为|^为.{2,30}$"
)
# 在…上下功夫, 在…上取得突破: an effort without an object only names the field of what follows.
_OBJECTLESS_EFFORT = re.compile("在.+上[\u4e00-\u9fff]{0,4}(?:突破|功夫|用力|发力|文章|成效)$")


_FIELD_ONLY = re.compile("(?:在)?[\u4e00-\u9fff]{2,8}方面")  # 教育方面，…
_SUBORDINATE = re.compile(
    "(?:之后|以后|之际|之前|的同时|过程中|期间)$|^[^，]{2,8}[后中]的[\u4e00-\u9fff]{1,6}$|^对[^，]{2,}的(?:[\u4e00-\u9fff]{1,6})?$"
)
# 新建项目应布局在…, 投资强度不得低于…: what others have to keep to
_RULES = re.compile(
    "^[^，]{2,16}(?:应当?(?=[布符达满具取落办按在依执])|不得(?=低于|超过|高于|少于))|^(?:严禁|禁止)以"
)
_EXPERIENCE = re.compile("(?:学习|运用|借鉴|吸取)[^，]{2,}(?:经验|做法)$")
_LIMITS = frozenset({"不低于", "不少于", "不超过", "不高于", "控制在"})
# 自印发之日起施行, 不构成…承诺: what a text says of itself.
_OF_ITSELF = re.compile(
    "^本(?:措施|方案|办法|意见|通知|规定|公告|细则)自|自[^，]{0,8}之日起(?:施行|实施|执行|生效)|不构成[^，]*(?:承诺|建议|依据)|有效期(?:至|为|到)"
)
_SHORT_FRAME = re.compile(
    ".*?(?:为(?=.*[户名人家])|围绕|面向|针对|依托|利用|通过|按照|根据|结合|立足|借助|紧扣|瞄准)"
)


def exclusion(placed: Placed, following: Clause | None, acted_before: bool) -> str | None:
    """Why a clause is no row, as a ledger reason; None when it is one. `acted_before`: its sentence
    has a row or a container already."""
    clause, setting = placed.clause, placed.setting
    words = clause.words()
    if setting.void is not None:
        return setting.void
    if setting.third_party:
        return "third_party"
    if setting.past and clause.cue is None:
        return "past"
    if clause.verb is None and acted_before and lexicon.TAIL.match(words):
        return "tail"
    if clause.closing == "，" and (clause.verb is None or clause.nominal) and _is_frame(clause, words):
        return "frame"
    if setting.forward is None:
        return "no_clause"
    if re.search("预计|预测|可望", clause.text) and not own_act_expected(clause):
        return "forecast"
    bare = (
        clause.cue is None and setting.carried_cue is None and not lexicon.FROM_NOW.search(clause.text[:14])
    )
    # 占比不低于85%, 预期目标为9万人, 继续保持在75%: set for what is to come
    set_limit = (
        clause.nominal
        and clause.verb is not None
        and (
            clause.verb.text in _LIMITS
            or "目标" in clause.text
            or (setting.speaker is not None and "继续" in clause.text)
        )
    )
    reports = clause.nominal and setting.forward not in ("plan", "due") and not set_limit
    if reports and bare and not setting.ahead and not own_act_expected(clause):
        return "past" if clause.numbers else "no_clause"
    if clause.closing == "：":
        return "container"
    if clause.verb is None:
        return "no_clause"
    if _FIELD_ONLY.fullmatch(words):
        return "frame"
    if (
        setting.announces
        and not has_end_state(clause)
        and not is_named(clause)
        and not _names_campaign(clause)
    ):
        return "container"
    if _POINTS_BACK.search(object_of(clause)):
        return "container"
    if ECHO.search(words) and clause.cue is None and clause.subject is None:
        return "frame"
    if _standing(clause):
        return "standing_fact"
    if clause.cue is None and _RULES.search(words):
        return "standing_fact"
    if _EXPERIENCE.search(words):
        return "frame"
    if _OF_ITSELF.search(words):
        return "standing_fact"
    if _SUBORDINATE.search(words) and not targets_of(clause):
        return "frame"
    nobody = (
        (setting.promiser is None or _OBSERVER.search(setting.promiser) is not None)
        and setting.carried_cue is None
        and clause.cue is None
    )
    if (
        nobody
        and not setting.ahead
        and clause.verb.sort == "attain"
        and setting.forward in ("sentence", "paragraph")
    ):
        return "forecast"
    last = following is None or following.sentence != clause.sentence
    if not last and _is_frame(clause, words):
        return "frame"
    if _OBJECTLESS_EFFORT.search(words) and following is not None and not following.words().startswith("在"):
        return "container"
    hedges = clause.cue is not None and clause.cue.text in ("确保", "保证") and not is_checkable(clause)
    finishes = bool(clause.times) and STATE.search(words) is not None  # 推动二期上半年竣工投产
    if (
        acted_before
        and not has_end_state(clause)
        and not finishes
        and lexicon.TAIL.match(words)
        and (clause.cue is None or hedges)
        and not (setting.summarised and setting.forward != "plan" and words.startswith("推动"))
        and not re.search("按期|如期|按时|尽快|早日|(?:对接|联通|贯通|互认|兼容)$", words)
    ):
        return "tail"
    if (
        last
        and clause.enumerated
        and not has_end_state(clause)
        and following is not None
        and not following.enumerated
        and not is_named(clause)
        and not _names_campaign(clause)
    ):
        return "container"
    weak_cue = clause.cue is not None and (clause.cue.sort == "commitment" or clause.cue.text == "有望")
    if (
        clause.cue is not None
        and clause.cue.text == "有望"
        and clause.subject is not None
        and clause.subject.sort == "thing"
        and clause.verb.sort != "completive"
    ):
        return "forecast"
    observer = setting.promiser is None or _OBSERVER.search(setting.promiser) is not None
    if clause.verb.sort == "attain" and weak_cue and observer:
        return "forecast"
    by_itself = clause.subject is None and clause.cue is not None and clause.cue.text == "将"
    if by_itself and not placed.opens_sentence and clause.verb.text in _CAUSES:
        return "forecast"  # …，将带动价格上涨: what follows from it, not what somebody does
    if (
        clause.subject is not None
        and clause.subject.sort == "thing"
        and not _agentive(clause)
        and not (clause.cue is not None and _HELD.search(clause.text))
        and (
            (clause.verb.sort not in ("completive", "attain") and _may_only_happen(clause))
            or (setting.promiser is None and bool(targets_of(clause)) and _may_only_happen(clause))
        )
    ):
        return "forecast"
    return None


# 抓好这些项目, 实现上述目标: what is meant stands elsewhere and is a row there.
_POINTS_BACK = re.compile(
    "^好?(?:以下)?[一二三四五六七八九十几]+(?:件|个|项|大|方面)(?:事情?|方面|重点)?的?(?:工作|任务|文章|要求)?$|"
    "^(?:好)?(?:以?上述|以下|如下|下列|这[些项个]|此项|各项(?:任务|工作|目标|措施)|本(?:方案|行动方案|计划))"
)


def _names_campaign(clause: Clause) -> bool:
    target = object_of(clause)
    assert clause.verb is not None
    if len(target) <= 80 and lexicon.GENERIC.match(target):
        return False
    builds = clause.verb.text in ("建设", "打造", "构建") and lexicon.VAGUE.search(target) is None
    return (
        lexicon.CAMPAIGN.search(target) is not None
        or target.endswith(("工程", "项目"))
        or (clause.verb.text in ("开展", "实施") and len(target) >= 4)
        or (builds and lexicon.THING_END.search(target) is not None)
    )


# 抓好项目建设是稳增长的保障, 做好今年工作意义重大, …的重大部署: a statement about an act, or a noun phrase made of one.
_EQUATES = re.compile(
    "(?:就|正|才|仍然|仍|更|既)是|是[^否].*(?:大事|重任|底线|保障|关键|任务|支撑|措施|举措|理念|目标|基础|前提|责任|抓手)$|意义重大|十分重要|至关重要|"
    "的(?:重大|重要|根本|正确|必然)?(?:关键|保障|部署|机遇|举措|基础|前提|体现|理念|意义|选择|途径|标志)$"
)
_EFFORTS = frozenset(
    {
        "着力",
        "全力",
        "大力",
        "积极",
        "深入",
        "统筹",
        "坚决",
        "主动",
        "扎实",
        "认真",
        "努力",
        "进一步",
        "继续",
        "加紧",
        "抓紧",
        "持续",
    }
)


# 国家展将全面恢复线下举办: what is held, opened or begun needs somebody who does it.
_HELD = re.compile("(?:举办|举行|召开|实施|启动|开工|开幕|建成|投产|投用|开通|上线|开放|发布|推出)$")
_CAUSES = frozenset({"推动", "促进", "带动", "助推", "助力", "拉动", "提升", "引领"})


def _may_only_happen(clause: Clause) -> bool:
    """将 with a thing may foretell; 要, 拟, 力争 and their like bind whoever stands before them."""
    return clause.cue is None or clause.cue.text in ("将", "将会", "即将", "将于", "有望")


def _agentive(clause: Clause) -> bool:
    """建材行业将着力推进…: what makes an effort can promise, whatever its name looks like."""
    return any(word.text in _EFFORTS for word in clause.manner)


_IS_ONE_OF = re.compile(
    "[^，]{1,12}(?:期|时间|日期|地点|范围|对象|电话|标准)为|[^，]{1,20}(?<![还但就不于])是(?:首个|第一个|一个|一种|一项|一座|最|全国|我国|目前|世界|中国)"
)


# Who watches a market foretells it; nothing of it is his to do.
_OBSERVER = re.compile("研究[所院]|机构|协会|证券|券商|咨询|业内|分析|智库|投行|评级|调查|专家")


def _standing(clause: Clause) -> bool:
    if _IS_ONE_OF.match(clause.text):
        return True
    if clause.cue is not None or clause.verb is None:
        return False
    lead = clause.text[clause.core - clause.start : clause.verb.start - clause.start]
    target = object_of(clause)
    states = lexicon.STANDING.match(target)
    if _EQUATES.search(target) or (states and len(states[0]) >= 2 and "的" not in target):
        return True
    return re.search("(?<!还|但|就|不|于)是(?!否)|在于", lead) is not None


def _is_frame(clause: Clause, words: str) -> bool:
    start = clause.start
    for part in (clause.time, clause.subject, clause.outer_cue, clause.cue):
        if part is not None and part.end <= clause.end:
            start = max(start, part.end)
    rest = clause.text[start - clause.start :].lstrip("，、 将要继续还")
    manner = lexicon.MANNER.match(rest)
    bare = rest[manner.end() :] if manner else rest
    if clause.verb is not None and clause.verb.sort in ("completive", "bare") and len(object_of(clause)) >= 2:
        concrete = (
            clause.cue is not None or bool(targets_of(clause)) or lexicon.THING_END.search(object_of(clause))
        )
        if concrete and _SHORT_FRAME.match(words) and clause.verb.start - start >= 4:
            return False  # 围绕古城打造特色街区: frame and act in one clause
    return any(
        _FRAME_SHAPE.search(text) or lexicon.FRAME.match(text) for text in (words, rest, bare)
    ) and not targets_of(clause)


def has_end_state(clause: Clause) -> bool:
    """Whether a clause ends in something of its own: a number, a result, 实现 with one."""
    verb = clause.verb
    if targets_of(clause):
        return True
    if verb is None or verb.sort != "completive":
        return False
    return verb.text != "实现" or STATE.search(object_of(clause)) is not None

"""Clauses in their settings → pledges and aspirations, and the reason of every clause that gave none.

The order of questions is the guideline's §1; the first answer that excludes wins and is the ledger's reason.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause, Word
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.heads import STATE
from yinuo.extraction.identity import row_id
from yinuo.extraction.places import PLACE, region_of
from yinuo.extraction.reading import View
from yinuo.extraction.rows import Cue, Pledge, Span
from yinuo.extraction.scopes import Placed, Setting
from yinuo.extraction.topics import topic_of

_FRAME_SHAPE = re.compile(
    r"^(?:以|把|将).+(?:为|作为)[^，]{1,12}$|^在.+(?:下|中|上|方面|时|后|之际|过程中)$|^作为|^为.{2,30}$"
)
# 在…上下功夫, 在…上取得突破: an effort without an object only names the field of what follows.
_OBJECTLESS_EFFORT = re.compile("在.+上[\u4e00-\u9fff]{0,4}(?:突破|功夫|用力|发力|文章|成效)$")


_SHORT_FRAME = re.compile(".*?(?:围绕|面向|针对|依托|利用|通过|按照|根据|结合|立足|借助|紧扣|瞄准)")


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
    if setting.forward is None:
        return "no_clause"
    if re.search("预计|预测|可望", clause.text):
        return "forecast"
    bare = (
        clause.cue is None and setting.carried_cue is None and not lexicon.FROM_NOW.search(clause.text[:14])
    )
    if clause.nominal and setting.forward != "plan" and bare:
        return "past" if clause.numbers else "no_clause"
    if clause.closing == "：":
        return "container"
    if clause.verb is None and acted_before and lexicon.TAIL.match(words):
        return "tail"
    if clause.verb is None:
        return "frame" if clause.closing == "，" else "no_clause"
    if (
        setting.announces
        and not _has_end_state(clause)
        and not _named(clause)
        and not _names_campaign(clause)
    ):
        return "container"
    if _POINTS_BACK.search(_object(clause)):
        return "container"
    if _ECHO.search(words) and clause.cue is None and clause.subject is None:
        return "frame"
    if _standing(clause):
        return "standing_fact"
    last = following is None or following.sentence != clause.sentence
    if not last and _is_frame(clause, words):
        return "frame"
    if _OBJECTLESS_EFFORT.search(words) and following is not None and not following.words().startswith("在"):
        return "container"
    if (
        acted_before
        and not _has_end_state(clause)
        and lexicon.TAIL.match(words)
        and clause.cue is None
        and not re.search("按期|如期|按时|尽快|早日|(?:对接|联通|贯通|互认|兼容)$", words)
    ):
        return "tail"
    if (
        last
        and clause.enumerated
        and not _has_end_state(clause)
        and following is not None
        and not following.enumerated
        and not _named(clause)
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
    if clause.verb.sort == "attain" and weak_cue and setting.promiser is None:
        return "forecast"
    by_itself = clause.subject is None and clause.cue is not None and clause.cue.text == "将"
    if by_itself and not placed.opens_sentence and clause.verb.text in _CAUSES:
        return "forecast"  # …，将带动价格上涨: what follows from it, not what somebody does
    if (
        clause.subject is not None
        and clause.subject.sort == "thing"
        and not _agentive(clause)
        and (
            (clause.verb.sort not in ("completive", "attain") and _may_only_happen(clause))
            or (setting.promiser is None and bool(_targets(clause)))
        )
    ):
        return "forecast"
    return None


# 抓好这些项目, 实现上述目标: what is meant stands elsewhere and is a row there.
_POINTS_BACK = re.compile(
    "^(?:好)?(?:以?上述|以下|如下|下列|这[些项个]|此项|各项(?:任务|工作|目标|措施)|本(?:方案|行动方案|计划))"
)
# 贯彻…精神, 落实…部署: a superior's line repeated, no act of the speaker's own (guideline §1).
_ECHO = re.compile(
    "(?:贯彻|落实|践行|遵循|领会|学习).*(?:精神|部署|部署要求|总体要求|任务要求|思路|论述|批示|指示|要求|理念|决定|思想)$"
)


def _names_campaign(clause: Clause) -> bool:
    target = _object(clause)
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


_CAUSES = frozenset({"推动", "促进", "带动", "助推", "助力", "拉动", "提升", "引领"})


def _may_only_happen(clause: Clause) -> bool:
    """将 with a thing may foretell; 要, 拟, 力争 and their like bind whoever stands before them."""
    return clause.cue is None or clause.cue.text in ("将", "将会", "即将", "将于", "有望")


def _agentive(clause: Clause) -> bool:
    """建材行业将着力推进…: what makes an effort can promise, whatever its name looks like."""
    return any(word.text in _EFFORTS for word in clause.manner)


def _standing(clause: Clause) -> bool:
    if clause.cue is not None or clause.verb is None:
        return False
    lead = clause.text[clause.core - clause.start : clause.verb.start - clause.start]
    if _EQUATES.search(_object(clause)):
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
    if clause.verb is not None and clause.verb.sort in ("completive", "bare"):
        concrete = (
            clause.cue is not None or bool(_targets(clause)) or lexicon.THING_END.search(_object(clause))
        )
        if concrete and _SHORT_FRAME.match(words) and clause.verb.start - start >= 4:
            return False  # 围绕古城打造特色街区: frame and act in one clause
    return any(
        _FRAME_SHAPE.search(text) or lexicon.FRAME.match(text) for text in (words, rest, bare)
    ) and not _targets(clause)


def _has_end_state(clause: Clause) -> bool:
    verb = clause.verb
    if _targets(clause):
        return True
    if verb is None or verb.sort != "completive":
        return False
    return verb.text != "实现" or STATE.search(_object(clause)) is not None


_ATTRIBUTE = re.compile("[\u4e00-\u9fff“”]{0,8}的")
_CLASS_OF_SIZE = re.compile("级|以上(?:企业|项目|工业)")


def _targets(clause: Clause) -> list[Expression]:
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
    return (
        _ATTRIBUTE.match(after) is not None
        or _CLASS_OF_SIZE.match(after) is not None
        or number.unit == "大"
        or clause.text[number.start - clause.start : number.start - clause.start + 1] == "过"
        or (
            before.endswith("等")
            and lexicon.CAMPAIGN.search(after) is not None
            and number.unit in ("条", "大", "类")
        )
    )


def _object(clause: Clause) -> str:
    return clause.text[clause.verb.end - clause.start :] if clause.verb else clause.words()


_QUOTED = re.compile("“([^”]*)”(.{0,6})")
_COUNTED = re.compile("[一二三四五六七八九十\\d]{1,3}[大项个]")
_SLOGAN = re.compile("[，、]|^[一二三四]?五$|^十[一二三四五]五$")
_IDEA = re.compile(
    "(?:的)?(?:总体|发展|重要|系列)*(?:新?业态|新?模式|思路|要求|理念|精神|定位|布局|时期|期间)"
)
_LISTED = re.compile(
    "[^，]{2,}等[^，的]{0,8}(?:企业|公司|项目|工程|酒店|商城|市场|园区|景区|设施|系统|功能|设备|街区|平台|学校|医院|场馆)"
)


def _acted_on(clause: Clause) -> str | None:
    """What the verb acts on: the words behind it; before it where a noun phrase carries its predicate."""
    assert clause.verb is not None
    if not clause.nominal:
        return _object(clause).lstrip("好了") or None
    start = max(
        [clause.core]
        + [
            word.end
            for word in (clause.time, clause.cue, *clause.manner)
            if word is not None and word.end <= clause.verb.start
        ]
    )
    return clause.text[start - clause.start : clause.verb.start - clause.start].strip("，、在将要") or None


def _named(clause: Clause) -> bool:
    """A proper name in the object: a title, a quoted name, listed examples of a class, a place with a thing."""
    target = _object(clause)
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


_NEW_LEVEL = re.compile(
    "(?:新的?|更大|历史性)(?:突破|提升|跨越|进展|成效|台阶|发展|提高|改善|变化|作为|局面|进步)$"
)


def _evaluates(clause: Clause) -> bool:
    assert clause.verb is not None
    target = _object(clause)
    return (
        clause.verb.sort == "evaluative"
        or (lexicon.PRAISE_END.search(target) is not None and not _targets(clause))
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


def _is_checkable(clause: Clause) -> bool:
    """Number, certified or physical thing, document, campaign, named thing, completive act (guideline §1)."""
    assert clause.verb is not None
    if _evaluates(clause) or _NEW_LEVEL.search(clause.text) or _ECHO.search(clause.words()):
        return False
    target = _object(clause)
    if _targets(clause) or _named(clause):
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


def _builds(clause: Clause) -> bool:
    """建设智慧渔港管控平台: one thing that will stand there or not; 加快建设 only says that work goes on."""
    assert clause.verb is not None
    return (
        clause.verb.text == "建设"
        and not any(word.text in _UNDER_WAY for word in clause.manner)
        and lexicon.THING_END.search(_object(clause)) is not None
        and "“" not in _object(clause)[:1]
    )


def firmness_of(clause: Clause, carried: Word | None) -> tuple[str, Word | None, str]:
    """(firmness, its cue, the rule) of a clause, by the cue that governs it (guideline §3)."""
    assert clause.verb is not None
    if _evaluates(clause) or (
        clause.verb.text == "打造" and lexicon.VAGUE.search(_object(clause)) and not _is_checkable(clause)
    ):
        return "rhetoric", clause.verb, "firmness/evaluative"
    cue = clause.cue
    if cue is not None and cue.sort != "commitment":
        return cue.sort, cue, f"firmness/{cue.sort}"
    if cue is not None:
        return "commitment", cue, "firmness/commitment"
    if (
        carried is not None
        and carried.sort != "commitment"
        and clause.verb.sort in ("completive", "attain", "other")
    ):
        return carried.sort, carried, f"firmness/carried_{carried.sort}"
    if clause.verb.sort in ("completive", "attain"):
        return "commitment", clause.verb, "firmness/completive"
    if clause.verb.sort == "bare" and _targets(clause):
        return "commitment", clause.verb, "firmness/bare_with_number"
    if clause.verb.sort == "other" and carried is not None:
        return "commitment", carried, "firmness/carried_commitment"
    return "effort", clause.verb, "firmness/process"


def _due(clause: Clause, setting: Setting, reference: date | None) -> tuple[Expression | None, str]:
    """The time expression that dates a clause, and the basis."""
    own = next(
        (time for time in clause.times if time.kind == "date" and (time.date_end is not None or time.basis)),
        None,
    )
    if own is not None:
        return own, own.basis if own.basis in ("explicit", "reference", "relative") else "explicit"
    if any(time.kind == "duration" for time in clause.times):
        return None, "relative"
    if setting.time is not None and not _is_over(setting.time, reference):
        return setting.time, "scope"
    return None, "none"


def _is_over(time: Expression, reference: date | None) -> bool:
    """2022年，… 未来，我们将…; 今天（12月17日）…将…: a day gone by dates nothing that is promised behind it."""
    return reference is not None and time.date_end is not None and time.date_end <= reference


def read_pledges(
    view: View, placed: list[Placed], article_id: str, reference: date | None
) -> tuple[list[tuple[Pledge, Clause]], list[tuple[Clause, str]]]:
    """The pledges of a page with their clauses, and the excluded clauses with their reasons."""
    rows: list[tuple[Pledge, Clause]] = []
    skipped: list[tuple[Clause, str]] = []
    seen: Counter[str] = Counter()
    frames: list[Clause] = []
    said: set[str] = set()
    acted: tuple[int, int] | None = None
    for index, item in enumerate(placed):
        following = (
            placed[index + 1].clause
            if index + 1 < len(placed) and placed[index + 1].setting.block is item.setting.block
            else None
        )
        acted_before = acted == (item.setting.block.start, item.clause.sentence)
        reason = exclusion(item, following, acted_before) or _repeated(item.clause, said)
        if reason is None:
            pledge = _pledge(view, item, article_id, reference, seen)
            rows.append((_with_means(view, pledge, frames, item.clause), item.clause))
        else:
            skipped.append((item.clause, reason))
            if reason == "tail" and rows:
                rows[-1] = (_with_purpose(view, *rows[-1], item.clause), rows[-1][1])
        if reason in (None, "container"):
            acted = (item.setting.block.start, item.clause.sentence)
        frames = [*frames, item.clause] if reason == "frame" else []
    return rows, skipped


def _repeated(clause: Clause, said: set[str]) -> str | None:
    """The same proposition again is no second row; short ones (加大招商力度) may be about another matter."""
    words = "".join(clause.words().split())
    if len(words) < 9 or words not in said:
        said.add(words)
        return None
    return "repetition"


def _with_means(view: View, pledge: Pledge, frames: list[Clause], clause: Clause) -> Pledge:
    """The frames right before a clause in its sentence: 以招商为抓手，依托园区优势，…"""
    own = [frame for frame in frames if frame.sentence == clause.sentence and frame.end < clause.start]
    if not own:
        return pledge
    start, end = own[0].core, own[-1].end
    return replace(
        pledge,
        means=view.text[start:end],
        inherited={**pledge.inherited, "means": view.span(start, end)},
    )


def _with_purpose(view: View, pledge: Pledge, clause: Clause, tail: Clause) -> Pledge:
    """The tails behind a clause in its sentence: …，推动城镇品质升级，让群众更满意."""
    if tail.sentence != clause.sentence or tail.start < clause.end:
        return pledge
    start = tail.core
    text = view.text[start : tail.end]
    known = pledge.inherited.get("purpose")
    span = view.span(start, tail.end)
    return replace(
        pledge,
        purpose=text if pledge.purpose is None else f"{pledge.purpose}，{text}",
        inherited={**pledge.inherited, "purpose": span if known is None else Span(known.start, span.end)},
    )


def _pledge(
    view: View, placed: Placed, article_id: str, reference: date | None, seen: Counter[str]
) -> Pledge:
    clause, setting = placed.clause, placed.setting
    assert clause.verb is not None
    start = clause.core
    span = view.span(start, clause.end)
    quote = view.raw[span.start : span.end]
    checkable = _is_checkable(clause)
    firmness, cue, rule = firmness_of(clause, setting.carried_cue)
    if checkable and firmness == "rhetoric":
        firmness = "effort"
    time, basis = _due(clause, setting, reference)
    own_date = basis in ("explicit", "reference") and time is not None and time.deadline
    testable = checkable and (
        bool(_targets(clause)) or clause.verb.sort == "completive" or own_date or _builds(clause)
    )
    inherited: dict[str, Span] = {}
    if basis == "scope" and time is not None:
        inherited["due"] = view.span(time.start, time.end)
    if setting.promiser_at is not None and not (start <= setting.promiser_at[0] < clause.end):
        inherited["promiser"] = view.span(*setting.promiser_at)
    noise = view.noise_in(span)
    due = time.date_end if time is not None else None
    compact = "".join(quote.split())
    seen[compact] += 1
    return Pledge(
        pledge_id=row_id(article_id, "pledge", compact, seen[compact], ""),
        start=span.start,
        end=span.end,
        quote=quote,
        kind="pledge" if checkable else "aspiration",
        promiser=setting.promiser,
        speaker=setting.speaker.name if setting.speaker else None,
        speaker_post=setting.speaker.post if setting.speaker else None,
        executor=clause.executor.text if clause.executor is not None else None,
        action=clause.verb.text,
        object=_acted_on(clause),
        means=None,
        purpose=None,
        due=due,
        due_start=time.date_start if due is not None and time is not None else None,
        due_basis=basis,
        due_text=view.text[time.start : time.end] if time is not None else None,
        firmness=firmness,
        cue=Cue(*_raw(view, cue), cue.text) if cue is not None else None,
        testability="testable" if testable else "weak" if checkable else "none",
        specificity=_specificity(clause, checkable, firmness, bool(_targets(clause)) or own_date),
        binding=_binding(clause, setting.carried_cue),
        topic=topic_of(clause.words()),
        region=region_of(setting.promiser),
        inherited=inherited,
        noise=noise,
        doubts=(("promiser_unknown",) if setting.promiser is None else ())
        + (("noise_inside",) if noise else ()),
        rules=(
            f"forward/{setting.forward}",
            rule,
            f"kind/{'checkable' if checkable else 'nothing_checkable'}",
        ),
    )


def _binding(clause: Clause, carried: Word | None) -> str:
    """Whether the words call the target binding (约束性, 必须完成的) or expected (预期性, 预期目标)."""
    if re.search("约束性|必须完成", clause.text):
        return "binding"
    goal = clause.cue or carried
    return "expected" if "预期" in clause.text or (goal is not None and "预期" in goal.text) else "unstated"


def _raw(view: View, word: Word) -> tuple[int, int]:
    span = view.span(word.start, word.end)
    return span.start, span.end


def _specificity(clause: Clause, checkable: bool, firmness: str, dated: bool) -> int:
    if firmness == "rhetoric":
        return 1
    if not checkable:
        return 2
    if dated:
        return 6
    assert clause.verb is not None
    return 5 if clause.verb.sort == "completive" or _named(clause) else 4

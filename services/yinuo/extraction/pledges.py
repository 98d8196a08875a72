"""Clauses in their settings → pledges and aspirations with their fields, and the reason of every clause that gave none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause, Word
from yinuo.extraction.exclusions import exclusion
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.identity import row_id
from yinuo.extraction.kinds import EDITION, EVERY, builds, evaluates, is_checkable, keeps_time, kind_of
from yinuo.extraction.objects import acted_on, is_named, object_of, targets_of
from yinuo.extraction.places import region_of
from yinuo.extraction.reading import View
from yinuo.extraction.rows import Cue, Pledge, Span
from yinuo.extraction.scopes import Placed, Setting
from yinuo.extraction.topics import topic_of


def firmness_of(clause: Clause, carried: Word | None) -> tuple[str, Word | None, str]:
    """(firmness, its cue, the rule) of a clause, by the cue that governs it (guideline §3)."""
    assert clause.verb is not None
    if evaluates(clause) or (
        clause.verb.text == "打造" and lexicon.VAGUE.search(object_of(clause)) and not is_checkable(clause)
    ):
        return "rhetoric", clause.verb, "firmness/evaluative"
    cue = clause.cue
    if cue is not None and cue.sort != "commitment":
        return cue.sort, cue, f"firmness/cues.toml:{cue.sort}:{cue.text}"
    if cue is not None:
        return "commitment", cue, f"firmness/cues.toml:commitment:{cue.text}"
    if (
        carried is not None
        and carried.sort != "commitment"
        and clause.verb.sort in ("completive", "attain", "other")
    ):
        return carried.sort, carried, f"firmness/carried_{carried.sort}"
    if clause.verb.text.startswith("预期"):
        return "aim", clause.verb, "firmness/expected"
    if EDITION.search(object_of(clause)):
        return "commitment", clause.verb, "firmness/edition"
    if EVERY.search(clause.text):
        return "commitment", clause.verb, "firmness/regular"
    if "预计" in clause.text and clause.verb.sort == "completive":
        return "aim", clause.verb, "firmness/expected"
    if clause.verb.sort in ("completive", "attain"):
        return "commitment", clause.verb, "firmness/completive"
    if (
        clause.verb.sort == "bare"
        and targets_of(clause)
        and carried is not None
        and carried.sort != "commitment"
    ):
        return carried.sort, carried, f"firmness/carried_{carried.sort}"
    if clause.verb.sort == "bare" and targets_of(clause):
        return "commitment", clause.verb, "firmness/bare_with_number"
    gradual = any(word.text == "逐步" for word in clause.manner)
    if (
        not gradual
        and clause.verb.text not in _ONLY_EFFORT
        and (targets_of(clause) or keeps_time(clause) or _has_deadline(clause))
    ):
        return "commitment", clause.verb, "firmness/number_or_date"
    if clause.verb.sort == "other" and carried is not None:
        return "commitment", carried, "firmness/carried_commitment"
    return "effort", clause.verb, "firmness/process"


_SEEN = ("kind/end_state", "kind/dated", "kind/regular", "kind/edition")
"""What can be looked up without a number or a day in the clause: it came about, or was held when it was due."""


def _can_be_looked_up(clause: Clause, kind_rule: str) -> bool:
    """认真谋划第十届展销会 says only that one prepares for it."""
    prepares = clause.verb is not None and clause.verb.text in ("谋划", "筹备", "筹划")
    return kind_rule in _SEEN and not prepares


# Process verbs that stay an effort with any object (guideline §3).
_ONLY_EFFORT = frozenset(
    {
        "推进",
        "推动",
        "加快",
        "持续",
        "深化",
        "强化",
        "优化",
        "完善",
        "加强",
        "提升",
        "支持",
        "引导",
        "鼓励",
        "抓好",
        "保障",
        "攻坚",
        "带动",
    }
)


def _has_deadline(clause: Clause) -> bool:
    return any(time.kind == "date" and time.deadline for time in clause.times)


def _begins(clause: Clause, reference: date | None) -> Expression | None:
    """从7月1日起执行: what begins on a day still to come is due on that day."""
    for time in clause.times:
        start = time.date_start
        if time.rule == "since" and time.date_end is None and start is not None and reference is not None:
            return replace(time, date_end=start) if start > reference else None
    return None


def _due(clause: Clause, setting: Setting, reference: date | None) -> tuple[Expression | None, str]:
    """The time expression that dates a clause, and the basis."""
    own = next(
        (
            time
            for time in clause.times
            if time.kind == "date"
            and (time.date_end is not None or time.basis)
            and not _is_of_a_past_year(time, reference)
            and not _measures(clause, time)
            and not _is_compared_with(clause, time)
        ),
        None,
    )
    begins = _begins(clause, reference) if own is None or own.date_end is None else None
    if begins is not None:
        return begins, begins.basis or "explicit"
    if own is not None:
        return own, own.basis if own.basis in ("explicit", "reference", "relative") else "explicit"
    if any(time.kind == "duration" and not _measures(clause, time) for time in clause.times):
        return None, "relative"
    if lexicon.BEFORE_EVENT.search(clause.text):
        return None, "relative"
    if setting.time is not None and not _is_over(setting.time, reference):
        return setting.time, "scope"
    return None, "none"


def _measures(clause: Clause, time: Expression) -> bool:
    """压缩至3个工作日以内, 控制在15分钟: a length that is the thing aimed at, and no time to do it in."""
    return _SET_TO.search(clause.text[: time.start - clause.start]) is not None


def _is_compared_with(clause: Clause, time: Expression) -> bool:
    """与今年持平: the year that something is measured by."""
    behind = clause.text[time.end - clause.start :]
    return behind.startswith(("持平", "相比", "相当")) and clause.text[: time.start - clause.start].endswith(
        ("与", "同", "和")
    )


_SET_TO = re.compile("(?:压缩|缩短|缩减|提速|控制|限定|压减)[^，]{0,12}$|(?:不超过|不多于)$")


def _is_of_a_past_year(time: Expression, reference: date | None) -> bool:
    """改造2000年以前建成的住宅: a year gone by describes; nothing falls due in it."""
    return reference is not None and time.date_end is not None and time.date_end.year < reference.year


def _is_over(time: Expression, reference: date | None) -> bool:
    """2022年，… 未来，我们将…; 今天（12月17日）…将…: a day gone by dates nothing that is promised behind it."""
    return reference is not None and time.date_end is not None and time.date_end <= reference


def read_pledges(
    view: View, placed: list[Placed], article_id: str, reference: date | None, dated: bool
) -> tuple[list[tuple[Pledge, Clause]], list[tuple[Clause, str]]]:
    """The pledges of a page with their clauses, and the excluded clauses with their reasons.

    `dated`: the page gives its day, so that spans can be counted from it; an inferred year gives none.
    """
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
            pledge = _pledge(view, item, article_id, reference, dated, seen)
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
    return "echo"


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
    view: View, placed: Placed, article_id: str, reference: date | None, dated: bool, seen: Counter[str]
) -> Pledge:
    clause, setting = placed.clause, placed.setting
    assert clause.verb is not None
    start = clause.core
    span = view.span(start, clause.end)
    quote = view.raw[span.start : span.end]
    kind, kind_rule = kind_of(clause)
    checkable = kind == "pledge"
    firmness, cue, rule = firmness_of(clause, setting.carried_cue)
    if checkable and firmness == "rhetoric":
        firmness = "effort"
    time, basis = _due(clause, setting, reference)
    own_date = basis in ("explicit", "reference") and time is not None and time.deadline
    reached = clause.verb.sort == "completive" or (clause.verb.sort == "attain" and clause.nominal)
    counted_on = bool(targets_of(clause)) or keeps_time(clause) or _can_be_looked_up(clause, kind_rule)
    testable = checkable and (counted_on or reached or own_date or builds(clause))
    inherited: dict[str, Span] = {}
    if basis == "scope" and time is not None:
        inherited["due"] = view.span(time.start, time.end)
    if setting.promiser_at is not None and not (start <= setting.promiser_at[0] < clause.end):
        inherited["promiser"] = view.span(*setting.promiser_at)
    noise = view.noise_in(span)
    counted = (
        time is not None and time.basis == "relative" and not dated
    )  # 三年内 of a day that is only inferred
    due = time.date_end if time is not None and not counted else None
    compact = "".join(quote.split())
    seen[compact] += 1
    return Pledge(
        pledge_id=row_id(article_id, "pledge", compact, seen[compact], ""),
        start=span.start,
        end=span.end,
        quote=quote,
        kind=kind,
        promiser=setting.promiser,
        speaker=setting.speaker.name if setting.speaker else None,
        speaker_post=setting.speaker.post if setting.speaker else None,
        executor=clause.executor.text if clause.executor is not None else None,
        action=clause.verb.text,
        object=acted_on(clause),
        means=None,
        purpose=None,
        due=due,
        due_start=time.date_start if due is not None and time is not None else None,
        due_basis=basis,
        due_text=view.text[time.start : time.end] if time is not None else None,
        firmness=firmness,
        cue=Cue(*_raw(view, cue), cue.text) if cue is not None else None,
        testability="testable" if testable else "weak" if checkable else "none",
        specificity=_specificity(clause, checkable, firmness, bool(targets_of(clause)) or own_date),
        binding=_binding(clause, setting.carried_cue),
        topic=topic_of(clause.words()),
        region=region_of(setting.promiser),
        inherited=inherited,
        noise=noise,
        doubts=(("promiser_unknown",) if setting.promiser is None else ())
        + (("noise_inside",) if noise else ()),
        rules=(f"forward/{setting.forward}", _verb_rule(clause), rule, kind_rule),
    )


def _verb_rule(clause: Clause) -> str:
    """The line of `verbs.toml` that the verb stands on; result compounds (做优) and cues as verbs have none."""
    assert clause.verb is not None
    known = lexicon.VERB_CLASS.get(clause.verb.text)
    return (
        f"verb/verbs.toml:{known}:{clause.verb.text}"
        if known
        else f"verb/{clause.verb.sort}:{clause.verb.text}"
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
    return 5 if clause.verb.sort == "completive" or is_named(clause) else 4

"""Paragraph → sentences → clauses with their heads parsed. Offsets are offsets of the clean view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause, Word
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.heads import parse_head
from yinuo.extraction.reading import CJK

_SENTENCE_MARKS = "。！？!?"
_OPEN, _CLOSE = "（《【〈", "）》】〉"


def split_clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int, str, int]]:
    """(start, end, closing mark, sentence number) of each clause of the view's `[start, end)`.

    A mark inside brackets, book titles or a short quotation (a name, a slogan) does not divide.
    """
    begin, sentence, depth, quote_end = start, 0, 0, -1
    for match in _MARK.finditer(text, start, end):
        at, mark = match.start(), match[0]
        if mark in _OPEN:
            depth += 1
        elif mark in _CLOSE:
            depth = max(0, depth - 1)
        elif mark in "“‘":
            closing = text.find("”" if mark == "“" else "’", at, min(end, at + 26))
            if closing > 0 and at >= quote_end and not _ENDS_SPEECH.search(text, at, closing):
                quote_end = closing
        elif mark in "”’" or at < quote_end or (depth and at - begin < 200 and mark not in _SENTENCE_MARKS):
            continue
        else:
            depth = 0 if mark in _SENTENCE_MARKS else depth
            yield from _piece(text, begin, at, mark, sentence)
            begin = at + 1
            if mark in _SENTENCE_MARKS:
                sentence += 1
    yield from _piece(text, begin, end, "", sentence)


_MARK = re.compile("[。！？!?，；：,;（《【〈）》】〉“”‘’]")
_ENDS_SPEECH = re.compile("[。！？]")


def _piece(text: str, begin: int, end: int, mark: str, sentence: int) -> Iterator[tuple[int, int, str, int]]:
    while begin < end and (
        text[begin].isspace() or (text[begin] in "“”‘’" and not _paired(text, begin, end))
    ):
        begin += 1
    while end > begin and (
        text[end - 1].isspace() or (text[end - 1] in "“‘”’" and not _paired(text, begin, end))
    ):
        end -= 1
    while end - begin > _LONGEST:
        yield begin, begin + _LONGEST, "", sentence
        begin += _LONGEST
    if end > begin:
        yield begin, end, mark, sentence


_LONGEST = 300
"""Characters. No clause of prose is so long; what is, is cut, so that the cost stays linear in the text."""


def _paired(text: str, begin: int, end: int) -> bool:
    return text.count("“", begin, end) == text.count("”", begin, end) and "“" in text[begin:end]


def read_clauses(text: str, start: int, end: int, expressions: list[Expression]) -> list[Clause]:
    """The clauses of one paragraph with their heads parsed, `expressions` being those inside it, in order."""
    pieces = _rejoined(text, list(split_clauses(text, start, end)))
    pieces = _with_time(text, pieces, expressions)
    pieces = [part for piece in pieces for part in _coordinated(text, piece, expressions)]
    clauses: list[Clause] = []
    at = 0
    for begin, stop, closing, sentence in pieces:
        begin = _behind_charge(text, begin, stop, clauses)
        if clauses and clauses[-1].closing == "：" and _UNIT_IN_CHARGE.fullmatch(clauses[-1].text):
            clauses.pop()  # 责任单位：镇民政办。
            for earlier in clauses:
                earlier.executor = earlier.executor or Word(begin, stop, text[begin:stop], "executor")
            continue
        charged = (
            _CHARGED.search(text, text.rfind("（", begin, stop), stop) if text[stop - 1] == "）" else None
        )
        if charged and charged.start() == begin:  # a bracket of its own charges everything before it
            for earlier in clauses:
                earlier.executor = earlier.executor or _in_charge(charged)
            continue
        stop = charged.start() if charged else stop
        clause = Clause(begin, stop, closing, sentence, begin, text[begin:stop])
        if charged:
            for earlier in clauses:
                earlier.executor = earlier.executor or _in_charge(charged)
            clause.executor = _in_charge(charged)
        while at < len(expressions) and expressions[at].start < begin:
            at += 1
        inside = []
        index = at
        while index < len(expressions) and expressions[index].start < stop:
            if expressions[index].end <= stop:
                inside.append(expressions[index])
            index += 1
        clause.numbers = [found for found in inside if found.kind not in ("date", "duration")]
        clause.times = [found for found in inside if found.kind in ("date", "duration")]
        parse_head(text, clause)
        if clauses and clause.verb is None and _goes_on(clauses[-1], clause):
            clause.verb, clause.nominal = clauses[-1].verb, clauses[-1].nominal
        clauses.append(clause)
    return clauses


_CHARGED = re.compile(
    r"（(?:(?:牵头|责任|承办|实施|主办)(?:单位|部门)：(?P<listed>[^（）：，；。]{2,120})[^（）]{0,200}"
    r"|(?P<named>[^（）：，；。]{2,120}?)(?:牵头|(?:分工|具体|共同|分别|按职责)?负责|承办|按职责分工|分头落实)[^（）]{0,200})）$"
)


def _goes_on(before: Clause, clause: Clause) -> bool:
    """新建大棚1000亩，温室320座: a thing and its number under the verb of the clause before."""
    if before.closing == "、":
        return True
    return (
        before.closing == "，"
        and before.sentence == clause.sentence
        and before.verb is not None
        and before.verb.sort in ("completive", "bare")
        and bool(before.numbers)
        and len(clause.numbers) == 1
        and clause.numbers[0].kind == "quantity"
        and clause.numbers[0].end == clause.end
        and clause.numbers[0].start - clause.core <= 12
        and not clause.times
        and not clause.text.startswith(("其中", "约", "共", "合计", "总", "占"))
    )


_UNIT_IN_CHARGE = re.compile("(?:牵头|责任|承办|实施|主办|配合)(?:单位|部门|人)")


def _in_charge(charged: re.Match[str]) -> Word:
    group = "listed" if charged["listed"] else "named"
    return Word(charged.start(group), charged.end(group), charged[group], "executor")


def _behind_charge(text: str, begin: int, stop: int, earlier: list[Clause]) -> int:
    """…。（牵头单位：省科技厅）支持…: a bracket that opens a clause charges what stood before it."""
    close = text.find("）", begin, stop) + 1 if text[begin] == "（" else 0
    charged = _CHARGED.match(text, begin, close) if 0 < close < stop else None
    if charged is None:
        return begin
    for clause in earlier:
        clause.executor = clause.executor or _in_charge(charged)
    return close


def _with_time(
    text: str, pieces: list[tuple[int, int, str, int]], expressions: list[Expression]
) -> list[tuple[int, int, str, int]]:
    """今年，… and 力争年末，…: a time divided off by a comma, alone or behind a cue, opens the clause behind it."""
    ends = {found.end: found.start for found in expressions if found.kind == "date"}
    joined: list[tuple[int, int, str, int]] = []
    for piece in pieces:
        if (
            joined
            and joined[-1][2] == "，"
            and joined[-1][3] == piece[3]
            and lexicon.NOW.fullmatch(text, *joined[-1][:2])
        ):
            piece = (joined.pop()[0], *piece[1:])
        elif joined and joined[-1][2] == "，" and joined[-1][3] == piece[3] and joined[-1][1] in ends:
            lead = text[joined[-1][0] : ends[joined[-1][1]]]
            if not lead or _ONLY_CUE.fullmatch(lead):
                piece = (joined.pop()[0], *piece[1:])
        joined.append(piece)
    return joined


_ONLY_CUE = re.compile(rf"(?:并|同时)?(?:{lexicon.CUE.pattern})(?:在|到|于)?")


def _coordinated(
    text: str, piece: tuple[int, int, str, int], expressions: list[Expression]
) -> Iterator[tuple[int, int, str, int]]:
    """新建项目6个、改扩建项目7个: coordinated objects with numbers of their own divide at the 、 between them."""
    begin, stop, closing, sentence = piece
    numbers = [
        found for found in expressions if begin <= found.start and found.end <= stop and found.kind != "date"
    ]
    for left, right in pairwise(numbers):
        mark = _divide(text, left, right, stop)
        if mark is not None:
            yield begin, mark[0], "、", sentence
            begin = mark[1]
    yield begin, stop, closing, sentence


def _divide(text: str, left: Expression, right: Expression, stop: int) -> tuple[int, int] | None:
    """The mark between two counted things; none where they are parts of one attribute or the mark is inside a name."""
    if "的" in text[right.end : stop] and not _TASKS.search(text, right.end, stop):
        return None
    marks = text.count("、", left.end, right.start)
    if marks == 1:
        mark = text.index("、", left.end)
        return (mark, mark + 1) if mark == left.end or mark + 1 == right.start else None
    counted = left.kind == right.kind == "quantity"
    joint = _AND.search(text, left.end, right.start + 1) if not marks and counted else None
    if joint is None or joint.start() == left.end or joint.end() < right.start:
        return None
    return joint.span()


_AND = re.compile("(?:以及|[和及])(?=[\\d一二三四五六七八九十百千万])")
_TASKS = re.compile("的[^的，]{1,10}(?:任务|工程|工作)$")
_OPEN_ATTRIBUTE = re.compile(
    rf"(?:对|把|将|为|给|向)[{CJK}“”\d、]{{0,12}}[\d一二三四五六七八九十百千万]+[{CJK}]{{1,6}}$"
)


def _rejoined(text: str, pieces: list[tuple[int, int, str, int]]) -> list[tuple[int, int, str, int]]:
    """实现对62公里海岸线，24座码头…的管控: a comma inside an attribute of counted nouns does not divide."""
    joined: list[tuple[int, int, str, int]] = []
    for piece in pieces:
        begin, stop, closing, sentence = piece
        if joined:
            before = joined[-1]
            if (
                before[2] == "，"
                and _OPEN_ATTRIBUTE.search(text, before[0], before[1])
                and re.match(r"[\d一二三四五六七八九十]", text[begin])
                and "的" in text[begin:stop]
            ):
                joined[-1] = (before[0], stop, closing, sentence)
                continue
            if before[2] == "，" and "既" in text[before[0] : before[1]] and text[begin] in "又也":
                joined[-1] = (before[0], stop, closing, sentence)
                continue
        joined.append(piece)
    return joined

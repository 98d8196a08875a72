"""What each paragraph of the view is (headline, kicker, byline, question, answer, body) and who speaks in it.

Decides by form alone: turn markers, numbering, marks of bylines, missing punctuation. Reads no promises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yinuo.extraction.reading import CJK, View
from yinuo.extraction.rows import Passage, Speaker
from yinuo.extraction.voices import is_person_name, titled_persons


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph `[start, end)` of the view. `body` is where its words begin, behind turn marker or dateline.

    `turn` counts the interview turns, so that the paragraphs of one answer share a number; 0 outside of turns.
    `level` is the depth of a heading's or paragraph's numbering (1 一、 2 （一） 3 1.), 0 without.
    """

    start: int
    end: int
    body: int
    kind: str
    speaker: Speaker | None
    turn: int
    level: int


@dataclass(frozen=True, slots=True)
class Page:
    """The paragraphs of a page in order, and the persons named with a post on it."""

    blocks: tuple[Block, ...]
    persons: dict[str, Speaker]


_QUESTION = re.compile(
    r"[【\[]?(?:(?:本报|本刊|本网|总台|央视|新京报)?记者(?:提?问)?|问|提问|主持人|采访人)[】\]]?\s*："
)
_ANSWER = re.compile(r"[【\[]?(?:答|回答)[】\]]?\s*：")
_NAMED_TURN = re.compile(rf"(?P<name>[{CJK}]{{2,4}})\s*：")
_BYLINE = re.compile(
    rf"[□■◇▲△○●]|(?:[（(]?(?:本报|本刊|本网|新华社|央视网?|人民网|中新社|特约|见习)?(?:首席)?(?:记者|通讯员|实习生|评论员)[\s，、{CJK}/]{{0,30}}[)）]?$)"
    r"|(?:来源|稿源|发布时间|发布日期|发布人|作者|责任编辑|责编|编辑|校对|审核|签发|浏览次数|文/|图/|摄影|字号|时间|日期)\s*[：/]"
    r"|\d{4}[-年/.]\d{1,2}[-月/.]\d{1,2}日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?$|抄送[：:]"
)
_KICKER = re.compile(r"[—–一-]{1,2}(?:访|记|来自|写在|聚焦)|[—–]{1,2}\S")
_LEVEL = (
    (1, re.compile(r"(?:第[一二三四五六七八九十百]{1,3}[章编部节]|[一二三四五六七八九十]{1,3}、)")),
    (2, re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]")),
    (3, re.compile(r"\d{1,2}\s?[.．、](?!\d)|[（(]\d{1,2}[)）]|[①-⑳]|第[一二三四五六七八九十百]{1,3}条")),
)
_DATELINE = re.compile(
    rf"(?:[{CJK}]{{2,8}}(?:消息|讯|电)(?:（[^）]{{1,40}}）[：:，]?|[：:]|(?=\s))|(?:本报|新华社|中新社|新华网|人民网)[{CJK}\d]{{0,14}}[日]?[{CJK}]{{0,8}}(?:电|讯|消息)(?:（[^）]{{1,40}}）)?[：:，]?)\s*"
)
_SENTENCE_END = re.compile("[。！？；]")
_MARKS = re.compile("[，。；、：！？]")


def read_page(view: View) -> Page:
    """The blocks of a view and the persons it names with a post."""
    persons: dict[str, Speaker] = {}
    for _, person in titled_persons(view.text):
        known = persons.get(person.name)
        if known is None or (known.organisation is None and person.organisation is not None):
            persons[person.name] = person
    spans = _paragraphs(view.text)
    interview = any(_QUESTION.match(view.text, start) for start, _ in spans)
    state = _Turns(persons, interview)
    first_prose = next((i for i, (s, e) in enumerate(spans) if _is_prose(view.text[s:e])), len(spans))
    blocks = tuple(
        state.block(view.text, start, end, index < first_prose) for index, (start, end) in enumerate(spans)
    )
    return Page(blocks, persons)


def _paragraphs(text: str) -> list[tuple[int, int]]:
    spans, position = [], 0
    for part in text.split("\n"):
        stripped = part.strip()
        if stripped:
            start = position + part.index(stripped[0])
            spans += _unglued(text, start, start + len(stripped))
        position += len(part) + 1
    return spans


_GLUED = re.compile(
    rf"(?<=[{CJK}”）])(?:(?=\d{{1,2}}[.．](?!\d)[{CJK}“])|(?=（[一二三四五六七八九十]{{1,2}}）[{CJK}“]))"
)


def _unglued(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """一、…发展1.加强…。: a numbered heading that lost its line break ends where the next number begins."""
    if _level(text[start : start + 8]):
        glued = _GLUED.search(text, start + 4, min(end, start + 70))
        if glued and not _SENTENCE_END.search(text, start, glued.start()):
            return [(start, glued.start()), *_unglued(text, glued.start(), end)]
    return [(start, end)]


def _is_prose(paragraph: str) -> bool:
    return len(paragraph) >= 30 and _SENTENCE_END.search(paragraph) is not None and paragraph[:1] not in "【□"


class _Turns:
    """Walks the paragraphs in order and remembers whose turn it is."""

    def __init__(self, persons: dict[str, Speaker], interview: bool) -> None:
        self._persons = persons
        self._interview = interview
        self._speaker: Speaker | None = None
        self._introduced: Speaker | None = None
        self._turn = 0
        self._in_answer = False
        self._after_question = False

    def block(self, text: str, start: int, end: int, on_top: bool) -> Block:
        paragraph = text[start:end]
        kind, body = self._kind(paragraph, on_top)
        if kind in ("headline", "kicker") and not _MARKS.search(paragraph[-1:]):
            named = titled_persons(paragraph)
            if named:
                self._introduced = named[-1][1]
        speaker = self._speaker if kind == "answer" else None
        return Block(
            start,
            end,
            start + body,
            kind,
            speaker,
            self._turn if kind in ("question", "answer") else 0,
            _level(paragraph),
        )

    def _kind(self, paragraph: str, on_top: bool) -> tuple[str, int]:
        question = _QUESTION.match(paragraph)
        if question:
            self._turn += 1
            self._in_answer, self._after_question, self._speaker = False, True, None
            return "question", question.end()
        answer = _ANSWER.match(paragraph) or self._named_answer(paragraph)
        if answer and (self._interview or self._introduced):
            self._in_answer, self._after_question = True, False
            self._speaker = self._answering(answer)
            return "answer", answer.end()
        if _BYLINE.match(paragraph) and len(paragraph) <= 60 and not paragraph.endswith("。"):
            self._leave_turn()
            return "byline", 0
        if _KICKER.match(paragraph) and len(paragraph) <= 50 and not paragraph.endswith("。"):
            self._leave_turn()
            return "kicker", 0
        if _is_headline(paragraph, on_top):
            if not self._interview or _level(paragraph) == 0:
                self._leave_turn()
            return ("kicker" if "·" in paragraph and on_top and "【" not in paragraph else "headline"), 0
        if self._in_answer or self._after_question:
            if self._after_question:
                self._speaker = self._introduced
            self._in_answer, self._after_question = True, False
            return "answer", 0
        dateline = _DATELINE.match(paragraph)
        return "body", dateline.end() if dateline else 0

    def _leave_turn(self) -> None:
        self._in_answer = self._after_question = False
        self._speaker = None

    def _named_answer(self, paragraph: str) -> re.Match[str] | None:
        """`李博：` at the head of a paragraph, where 李博 is known or at least named like a person after a question."""
        turn = _NAMED_TURN.match(paragraph)
        if turn is None:
            return None
        name = turn["name"]
        known = name in self._persons or (self._introduced is not None and self._introduced.name == name)
        return (
            turn
            if known
            or (self._after_question and is_person_name(name))
            or (self._turn and is_person_name(name))
            else None
        )

    def _answering(self, answer: re.Match[str]) -> Speaker | None:
        name = answer.groupdict().get("name")
        if name is None:
            return self._introduced
        return self._persons.get(name) or Speaker(name, None, None)


def _level(paragraph: str) -> int:
    return next((depth for depth, pattern in _LEVEL if pattern.match(paragraph)), 0)


def _is_headline(paragraph: str, on_top: bool) -> bool:
    """A line without a sentence: no full stop, short; numbered ones and those above the first prose may be longer."""
    if paragraph.startswith("【") and len(paragraph) <= 80 and not paragraph.endswith("。"):
        return True
    if _SENTENCE_END.search(paragraph[:-1]) or paragraph[-1] in "。；：！，、":
        return False
    if paragraph[-1] == "？" and not on_top:
        return False
    limit = 60 if on_top or _level(paragraph) else 40
    return len(paragraph) <= limit and paragraph.count("，") <= 2


def passages(view: View, page: Page) -> tuple[Passage, ...]:
    """The passages of the contract in raw offsets; what the view left out as garbage stands as noise."""
    rows = [Passage(*_raw(view, block.start, block.end), block.kind, block.speaker) for block in page.blocks]
    rows += [Passage(cut.start, cut.end, "noise", None) for cut in view.dropped if cut.reason == "noise"]
    return tuple(sorted(rows, key=lambda row: (row.start, row.end)))


def _raw(view: View, start: int, end: int) -> tuple[int, int]:
    span = view.span(start, end)
    return span.start, span.end

"""Raw text → a clean view with an offset map: the only place that knows what paper and scanners do to words.

The view joins what line and column breaks or stray spaces tore apart, folds width, traditional characters and
ASCII punctuation, and leaves out what a stuck scan printed twice. Every later step works on the view; every row
points back to the raw text through `View.span`. Digits are never repaired. A "\\n" in the view ends a paragraph.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yinuo.extraction import lexicon
from yinuo.extraction.data import toml_table, tsv_rows
from yinuo.extraction.lines import Line, lines_of, wrap_width
from yinuo.extraction.rows import Noise, Skipped, Span
from yinuo.extraction.tabular import Table, find_tables

CJK = "\u3400-\u9fff〇"
_BLANK = " \t\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
_CLOSERS = "”』」）》】〉’\"')"
_TERMINATORS = "。！？；：…!?;:"


@dataclass(frozen=True, slots=True)
class View:
    """The clean text and, for each of its characters, the raw offset it was read from."""

    raw: str
    text: str
    origin: tuple[int, ...]
    noise: tuple[Noise, ...]
    dropped: tuple[Skipped, ...]
    tables: tuple[Table, ...]

    def span(self, start: int, end: int) -> Span:
        """The raw stretch of the view's `[start, end)`; `start < end`."""
        return Span(self.origin[start], self.origin[end - 1] + 1)

    def noise_in(self, span: Span) -> tuple[Noise, ...]:
        """What was bridged inside a raw stretch, in order."""
        first = bisect.bisect_left(self.noise, span.start, key=lambda mark: mark.start)
        found = []
        for mark in self.noise[first:]:
            if mark.start >= span.end:
                break
            if mark.end <= span.end:
                found.append(mark)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Cut:
    start: int
    end: int
    kind: str  # space, break, paragraph, repetition, garbage


def clean_view(raw: str) -> View:
    """The clean view of a raw text: what a stuck scan printed again is left out. Linear in its length."""
    folded, marks = _fold(raw)
    tables = find_tables(folded)
    cuts = _layout_cuts(folded, tables)
    text, origin = _apply(folded, cuts)
    text = _separate_unpunctuated(_fold_punctuation(text))
    loops = [_Cut(origin[start], origin[end - 1] + 1, "repetition") for start, end in _scan_loops(text)]
    if loops:
        cuts = _merged(cuts, loops)
        text, origin = _apply(folded, cuts)
        text = _separate_unpunctuated(_fold_punctuation(text))
    text, confusions = _mend_confusions(text, origin)
    noise = [
        Noise(cut.start, cut.end, cut.kind) for cut in cuts if cut.kind in ("space", "break", "repetition")
    ]
    dropped = tuple(
        Skipped(cut.start, cut.end, "repetition" if cut.kind == "repetition" else "noise")
        for cut in cuts
        if cut.kind in ("repetition", "garbage")
    )
    ordered = sorted([*noise, *marks, *confusions], key=lambda mark: (mark.start, mark.end, mark.kind))
    return View(raw, text, tuple(origin), tuple(ordered), dropped, tables)


# --- one character for one: width, traditional forms ------------------------------------------------------


def _width_table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for mark in "，；：？！（）":
        del table[ord(mark)]
    table.update(
        {
            ord("￥"): "¥",
            ord("｡"): "。",
            ord("､"): "、",
            ord("「"): "“",
            ord("」"): "”",
            ord("『"): "‘",
            ord("』"): "’",
        }
    )
    table.update(
        {ord("〔"): "（", ord("〕"): "）", ord("﹑"): "、", ord("•"): "·", ord("・"): "·", ord("‧"): "·"}
    )
    return table


_WIDTH = _width_table()
_VARIANTS = {ord(traditional): simplified for traditional, simplified in tsv_rows("traditional.tsv")}
_FOLD = _WIDTH | _VARIANTS
_FOLDABLE = re.compile(f"[{''.join(map(re.escape, map(chr, _FOLD)))}]+")


def _fold(raw: str) -> tuple[str, list[Noise]]:
    marks = [
        Noise(found.start(), found.end(), "variant" if ord(raw[found.start()]) in _VARIANTS else "width")
        for found in _FOLDABLE.finditer(raw)
    ]
    return (raw.translate(_FOLD), marks) if marks else (raw, marks)


_CJK_SIDE = f"{CJK}，。、；：？！“”‘’（）《》【】—·%"
_COMMA = re.compile(rf"(?<![A-Za-z]),(?!\d{{3}}(?!\d))|(?<=[{_CJK_SIDE}]),|,(?=[{_CJK_SIDE}])")
_COLON = re.compile(rf"(?<=[{_CJK_SIDE}]):|:(?=[{_CJK_SIDE}])")
_SEMICOLON = re.compile(r"(?<![A-Za-z]);")
_QUESTION = re.compile(rf"(?<=[{_CJK_SIDE}])([?!])")
_FULL_STOP = re.compile(rf"(?<=[{CJK}”）》%])\.(?=\s|$|[{CJK}“《])")
_POINT = re.compile(  # 5。4%, 初值为51。1，: typed in Chinese mode
    r"(?<=\d)。(?=\d{1,2}(?:%|[万亿]?[元吨倍]|个?百分点|[A-Z]))|(?<=[为至达]\d\d)。(?=\d[，,])"
)
_PARENTHESES = re.compile(rf"\((?=[^()]{{0,60}}[{CJK}\d])|(?<=[{CJK}\d”])\)")
_STRAIGHT_QUOTE = re.compile(r'"')


def _fold_punctuation(text: str) -> str:
    """ASCII punctuation of Chinese text in its full-width form, one for one; numbers keep theirs."""
    if "," in text:
        text = _COMMA.sub("，", text)
    if ":" in text:
        text = _COLON.sub("：", text)
    if ";" in text:
        text = _SEMICOLON.sub("；", text)
    if "(" in text or ")" in text:
        text = _PARENTHESES.sub(lambda found: "（" if found[0] == "(" else "）", text)
    text = _POINT.sub(".", text)
    text = _QUESTION.sub(lambda found: "？" if found[1] == "?" else "！", text)
    if "." in text:
        text = _FULL_STOP.sub("。", text)
    if '"' in text:
        text = "\n".join(_paired_quotes(line) for line in text.split("\n"))
    return text


def _paired_quotes(line: str) -> str:
    opening = iter(range(len(line) + 1))
    return _STRAIGHT_QUOTE.sub(lambda _: "“" if next(opening) % 2 == 0 else "”", line)


_PUNCTUATION = re.compile("[，。；、：！？,]")
_BETWEEN_WORDS = re.compile(rf"(?<=[{CJK}\d”）%]{{4}}) (?=[{CJK}\d“（]{{4}})")


def _separate_unpunctuated(text: str) -> str:
    """In a paragraph without any punctuation a kept space is the writer's comma."""
    if " " not in text:
        return text
    return "\n".join(
        line if _PUNCTUATION.search(line) else _BETWEEN_WORDS.sub("，", line) for line in text.split("\n")
    )


def _mend_confusions(text: str, origin: list[int]) -> tuple[str, list[Noise]]:
    marks: list[Noise] = []

    def mended(found: re.Match[str]) -> str:
        marks.append(Noise(origin[found.start()], origin[found.end() - 1] + 1, "confusion"))
        return _RIGHT[found[0]]

    return _WRONG.sub(mended, text), marks


def _confusion_tables() -> tuple[re.Pattern[str], dict[str, str]]:
    right: dict[str, str] = {}
    patterns = []
    for line in toml_table("confusions.toml")["confusion"]:
        if set(line) != {"wrong", "right", "before", "example"} or len(line["wrong"]) != len(line["right"]):
            raise ValueError(f"confusions.toml: {line}")
        right[line["wrong"]] = line["right"]
        patterns.append(f"{re.escape(line['wrong'])}(?=[{line['before']}])")
    return re.compile("|".join(patterns)), right


_WRONG, _RIGHT = _confusion_tables()


# --- layout: lines, spaces, garbage ------------------------------------------------------------------------

_INNER_BLANK = re.compile(rf"(?<=\S)[{_BLANK}]+(?=\S)")
_ANY_CJK = re.compile(f"[{CJK}]")
_LATIN_RUN = re.compile(r"[A-Za-z]{2,}")
_NUMBERING = (
    r"(?:第[一二三四五六七八九十百\d]{1,4}[章节条部编]|[一二三四五六七八九十]{1,3}[、.]|"
    r"[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[、.](?!\d)|[①-⑳]|[一二三四五六七八九十]要|[一二三四五六七八九十]是)"
)
_TURN = rf"(?:【?(?:本报|本刊|本网|总台)?记者(?:提?问)?】?|问|答|主持人|[{CJK}]{{2,4}})\s*[:：]"
_OPENER = re.compile(
    rf"\s*(?:{_NUMBERING}|{_TURN}|[□■◇◆▲△●○★☆【※▶]|[—–-]{{1,2}}\s*\S|一访|本报记者|本报讯|新华社|各位代表|附件|"
    r"我们|同时|此外|另外|与此同时|下一步|接下来|今年|明年|新的一年|首先|其次|最后|在[^，。]{1,20}方面)"
)
_DANGLING_END = re.compile(r"(?:[的和与及将在对为以把被由向从近超约、，,（(“《\d.]|[^\S\n])$")
_DANGLING_START = re.compile(r"[的了、，。；,)）”》%]")
_PROSE_MARK = re.compile("[，。；、,;]")


def _layout_cuts(text: str, tables: Sequence[Table]) -> list[_Cut]:
    """What of the raw text does not stand in the view, in order. The lines of a table are paragraphs."""
    lines = lines_of(text)
    mostly_cjk = len(_ANY_CJK.findall(text)) * 2 > sum(len(line.text) for line in lines) * 0.5
    width = wrap_width(lines)
    indented = sum(line.indented for line in lines) >= 2
    cuts: list[_Cut] = []
    position = 0
    previous: Line | None = None
    paragraph, opening = 0, lines[0].text if lines else ""
    ahead, garbage = list(reversed(tables)), False
    for line in lines:
        while ahead and ahead[-1].end < position:
            ahead.pop()
        cell = bool(ahead) and ahead[-1].start <= line.start
        torn = garbage and line.text.isascii() and line.text.isalpha()  # Company of the com|pany
        garbage = mostly_cjk and (torn or _is_garbage(line.text))
        if previous is None:
            cuts += _cut(position, line.start, "blank")
        elif cell or garbage or _ends_paragraph(previous, line, opening, paragraph, width, indented):
            cuts += _hard_break(text, position, line.start)
            paragraph, opening = 0, line.text
        else:
            cuts += _cut(position, line.start, "break" if _joins(previous.text, line.text) else "blank")
        if garbage:
            cuts += _cut(line.start, line.end, "garbage")
        elif not cell or line.start >= ahead[-1].end:
            cuts += _blank_cuts(line)
        paragraph += len(line.text)
        position = line.end
        previous = line
    cuts += _cut(position, len(text), "blank")
    return cuts


def _cut(start: int, end: int, kind: str) -> list[_Cut]:
    return [_Cut(start, end, kind)] if end > start else []


def _hard_break(text: str, start: int, end: int) -> list[_Cut]:
    """Everything between two paragraphs but one line feed (or what stands for it)."""
    keep = next(index for index in range(start, end) if text[index] in _NEWLINE_SET)
    return [*_cut(start, keep, "blank"), *_cut(keep + 1, end, "blank")]


_NEWLINE_SET = frozenset("\r\n\f\u0085\u2028\u2029")


def _joins(left: str, right: str) -> bool:
    """Whether a break between these two lines tore a word (and not a sentence)."""
    return left[-1] not in _TERMINATORS and right[:1] != ""


def _is_garbage(line: str) -> bool:
    """A line of Latin letters on a Chinese page that is no address and no heading of its own."""
    if _ANY_CJK.search(line) or any(mark in line for mark in ("http", "www.", "@")):
        return False
    letters = sum(len(run) for run in _LATIN_RUN.findall(line))
    return letters >= 4 and letters * 2 > len(line)


def _ends_paragraph(
    left: Line, right: Line, opening: str, paragraph: int, width: int | None, indented: bool
) -> bool:
    """Whether the break between two lines ends a paragraph; the doubtful cases lean on the lines' own words."""
    if left.text.rstrip(_CLOSERS)[-1:] in _TERMINATORS_SET:
        wrapped = width is not None and len(left.text) >= width - 2 and not right.blank_before
        return not (wrapped and not (right.indented and indented) and not _OPENER.match(right.text))
    if left.text[-1] in "，、,":
        return False
    if right.set_in or (_CELL.fullmatch(left.text) and _CELL.fullmatch(right.text)):
        return True
    full = width is not None and len(left.text) >= width - 2 and not right.blank_before
    if _STRUCTURE.match(right.text) and not (full and _LIKE_A_NAME.match(right.text)):
        return True
    if _tears_word(left.text, right.text) or _leaves_open(left.text):
        return False
    if _OPENER.match(right.text) and not _DANGLING_END.search(left.text):
        return right.blank_before or width is None
    if _DANGLING_END.search(left.text) or _DANGLING_START.match(right.text):
        return False
    if right.indented and indented and not left.indented:
        return True
    if full:
        return False
    titled = right.blank_before or (width is None and paragraph == len(left.text))
    if titled and paragraph <= (60 if right.blank_before else 40) and _NUMBERED.match(opening):
        return True  # （一）狠抓项目建设，保持经济增长: a numbered heading may hold a comma
    title = _NUMBERED.sub("", left.text, count=1)
    return not _PROSE_MARK.search(title) and paragraph == len(left.text) and len(left.text) <= 45


def _leaves_open(line: str) -> bool:
    """Whether a quotation or title begins in a line and does not end there."""
    return (
        line.count("“") > line.count("”") or line.count("《") > line.count("》") or line.count('"') % 2 == 1
    )


_CELL = re.compile("[-\\d.,%]+")  # of a table: two of them under each other are two numbers


def _tears_word(left: str, right: str) -> bool:
    """改|革, 建|设: the break stands inside a word of the tables."""
    return any(
        left[-before:] + right[:behind] in lexicon.WORDS for before in (1, 2, 3) for behind in (1, 2, 3)
    )


# …下|更大功夫：一是…: behind a full line without a full stop, words and a colon are no speaker's turn
_LIKE_A_NAME = re.compile(rf"[{CJK}]{{2,4}}\s*[:：]")
_TERMINATORS_SET = frozenset(_TERMINATORS)
_NUMBERED = re.compile(rf"^\s*{_NUMBERING}\s*")
_STRUCTURE = re.compile(rf"\s*(?:{_NUMBERING}|{_TURN}|[□■◇◆▲△●○★☆【※▶]|本报记者)")

_TABLE_LIKE = re.compile(
    rf"(?:^|[{_BLANK}])[\d.,%-]+[{_BLANK}]+[\d.,%-]+[{_BLANK}]+[\d.,%-]+(?:$|[{_BLANK}])"
)
_LATIN = re.compile(r"[A-Za-z]")


def _blank_cuts(line: Line) -> Iterator[_Cut]:
    """Stray spaces inside a line. Spaces between Latin words, in tables and in lines without punctuation stay."""
    if not _INNER_BLANK.search(line.text):
        return
    table = _TABLE_LIKE.search(line.text) is not None
    punctuated = _PROSE_MARK.search(line.text) is not None or len(line.text) < 6
    for found in _INNER_BLANK.finditer(line.text):
        left, right = line.text[found.start() - 1], line.text[found.end()]
        if _LATIN.match(left) and _LATIN.match(right):
            continue
        if left.isdigit() and right.isdigit() and (table or len(found[0]) > 1):
            continue
        if not punctuated and _ANY_CJK.match(left) and _ANY_CJK.match(right):
            around = (
                line.text[max(0, found.start() - 3) : found.start()],
                line.text[found.end() : found.end() + 3],
            )
            if not _tears_word(*around):
                continue
        yield _Cut(line.start + found.start(), line.start + found.end(), "space")


def _apply(text: str, cuts: list[_Cut]) -> tuple[str, list[int]]:
    """The text without the cuts, and the offset of each character that is left."""
    parts: list[str] = []
    origin: list[int] = []
    position = 0
    for cut in cuts:
        if cut.start > position:
            parts.append(text[position : cut.start])
            origin.extend(range(position, cut.start))
        position = max(position, cut.end)
    parts.append(text[position:])
    origin.extend(range(position, len(text)))
    joined = "".join(parts)
    for newline in "\r\f\u0085\u2028\u2029":
        if newline in joined:
            joined = joined.replace(newline, "\n")
    return joined, origin


def _merged(cuts: list[_Cut], loops: list[_Cut]) -> list[_Cut]:
    """All cuts in order; what lies inside a loop is part of it."""
    inside = [
        cut for cut in cuts if not any(loop.start <= cut.start and cut.end <= loop.end for loop in loops)
    ]
    return sorted([*inside, *loops], key=lambda cut: (cut.start, cut.end))


# --- stuck scans --------------------------------------------------------------------------------------------

_GRAM = 8
_REACH = 48
_ENDS_CLAUSE = re.compile("[，。；！？：\n]")


def _scan_loops(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that a stuck scan printed again: the first complete copy stays, the damaged ones go.

    Two copies stand next to each other, each at least eight characters long; either they are equal, or only their
    heads differ and no sentence of prose would say the same tail twice so close. What is left of a broken last
    copy, up to the next punctuation, goes with them.
    """
    last: dict[str, int] = {}
    position, limit = 0, len(text) - _GRAM
    while position <= limit:
        gram = text[position : position + _GRAM]
        before = last.get(gram)
        last[gram] = position
        if before is not None and _GRAM <= position - before <= _REACH and "\n" not in gram:
            tail = _common(text, before, position)
            if _is_loop(text, before, position, tail):
                end = _loop_end(text, before, position, tail)
                # Copies that begin where a clause begins are aligned: the first is whole up to the second.
                aligned = before == 0 or text[before - 1] in "，。；：、！？\n"
                yield (position if aligned else before + tail), end
                position = end
                last.clear()
                continue
        position += 1


def _common(text: str, left: int, right: int) -> int:
    """How many characters are equal from the two positions on, at most their distance."""
    length = 0
    while (
        length < right - left and right + length < len(text) and text[left + length] == text[right + length]
    ):
        length += 1
    return length


def _is_loop(text: str, left: int, right: int, tail: int) -> bool:
    distance = right - left
    if tail == distance:
        return "\n" not in text[left : right + tail]
    coordinated = text[left + tail : left + tail + 1] in ("、", "和", "与", "及")
    return tail * 2 >= distance and not coordinated and _ENDS_CLAUSE.search(text, left, right + tail) is None


def _loop_end(text: str, left: int, right: int, tail: int) -> int:
    """Where the last copy of the loop ends, its broken remainder included."""
    core = text[left : left + min(tail, _GRAM)]
    end = right + tail
    while True:
        again = text.find(core[-4:], end, end + _REACH)
        if again < 0 or _ENDS_CLAUSE.search(text, end, again):
            break
        rest = text[left + len(core) : left + tail]
        end = again + 4
        end += next(
            (at for at, pair in enumerate(zip(rest, text[end:], strict=False)) if pair[0] != pair[1]),
            min(len(rest), len(text) - end),
        )
    closing = _ENDS_CLAUSE.search(text, end)
    if closing and closing.start() - end <= 6 and text[end - 1] not in "，。；":
        return closing.start()
    return end

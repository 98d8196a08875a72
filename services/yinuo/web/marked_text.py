"""An article's text cut into pieces, each of which knows the rows that stand on it. Pure; not for how it looks.

Offsets are code points into the text as it came in. Law: the pieces' texts, joined, are the text.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yinuo.storage.explorer import Mark, MarkedArticle, Row
from yinuo.storage.view_rows import PledgeRow


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text: the marks on it, the shortest first; whether one begins here; whether it was skipped."""

    start: int
    end: int
    text: str
    marks: tuple[Mark, ...]
    opens: bool
    skipped: str

    @property
    def names(self) -> str:
        """Its classes in the style sheet."""
        kinds = ("mark", *(mark.kind for mark in self.marks), *(["skipped"] if self.skipped else []))
        return " ".join(dict.fromkeys(kinds))


@dataclass(slots=True)
class Block:
    """A passage. `speaker` is given where another turn begins."""

    kind: str
    speaker: str
    pieces: list[Piece] = field(default_factory=list)


def key_of(row: Row) -> str:
    """The name of a row on the article's page."""
    return f"p-{row.pledge_id}" if isinstance(row, PledgeRow) else f"m-{row.metric_id}"


def blocks(found: MarkedArticle, shown: Shown, *, ledger: bool = False) -> list[Block]:
    """The text in passages and pieces; the blanks between passages are of kind `gap`."""
    skipped = found.skipped if ledger else ()
    pieces = _pieces(len(found.text), shown, found.marks, skipped, _cuts(found))
    made: list[Block] = []
    speaker = ""
    starts = [piece.start for piece in pieces]
    for start, end, kind, name in _stretches(found):
        turn = name if name != speaker and kind != "gap" else ""
        if kind != "gap":
            speaker = name
        if kind == "gap" and found.text[start:end].strip():
            kind = "body"
        made.append(Block(kind, turn, pieces[bisect_left(starts, start) : bisect_left(starts, end)]))
    return made


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a text: all of it, or what a clean view keeps. `origin`: raw offset of each character."""

    text: str
    origin: Sequence[int] | None = None

    def stretch(self, start: int, end: int) -> str:
        """What is shown of the raw `[start, end)`."""
        if self.origin is None:
            return self.text[start:end]
        return self.text[bisect_left(self.origin, start) : bisect_left(self.origin, end)]


def _stretches(found: MarkedArticle) -> Iterable[tuple[int, int, str, str]]:
    at, length = 0, len(found.text)
    for passage in found.passages:
        start, end = max(at, passage["span_start"]), min(length, passage["span_end"])
        if start >= end:
            continue
        if at < start:
            yield at, start, "gap", ""
        yield start, end, passage["kind"], _speaker(passage)
        at = end
    if at < length:
        yield at, length, "gap", ""


def _speaker(passage: Mapping[str, Any]) -> str:
    parts = (passage["speaker_organisation"], passage["speaker_post"], passage["speaker_name"])
    return " ".join(part for part in parts if part)


def _cuts(found: MarkedArticle) -> set[int]:
    """Where pieces must end besides the marks: at passages, cues, and stretches that values were inherited from."""
    cuts: set[int] = set()
    for start, end, _, _ in _stretches(found):
        cuts |= {start, end}
    for mark in found.marks:
        for part in mark.parts:
            cuts |= set(part)
    return cuts


def _pieces(
    length: int, shown: Shown, marks: Sequence[Mark], skipped: Sequence[Mapping[str, Any]], cuts: set[int]
) -> list[Piece]:
    ledger = {one["start"]: one for one in skipped}
    for mark in marks:
        cuts |= {mark.start, mark.end}
    for one in skipped:
        cuts |= {one["start"], one["end"]}
    edges = sorted(cut for cut in cuts | {0, length} if 0 <= cut <= length)
    waiting = sorted(marks, key=lambda mark: mark.start, reverse=True)
    standing: list[Mark] = []
    passed: Mapping[str, Any] | None = None
    pieces = []
    for start, end in itertools.pairwise(edges):
        standing = [mark for mark in standing if mark.end > start]
        opens = False
        while waiting and waiting[-1].start <= start:
            standing.append(waiting.pop())
            opens = True
        passed = ledger.get(start, passed)
        reason = passed["reason"] if passed is not None and start < passed["end"] else ""
        inner_first = tuple(sorted(standing, key=lambda mark: (mark.end - mark.start, mark.key)))
        pieces.append(Piece(start, end, shown.stretch(start, end), inner_first, opens, reason))
    return pieces

"""The values that a clause is read into: words of the tables where they stand, and the parts of its head.

Offsets are offsets of the clean view.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from yinuo.extraction.expressions.model import Expression


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a table at `[start, end)` of the view, and its class there."""

    start: int
    end: int
    text: str
    sort: str


@dataclass(slots=True)
class Clause:
    """One clause `[start, end)` without its closing mark, and what its head holds.

    `core` is where the clause proper begins, behind enumerator and connective. `time` is a time expression in the
    head; `time_leads` tells that it stands before subject and cue. `subject` is explicit. `cue` is the innermost
    cue of the head, `outer_cue` the first. `verb` is the main verb; `predicate_at` where the search for it ended.
    `numbers` are the quantities of the clause, `times` its time expressions. `executor` are the units that a bracket
    behind the clause puts in charge (省财政厅牵头); the bracket itself is not part of the clause.
    """

    start: int
    end: int
    closing: str
    sentence: int
    core: int
    text: str
    enumerated: bool = False
    time: Expression | None = None
    time_leads: bool = False
    subject: Word | None = None
    outer_cue: Word | None = None
    cue: Word | None = None
    manner: list[Word] = field(default_factory=list)
    verb: Word | None = None
    nominal: bool = False
    numbers: list[Expression] = field(default_factory=list)
    times: list[Expression] = field(default_factory=list)
    executor: Word | None = None

    def words(self) -> str:
        """The clause from its core on."""
        return self.text[self.core - self.start :]

    def has_own_effort(self) -> bool:
        """推进, 建设, 彰显: a verb that is a cue of its own and ends what 将 carried."""
        process = self.verb is not None and self.verb.sort in ("process", "bare", "evaluative")
        return process and not self.nominal

    def obtains(self) -> bool:
        """要积极争取专项资金，…: 争取 with a thing is an act of its own; what stands behind it is under 要 again."""
        return self.cue is not None and self.verb is not None and self.cue.start == self.verb.start

"""What a sentence as a whole does: it announces a list, enacts its own document, asks, or repeats a decision."""

from __future__ import annotations

import re
from collections import Counter

from yinuo.extraction.clause import Clause

_ENACTS = re.compile("(?:特?制定|提出|特?制订)(?:了)?(?:本|如下|以下)")


_ASKS = re.compile("(?<!无论)(?<!不管)(?<!研究)(?<!思考)(?<!探索)(?:如何|怎样|怎么)")


def void_sentences(clauses: list[Clause]) -> dict[int, str]:
    """The sentences in which nothing is undertaken, and why."""
    found = {clause.sentence: "container" for clause in clauses if _ENACTS.search(clause.text)}
    return found | {
        clause.sentence: "question"
        for clause in clauses
        if clause.closing in ("？", "?") or _ASKS.search(clause.text[:24])
    }


def echoes(clause: Clause) -> bool:
    """全会提出，…。必须…: a sentence behind a quoted decision that has neither subject nor time of its own."""
    bare = clause.subject is None and clause.time is None
    return (
        bare
        and clause.cue is not None
        and clause.cue.start == clause.core
        and clause.cue.text in ("必须", "要")
    )


def announcing(clauses: list[Clause], plan: bool, numbered: bool, heads_list: bool) -> frozenset[int]:
    """The numbers of a paragraph's sentences that only announce what follows.

    The first of a numbered or plan paragraph; in a plan every short sentence of one clause on a whole field with a
    longer list behind it (加快发展现代农业。继续…，…，…). `heads_list`: deeper numbers follow the paragraph.
    """
    if not clauses:
        return frozenset()
    sizes = Counter(clause.sentence for clause in clauses)
    found = {
        clause.sentence
        for clause in clauses
        if plan
        and sizes[clause.sentence] == 1
        and sizes[clause.sentence + 1] >= _LIST
        and len(clause.text) <= _SHORT
        and _names_field(clause)
    }
    if len(sizes) == 1 and not heads_list:
        return frozenset(found)
    first = [clause for clause in clauses if clause.sentence == clauses[0].sentence]
    plain = not any(clause.numbers or clause.times for clause in first)
    short = numbered and sum(len(clause.text) for clause in first) <= 60
    bare = plan and len(first) == 1 and len(first[0].text) <= 30
    no_cue = all(clause.cue is None and clause.subject is None for clause in first)
    if plain and (short or (bare and no_cue)):
        found.add(first[0].sentence)
    return frozenset(found)


_LIST, _SHORT = 3, 16
"""Clauses of a list behind an announcing sentence, and characters of that sentence."""
_WHOLE_FIELD = re.compile("(?:发展|环境|水平|格局|能力|质量|农业|工业|事业)$")


def _names_field(clause: Clause) -> bool:
    bare = not (clause.numbers or clause.times or clause.cue or clause.subject)
    return bare and _WHOLE_FIELD.search(clause.text) is not None

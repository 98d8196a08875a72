"""What a sentence as a whole does: it enacts its own document, asks, or repeats a decision just quoted."""

from __future__ import annotations

import re

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

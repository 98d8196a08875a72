"""Whether a text is a list of tasks: a plan says 新建…。完善…。, sentence after sentence, and nothing of what was done.

Used where no heading and no lead-in says so: a page cut out of the middle of a plan has neither.
"""

from __future__ import annotations

import re

from yinuo.extraction import lexicon

_SENTENCES = re.compile("[^。；！？\n]{6,}")
_REPORTS = re.compile(f"{lexicon.DONE.pattern}|{lexicon.ACHIEVED.pattern}|同比|全年|比上年|去年|明显|显著")
_FEWEST = 12
_BARE_SHARE = 0.4
_REPORTING_SHARE = 0.15


def is_task_list(text: str) -> bool:
    """At least twelve sentences, two fifths of them opening with a bare verb, at most 15 % reporting."""
    sentences = _SENTENCES.findall(text)
    if len(sentences) < _FEWEST:
        return False
    bare = sum(_opens_with_verb(sentence) for sentence in sentences)
    reporting = sum(_REPORTS.search(sentence) is not None for sentence in sentences)
    return bare >= _BARE_SHARE * len(sentences) and reporting <= _REPORTING_SHARE * len(sentences)


def _opens_with_verb(sentence: str) -> bool:
    enumerator = lexicon.ENUMERATOR.match(sentence)
    start = enumerator.end() if enumerator else 0
    manner = lexicon.MANNER.match(sentence, start)
    return lexicon.VERB.match(sentence, manner.end() if manner else start) is not None

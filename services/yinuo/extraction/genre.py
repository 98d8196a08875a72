"""Whether a text as a whole plans or reports, by the form of its sentences, and what heads or follows its lists.

A plan says 新建…。完善…。, sentence after sentence, and nothing of what was done; a communiqué or a review compares
with the year before in every other sentence. Used where no heading and no lead-in says so: a page cut out of the
middle of a plan or of a review has neither.
"""

from __future__ import annotations

import re

from yinuo.extraction import lexicon
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.passages import Page

_SENTENCES = re.compile("[^。；！？\n]{6,}")
_REPORTS = re.compile(f"{lexicon.DONE.pattern}|{lexicon.ACHIEVED.pattern}|同比|全年|比上年|去年|明显|显著")
_FEWEST = 12
_BARE_SHARE = 0.4
_REPORTING_SHARE = 0.15
_REVIEW_SHARE = 0.4
_REPORTED_OR_COUNTED = 0.7
_FORWARD_SHARE = 0.07
_DIGIT = re.compile("[0-9]")
_FORWARD = re.compile("将|要|力争|确保|争取|计划|拟")


def genre_of(text: str) -> str | None:
    """`plan`, `review` or None, of a text of at least twelve sentences.

    `plan`: two fifths of the sentences open with a bare verb and at most 15 % report. `review`: two fifths report,
    or seven tenths report or count (one that does both counts twice), and at most 7 % hold a forward word.
    """
    sentences = _SENTENCES.findall(text)
    if len(sentences) < _FEWEST:
        return None
    bare = sum(_opens_with_verb(sentence) for sentence in sentences)
    reporting = sum(_REPORTS.search(sentence) is not None for sentence in sentences)
    forward = sum(_FORWARD.search(sentence) is not None for sentence in sentences)
    if bare >= _BARE_SHARE * len(sentences) and reporting <= _REPORTING_SHARE * len(sentences):
        return "plan"
    counted = sum(_DIGIT.search(sentence) is not None for sentence in sentences)
    looks_back = reporting >= _REVIEW_SHARE * len(sentences) or (
        reporting + counted >= _REPORTED_OR_COUNTED * len(sentences) and bare < _BARE_SHARE * len(sentences)
    )
    if looks_back and forward <= _FORWARD_SHARE * len(sentences):
        return "review"
    return None


def _opens_with_verb(sentence: str) -> bool:
    enumerator = lexicon.ENUMERATOR.match(sentence)
    start = enumerator.end() if enumerator else 0
    manner = lexicon.MANNER.match(sentence, start)
    return lexicon.VERB.match(sentence, manner.end() if manner else start) is not None


_BACK_TO_GOALS = re.compile("[^。，]{0,6}(?:上述|以上|这些)[^，。]{0,6}目标，")


def time_of_goals(text: str, page: Page, index: int, expressions: list[Expression]) -> Expression | None:
    """…主要预期目标是：… followed by 为实现上述目标，今年要…: the year of the goals stands behind them."""
    block = page.blocks[index]
    following = page.blocks[index + 1] if index + 1 < len(page.blocks) else None
    if following is None or "目标" not in text[block.body : block.body + 40]:
        return None
    back = _BACK_TO_GOALS.match(text, following.body, following.end)
    if back is None:
        return None
    return next((found for found in expressions if found.kind == "date" and found.start == back.end()), None)


def heads_list(page: Page, index: int) -> bool:
    """（一）加快数字基础设施建设。 with 1. under it: a numbered sentence that only heads deeper numbers."""
    block, deeper = page.blocks[index], page.blocks[index + 1 : index + 2]
    return block.level > 0 and any(other.level > block.level for other in deeper)


BELOW = re.compile("^现[^，。]{0,12}如下：$")  # 决定办好以下实事，现公告如下：
PLAN_LEAD = re.compile(
    "(?:抓好|做好|突出|完成|推进|实施)[^。]{0,24}(?:工作|任务|方面)$|预期目标是?$|特制定本|制定如下|提出如下|"
    "(?:事项?|实事|项目|清单|工作|任务|措施|安排|计划|打算|目标|承诺)[^，。]{0,8}(?:公告|公布|通告|通报|公示|报告|安排|部署|承诺)?如下$"
)

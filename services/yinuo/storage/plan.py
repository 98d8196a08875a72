"""What a batch of messages does to the articles that are held: pure, decided before anything is written.

Messages of one article are judged one after the other, each against what the one before it leaves. Those that
change something go into rounds, in which every article stands once, so that each round can be written at a stroke.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from yinuo.storage.incoming import ArticleOutcome, ArticleState, IncomingExtraction
from yinuo.storage.newer import Form, Verdict, standing_after, verdict
from yinuo.storage.replacing import Accepted

_STATES = {
    Verdict.NEW: ArticleState.NEW,
    Verdict.REVISION: ArticleState.CHANGED,
    Verdict.RULES: ArticleState.CHANGED,
    Verdict.UNCHANGED: ArticleState.UNCHANGED,
    Verdict.OLDER: ArticleState.OLDER,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`rounds`: what is to be written, in order; `outcomes`: what became of each message, in their order."""

    rounds: tuple[tuple[Accepted, ...], ...]
    outcomes: tuple[ArticleOutcome, ...]

    def replaced_ids(self) -> list[str]:
        """Ids of articles that are held and will change, sorted."""
        first = self.rounds[0] if self.rounds else ()
        return sorted(a.message.article_id for a in first if a.verdict is not Verdict.NEW)

    def changed_ids(self) -> list[str]:
        """Ids of articles that come or change, sorted, each once."""
        return sorted({a.message.article_id for accepted in self.rounds for a in accepted})


def plan(
    held: Mapping[str, Form],
    messages: Iterable[tuple[IncomingExtraction, Form]],
    forgotten: Collection[str] = (),
) -> Plan:
    """What the messages do, in their order, to the forms that are held (by article id); forgotten ids do nothing."""
    standing = dict(held)
    rounds: list[list[Accepted]] = []
    written: dict[str, int] = {}
    outcomes = []
    for message, form in messages:
        article_id = message.article_id
        if article_id in forgotten:
            outcomes.append(ArticleOutcome(article_id, message.source.identity, ArticleState.FORGOTTEN))
            continue
        before = standing.get(article_id)
        judged = verdict(before, form)
        outcomes.append(ArticleOutcome(article_id, message.source.identity, _STATES[judged]))
        if judged in (Verdict.UNCHANGED, Verdict.OLDER):
            continue
        standing[article_id] = standing_after(before, form)
        turn = written.get(article_id, 0)
        written[article_id] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(Accepted(message, standing[article_id], judged))
    return Plan(tuple(map(tuple, rounds)), tuple(outcomes))

"""Each counting number with what stands around it: the words before it, behind it, and what its sentence said so far.

A site spans clauses that only a 、 divides (增长4.0%、9.2%): numbers joined that way share one predicate. Says nothing
about what the number means; `indicators.py`, `periods.py`, `bases.py` and `status.py` do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from yinuo.extraction.clause import Clause
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.passages import Block
from yinuo.extraction.rows import Pledge
from yinuo.extraction.scopes import Placed


@dataclass(frozen=True, slots=True)
class Spot:
    """A clause with its paragraph and what the reading of pledges found out about it; headlines have no `item`."""

    clause: Clause
    block: Block
    item: Placed | None
    pledge: Pledge | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Site:
    """A number in its clause.

    `lead`: from the number before it in the stretch, else from the core of its clause. `whole`: the stretch from its
    core up to the number. `tail`: up to the next number or the end of the stretch. `predicate`: the lead, or for a
    number that only 、 和 divides from the one before it, that one's. `order` of `together` numbers so joined.
    `sentence`: the clean text of the sentence up to the number. `sentence_base`: a base it named before. `last`: the last number so joined.
    """

    spot: Spot
    number: Expression
    lead: str
    whole: str
    tail: str
    predicate: str
    order: int
    together: int
    more: bool
    sentence: str
    sentence_base: str | None
    last: Expression

    @property
    def clause(self) -> Clause:
        """The clause that the number stands in."""
        return self.spot.clause


_JOINS = re.compile("[、和及与]|以及|\\s*[:：∶]\\s*")


def sites(text: str, spots: Iterable[Spot], base: re.Pattern[str]) -> Iterator[tuple[list[Spot], list[Site]]]:
    """The stretches of a page in order, each with its sites; a stretch without numbers has none."""
    opened: tuple[int, int] | None = None
    begun, named = 0, None
    for stretch in _stretches(spots):
        first = stretch[0]
        key = (first.block.start, first.clause.sentence)
        if key != opened:
            opened, begun, named = key, first.clause.start, None
        yield stretch, list(_in_stretch(text, stretch, begun, named))
        for found in base.finditer(text, first.clause.start, stretch[-1].clause.end):
            named = found[0]


def _stretches(spots: Iterable[Spot]) -> Iterator[list[Spot]]:
    current: list[Spot] = []
    for spot in spots:
        before = current[-1] if current else None
        if before is not None and not (
            before.clause.closing == "、"
            and before.block is spot.block
            and before.clause.sentence == spot.clause.sentence
        ):
            yield current
            current = []
        current.append(spot)
    if current:
        yield current


def _in_stretch(text: str, stretch: list[Spot], begun: int, named: str | None) -> Iterator[Site]:
    pairs = [(spot, number) for spot in stretch for number in spot.clause.numbers]
    end, core = stretch[-1].clause.end, stretch[0].clause.core
    groups = _groups(text, [number for _, number in pairs])
    sizes = Counter(groups)
    last = {group: number for group, (_, number) in zip(groups, pairs, strict=True)}
    predicate, order = "", 0
    for index, (spot, number) in enumerate(pairs):
        opens = spot.clause.core if number.start - spot.clause.core > 1 else spot.clause.start  # 再就业300人
        at = min(max(opens, pairs[index - 1][1].end if index else 0), number.start)
        following = pairs[index + 1][1].start if index + 1 < len(pairs) else end
        order = order + 1 if index and groups[index] == groups[index - 1] else 0
        lead = text[at : number.start]
        predicate = predicate if order else lead
        yield Site(
            spot, number, lead, text[max(min(core, number.start), number.start - _FAR) : number.start],
            text[number.end : max(number.end, following)], predicate, order, sizes[groups[index]],
            index + 1 < len(pairs), text[max(min(begun, number.start), number.start - _FAR) : number.start], named,
            last[groups[index]],
        )  # fmt: skip


_FAR = 400
"""Characters of a sentence or stretch that are looked at, so that the cost stays linear in the text."""


def _groups(text: str, numbers: list[Expression]) -> list[int]:
    """The same group for numbers that only 、 or 和 divides."""
    groups: list[int] = []
    for index, number in enumerate(numbers):
        joined = index > 0 and _JOINS.fullmatch(text[numbers[index - 1].end : number.start]) is not None
        groups.append((groups[-1] if groups else -1) + (not joined))
    return groups

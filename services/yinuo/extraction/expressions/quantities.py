"""Numbers, percent, ordinals, money and quantities of a text, without those that only look like one.

For: finding items, deciding whether a bare numeral is meant as a number, and words that are numbers (首位, 过半).
Not for: times. Law kept: what a linguist calls a name, a word or a numbering gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from yinuo.extraction.expressions.data import LookalikeLine, UnitLine, WordLine, alternation
from yinuo.extraction.expressions.item import Item
from yinuo.extraction.expressions.items import Items
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.expressions.names import Span, name_spans
from yinuo.extraction.expressions.ranges import Bounded, Comparators, as_expression
from yinuo.extraction.expressions.units import is_boundary

_LEAST_CLASS = 1_000_000
_CLOSING_QUOTES = tuple('”’"」')
_LEFT_OF_DIGIT = frozenset("是为於于即乘加减除等得写比前")
_RIGHT_OF_DIGIT = frozenset("的不这那而和与或也都就还吗呢吧了时倍")


class Quantities:
    """The reader of everything that is counted or measured."""

    def __init__(
        self,
        items: Items,
        comparators: Comparators,
        words: Sequence[WordLine],
        lookalikes: Sequence[LookalikeLine],
    ) -> None:
        """Derive the patterns from the lines."""
        self.items, self.comparators = items, comparators
        self._words = {line.text: line for line in words}
        self._lookalikes = {line.text: line for line in lookalikes}
        self._word_pattern = re.compile(alternation([*self._words, *self._lookalikes]))

    def find(self, text: str, taken: Sequence[Span]) -> list[Expression]:
        """All of them outside the spans in `taken` (sorted), in order."""
        words = list(self._word_items(text))
        too_long = (found.span() for found in self.items.numerals.too_long.finditer(text))
        blocked = sorted([*taken, *name_spans(text), *too_long, *((start, end) for start, end, _ in words)])
        items = sorted(
            [*self._numeral_items(text, blocked), *(item for _, _, item in words if item is not None)],
            key=lambda item: item.start,
        )
        bounded = self.comparators.expressions(text, items, 0)
        return [as_expression(one) for one in bounded if self._counts(text, one)]

    def _word_items(self, text: str) -> Iterable[tuple[int, int, Item | None]]:
        """Words that are numbers, and look-alikes with None."""
        for found in self._word_pattern.finditer(text):
            word = self._words.get(found[0])
            line = word or self._lookalikes[found[0]]
            if (line.not_before and text.startswith(line.not_before, found.end())) or (
                line.not_after and text.endswith(line.not_after, 0, found.start())
            ):
                continue
            item = _word_item(word, found.start(), found.end()) if word else None
            yield found.start(), found.end(), item

    # --- numerals -------------------------------------------------------------------------------------------

    def _numeral_items(self, text: str, blocked: Sequence[Span]) -> Iterable[Item]:
        numerals, at_item = self.items.numerals, self.items.at
        position, floor, next_block = 0, 0, 0
        while True:
            found = numerals.start.search(text, position)
            if found is None:
                return
            start = found.start()
            while next_block < len(blocked) and blocked[next_block][1] <= start:
                floor = max(floor, blocked[next_block][1])
                next_block += 1
            if next_block < len(blocked) and blocked[next_block][0] <= start:
                position = floor = blocked[next_block][1]
                continue
            number = numerals.at(text, start)
            if number is None or text.startswith(("零下", "零上"), start):
                position = start + 1
                continue
            position = number.end
            if next_block < len(blocked) and number.end > blocked[next_block][0]:
                continue
            item = at_item(text, number, floor)
            if item is not None:
                position = max(position, item.end)
                floor = item.end
                yield item

    def _counts(self, text: str, bounded: Bounded) -> bool:
        """Whether a number without a unit is meant as one."""
        item = bounded.item
        compared = bounded.low is None or bounded.high is None or bounded.approximate
        if item.shape == "scale" and item.kind == "quantity" and not compared:
            return item.number_value >= _LEAST_CLASS  # 万家 and 千人 are words
        if item.kind != "number" or item.unit is not None:
            return True
        if item.shape == "pair":
            return False
        if item.shape in ("arabic", "vague") or bounded.two_ended:
            return item.shape != "arabic" or bounded.two_ended or _is_quotable(text, item)
        if item.shape == "scale":
            return bounded.rule == "supplied" or (compared and not item.more)
        if compared and (item.end - item.start > 1 or bounded.end > item.end):
            return True
        if compared:
            return is_boundary(text, item.end) or text[item.end] in _RIGHT_OF_DIGIT
        if item.shape == "composed" and item.end - item.start > 1:
            return True
        quoted = item.shape == "digits" and text[item.end : item.end + 1] in _CLOSING_QUOTES
        return _stands_alone(text, item.start, item.end) and not quoted


def _word_item(line: WordLine, start: int, end: int) -> Item:
    value = Decimal(line.value)
    unit = UnitLine(line.unit, line.kind, line.example) if line.unit else None
    sign = None if line.sign == "eq" else line.sign
    return Item(
        start, end, start, end, line.kind, value, value, "word", unit=unit, unit_text=line.unit, sign=sign
    )


def _is_quotable(text: str, item: Item) -> bool:
    """A bare Arabic number: not a serial number of eleven digits and more."""
    return (
        item.end - item.start < 11 or "," in text[item.start : item.end] or "." in text[item.start : item.end]
    )


def _stands_alone(text: str, start: int, end: int) -> bool:
    """一 and 十 count only where no word can be made with their neighbours: 答案是四不是五, “五”."""
    left = is_boundary(text, start - 1) or text[start - 1] in _LEFT_OF_DIGIT
    right = text[end : end + 1] != "、" and (is_boundary(text, end) or text[end] in _RIGHT_OF_DIGIT)
    return left and right

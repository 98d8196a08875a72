"""Comparators around items and ranges between them: 超4亿元, 20个以上, 3至5万元, 大于100并且小于300, 比三十大.

For: turning items into expressions with bounds. Not for: reading numbers and units (items.py).
Law kept: 以上 and 以内 include their number, 超, 余 and 多 do not; a range shares the multiplier and unit of its end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from yinuo.extraction.expressions.data import ComparatorLine, SuppliedLine, UnitLine, alternation
from yinuo.extraction.expressions.decimals import plain, shifted
from yinuo.extraction.expressions.item import Item
from yinuo.extraction.expressions.model import Expression, Numeral
from yinuo.extraction.expressions.units import converted

_LINK = re.compile(r" ?(?:——?|--?|–|—|−|－|~|～|〜|至(?!少|多|今)|到|（含）[-—至到~]|\(含\)[-—至到~]) ?")
_AND_LINK = re.compile(r"[与和跟同及、](?:第)?")
_BETWEEN = re.compile(r"之间|(?<!时)间(?![隔接])|的?范围内?|区间")
_FROM = re.compile(r"(?:介于|位于|处于|从|由|自|在)\Z")
_BOTH = re.compile(r"(?:的?同时|，|,|、|；)?(?:并且?|且|而且|而|但是?|同时|又|和|与)?")
_THAN = re.compile(r"比\Z")
_MORE_THAN = re.compile(r"(?:还要?|要|更)?([大高多重长强贵老快])|(?:还要?|要|更)?([小低少轻短便弱慢])")
_FILLER = re.compile(r"[了达到于为有]{1,2}\Z")
_SHARE_WORDS = "比率重值均额"
_MODALS = "得能应宜可会要许准"
_REACH = 8  # characters that a comparator with its filler may take


@dataclass(frozen=True, slots=True)
class Bounded:
    """An item with its bounds; `[start, end)` includes the comparator words."""

    item: Item
    start: int
    end: int
    low: Decimal | None
    high: Decimal | None
    low_inclusive: bool = True
    high_inclusive: bool = True
    approximate: bool = False
    two_ended: bool = False
    rule: str = "number"


class Comparators:
    """The reader of comparators and ranges over one table."""

    def __init__(self, lines: Sequence[ComparatorLine], supplied: Sequence[SuppliedLine]) -> None:
        """Derive the patterns from the lines."""
        left = [line for line in lines if line.side == "left"]
        right = [line for line in lines if line.side == "right"]
        self._left = {line.text: line for line in left}
        self._left |= _with_modals(self._left)
        self._right = {line.text: line for line in right}
        self._left_pattern = re.compile(rf"{alternation(self._left)}(?:[了达到于]{{1,2}}| )?\Z")
        self._right_pattern = re.compile(alternation(self._right))
        self._supplied = {line.text: line for line in supplied}
        self._supplied_pattern = re.compile(alternation(self._supplied))

    def expressions(self, text: str, items: Sequence[Item], floor: int) -> list[Bounded]:
        """All items with bounds, ranges joined; items do not overlap and are in order."""
        found: list[Bounded] = []
        index, position = 0, floor
        items = self._with_shared_units(text, items)
        while index < len(items):
            bounded, used = self._one(text, items, index, position)
            index += used
            position = bounded.end
            found.append(bounded)
        return self._conjoined(text, found)

    def _with_shared_units(self, text: str, items: Sequence[Item]) -> list[Item]:
        """30万和45万元: a bare amount takes the unit of the amount it is coordinated with."""
        shared = list(items)
        for index in range(len(shared) - 2, -1, -1):
            left, right = shared[index], shared[index + 1]
            bare = left.unit is None and left.kind == "number" and left.scale >= 4 and right.scale >= 4
            if (
                bare
                and right.unit is not None
                and text[left.end : right.start] in ("和", "与", "、", "及", "或")
            ):
                shared[index] = _in_unit_of(left, right)
        return shared

    def _one(self, text: str, items: Sequence[Item], index: int, floor: int) -> tuple[Bounded, int]:
        """The expression that begins with this item, and how many items it takes."""
        item = items[index]
        if index + 1 < len(items):
            joined = self._range(text, item, items[index + 1], floor)
            if joined is not None:
                ceiling = items[index + 2].start if index + 2 < len(items) else len(text)
                return self._around(text, joined, ceiling), 2
        ceiling = items[index + 1].start if index + 1 < len(items) else len(text)
        return self._compared(text, self._supply(text, item), floor, ceiling), 1

    # --- ranges ---------------------------------------------------------------------------------------------

    def _range(self, text: str, first: Item, second: Item, floor: int) -> Bounded | None:
        """Two items with 到, 至 or a dash between them, or with 和 between them and 之间 after them."""
        link = _LINK.match(text, first.end)
        between = None
        if link is None or link.end() != second.start:
            link = _AND_LINK.match(text, first.end)
            if second.unit is not None and second.unit.unit == "间" and first.unit is None:
                second = replace(second, unit=None, unit_text=None, kind="number", end=second.end - 1)
            between = _BETWEEN.match(text, second.end)
            if link is None or between is None or link.end() not in (second.start, second.start + 1):
                return None
        second = _as_rank(first, second)
        ends = _ends(first, second)
        if ends is None:
            return None
        opening = _FROM.search(text, max(floor, first.start - 2), first.start)
        between = between or _BETWEEN.match(text, second.end)
        exclusive = between is not None and first.kind != "ordinal"
        start = opening.start() if opening and (between or opening[0] in "从由自") else first.start
        low, high = ends
        if second.unit is None and first.unit is not None:
            second = replace(second, kind=first.kind, unit=first.unit, unit_text=first.unit_text)
        item = replace(second, start=first.start, number_start=first.number_start, number_end=first.number_end,
                       number_value=first.number_value, value=low, more=False)  # fmt: skip
        return Bounded(
            item, start, between.end() if between else second.end, low, high,
            high_inclusive=not exclusive, two_ended=True, rule="range",
        )  # fmt: skip

    def _around(self, text: str, bounded: Bounded, ceiling: int) -> Bounded:
        """A range with 约 before it or 左右 after it is approximate; other comparators keep their distance."""
        left = self._left_of(text, bounded.start, 0, bounded.item)
        right = self._right_of(text, bounded.end, ceiling, bounded.item)
        if left is not None and left[0].sign in ("approx", "le"):
            bounded = replace(
                bounded, start=left[1], approximate=bounded.approximate or left[0].sign == "approx"
            )
        if right is not None and right[0].sign in ("approx", "le"):
            bounded = replace(
                bounded, end=right[1], approximate=bounded.approximate or right[0].sign == "approx"
            )
        return bounded

    # --- comparators ----------------------------------------------------------------------------------------

    def _compared(self, text: str, bounded: Bounded, floor: int, ceiling: int) -> Bounded:
        item = bounded.item
        left = self._left_of(text, item.start, floor, item)
        right = self._right_of(text, bounded.end, ceiling, item)
        than = self._than(text, item, floor)
        if than is not None:
            return than
        for found in (right, left):  # the word before the number decides last
            if found is not None:
                line, edge = found
                widened = replace(bounded, end=edge) if line.side == "right" else replace(bounded, start=edge)
                bounded = _with_sign(widened, line.sign)
        return bounded

    def _left_of(self, text: str, start: int, floor: int, item: Item) -> tuple[ComparatorLine, int] | None:
        floor = max(floor, start - _REACH)
        found = self._left_pattern.search(text, floor, start)
        while found is not None:
            word = found[0].rstrip(" ")
            line = self._left.get(word) or self._left.get(_FILLER.sub("", word))
            if line is not None and _allowed(line, text, found.start(), item):
                return line, found.start()
            found = self._left_pattern.search(text, found.start() + 1, start)
        return None

    def _right_of(self, text: str, end: int, ceiling: int, item: Item) -> tuple[ComparatorLine, int] | None:
        found = self._right_pattern.match(text, end, ceiling)
        if found is None:
            return None
        line = self._right[found[0]]
        if line.not_before and text.startswith(line.not_before, found.end()):
            return None
        if line.only == "measure" and (item.kind != "quantity" or item.unit is None or not item.unit.si):
            return None
        if line.only == "money" and item.kind != "money":
            return None
        if line.text in ("多", "余") and item.unit is None:
            return None
        return line, found.end()

    def _than(self, text: str, item: Item, floor: int) -> Bounded | None:
        """比三十大, 比5%低: the bound stands between 比 and the adjective."""
        before = _THAN.search(text, max(floor, item.start - 1), item.start)
        after = _MORE_THAN.match(text, item.end) if before else None
        if before is None or after is None:
            return None
        span = Bounded(item, before.start(), after.end(), item.value, item.value, rule="than")
        return _with_sign(span, "gt" if after[1] else "lt")

    def _supply(self, text: str, item: Item) -> Bounded:
        """The item with its own bounds; a bare 亿 amount before 级 or 台阶 is money."""
        end, sign, rule = item.end, None, item.kind
        found = self._supplied_pattern.match(text, item.end) if item.shape == "scale" else None
        if found is not None and _may_be_supplied(item, found[0]):
            sign, rule = self._supplied[found[0]].sign, "supplied"
            end = found.end() if found[0] == "级" else item.end
            if item.unit is None:
                item = replace(item, kind="money", unit=_YUAN, unit_text="元")
        elif (
            item.shape == "scale"
            and item.unit is not None
            and item.unit.kind != "money"
            and item.unit.si is not None
            and _is_class(text, item.end)
        ):
            sign, rule = "ge", "class"
        if item.shape == "digit" and item.number_value == 1 and item.kind == "quantity":
            rule = "one"
        bounded = Bounded(item, item.start, end, item.value, item.value, rule=rule)
        if item.low is not None and item.high is not None:
            return replace(bounded, low=item.low, high=item.high, high_inclusive=item.shape != "vague",
                           approximate=True, two_ended=item.shape != "vague", rule="span")  # fmt: skip
        if item.more:
            return _with_sign(replace(bounded, rule="more"), "gt")
        sign = sign or item.sign
        return _with_sign(bounded, sign) if sign else bounded

    def _conjoined(self, text: str, found: list[Bounded]) -> list[Bounded]:
        """大于100并且小于300: two half-open bounds on one thing are one range."""
        joined: list[Bounded] = []
        for bounded in found:
            if joined:
                both = _both(text, joined[-1], bounded)
                if both is not None:
                    joined[-1] = both
                    continue
            joined.append(bounded)
        return joined


def _with_modals(left: Mapping[str, ComparatorLine]) -> dict[str, ComparatorLine]:
    """不得低于, 不应超过: a modal between the denial and what is denied changes no bound."""
    return {
        f"不{modal}{text[1:]}": line
        for text, line in left.items()
        if text[0] == "不" and text[1:] in left
        for modal in _MODALS
    }


_YUAN = UnitLine("元", "money", "711亿元", code="CNY")
_CLASS_WORD = re.compile(r"[\u4e00-\u9fff]")


def _may_be_supplied(item: Item, word: str) -> bool:
    """百亿级, 百亿元企业, 万吨级; the 百家 of 百家企业 counts on its own."""
    if item.unit is None:
        return item.number_value >= 100_000_000
    return word == "级" or item.unit.kind == "money"


def _is_class(text: str, end: int) -> bool:
    """亿吨大港: an amount without a digit right before a noun names a class, of that size and more."""
    return _CLASS_WORD.match(text, end) is not None and not text.startswith(
        ("的", "以", "大关", "台阶", "左右", "，", "和", "、", "上下", "之"), end
    )


def _allowed(line: ComparatorLine, text: str, start: int, item: Item) -> bool:
    if line.not_after and text.endswith(line.not_after, 0, start):
        return False
    if line.only == "scale":
        return item.shape == "scale"
    if line.only == "large":
        return (
            item.scale >= 3
            or item.shape == "scale"
            or item.kind == "percent"
            or text[start - 1 : start] in tuple(_SHARE_WORDS)
        )
    return True


def _with_sign(bounded: Bounded, sign: str) -> Bounded:
    value = bounded.item.value
    match sign:
        case "gt" | "ge":
            return replace(
                bounded, low=value, high=None, low_inclusive=sign == "ge", rule=_named(bounded, sign)
            )
        case "lt" | "le":
            return replace(
                bounded, low=None, high=value, high_inclusive=sign == "le", rule=_named(bounded, sign)
            )
        case "approx":
            return replace(bounded, approximate=True, rule=_named(bounded, sign))
    return bounded


def _named(bounded: Bounded, sign: str) -> str:
    return bounded.rule if bounded.rule in ("supplied", "class", "than") else sign


def _in_unit_of(left: Item, right: Item) -> Item:
    assert right.unit is not None
    value = left.value
    return replace(left, kind=right.kind, unit=right.unit, unit_text=right.unit_text, value=value)


def _as_rank(first: Item, second: Item) -> Item:
    """第3-5名: the end of a range of ranks is a rank."""
    if (
        first.kind != "ordinal"
        or second.kind not in ("number", "quantity")
        or second.unit_text not in (None, "名", "位")
    ):
        return second
    return replace(second, kind="ordinal", unit=None, unit_text=None, end=second.number_end)


def _ends(first: Item, second: Item) -> tuple[Decimal, Decimal] | None:
    """The two values of a range in the unit of its end, or None when they make none."""
    if first.kind == "ordinal" or second.kind == "ordinal":
        return (first.value, second.value) if first.kind == "ordinal" and first.value < second.value else None
    low = first.value
    if first.unit is None:
        low = _in_scale_of(low, first, second)
        if second.unit is not None and second.kind == "percent" and second.unit.unit in ("成", "折"):
            low = plain(low * Decimal(second.unit.factor)) if low < 10 else low
    elif second.unit is None:
        spoken = first.kind == "percent" and first.number_start > first.start and second.scale < 3
        return (low, second.value) if spoken and low < second.value <= 100 else None
    elif not _same_unit(first, second):
        return None
    elif first.unit.si and second.unit.si and first.unit.unit != second.unit.unit:
        here = converted(low, first.unit)
        one = converted(Decimal(1), second.unit)
        assert here is not None and one is not None
        low = plain(here / one)
    return (low, second.value) if low < second.value else None


def _in_scale_of(low: Decimal, first: Item, second: Item) -> Decimal:
    """3至5万 and 十到二十万 share the multiplier of the end, as far as the first stays below the second."""
    whole = (second.scale,) if not first.scale else ()
    for shared in (*whole, second.scale - second.scale % 4):
        if shared and first.scale < 4 and 0 <= low < shifted(second.number_value, -shared):
            return plain(shifted(low, shared))
    return low


def _same_unit(first: Item, second: Item) -> bool:
    if first.kind != second.kind or first.unit is None or second.unit is None:
        return False
    if first.kind == "money":
        return first.unit.code == second.unit.code
    return first.unit_text == second.unit_text or (
        first.unit.si is not None and first.unit.si == second.unit.si
    )


def _both(text: str, left: Bounded, right: Bounded) -> Bounded | None:
    link = _BOTH.match(text, left.end)
    if link is None or link.end() != right.start or left.two_ended or right.two_ended:
        return None
    lower, upper = (left, right) if left.low is not None and left.high is None else (right, left)
    if lower.low is None or lower.high is not None or upper.high is None or upper.low is not None:
        return None
    if lower.low > upper.high or (left.item.unit is None) != (right.item.unit is None):
        return None
    if left.item.unit is not None and not _same_unit(left.item, right.item):
        return None
    return replace(
        right, start=left.start, low=lower.low, low_inclusive=lower.low_inclusive, high=upper.high,
        high_inclusive=upper.high_inclusive, two_ended=True, rule="range",
        item=replace(right.item, start=left.item.start),
    )  # fmt: skip


def as_expression(bounded: Bounded) -> Expression:
    """The contract's record of a bounded item."""
    item = bounded.item
    compared = bounded.two_ended or bounded.low != bounded.high or bounded.approximate
    bare = item.kind == "number" or (item.kind == "ordinal" and bounded.two_ended)
    kind = "range" if bare and compared and bounded.rule != "supplied" else item.kind
    value = None if bounded.two_ended else item.value
    unit = item.unit
    si = unit.si if unit is not None and item.kind == "quantity" else None
    return Expression(
        bounded.start, bounded.end, kind, item.start, item.end, value, bounded.low, bounded.high,
        bounded.low_inclusive, bounded.high_inclusive, bounded.approximate,
        Numeral(item.number_start, item.number_end, item.number_value), item.unit_text,
        unit_si=si, value_si=converted(value, unit) if si and unit else None,
        low_si=converted(bounded.low, unit) if si and unit else None,
        high_si=converted(bounded.high, unit) if si and unit else None,
        currency=unit.code if unit is not None and item.kind == "money" else None,
        rule=bounded.rule,
    )  # fmt: skip

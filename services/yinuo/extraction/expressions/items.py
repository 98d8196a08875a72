"""A number with its unit, before comparators and ranges: 711亿元, 三成半, 百分之五, 3斤5两, 第三, 2×35万千瓦.

For: everything between the sign and the unit. Not for: words of comparison (ranges.py), times (times.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from yinuo.extraction.expressions.data import UnitLine
from yinuo.extraction.expressions.decimals import HALF, ONE, minus, over, plain, plus, shifted, times
from yinuo.extraction.expressions.numerals import Number, Numerals
from yinuo.extraction.expressions.units import UnitAt, Units, converted, is_boundary

_HUNDRED = Decimal(100)
_MINUS = re.compile(
    r"(?:(?<![\dA-Za-z)）%\u3400-\u9fff\-–—−~～])[-－−–] ?|(?<=[\u3400-\u9fff])[-－−]|(?<![担肩抱背胜自辜欺])[负負]|零下)\Z"
)
_RIGHT_AFTER_HALF = "以的左右多到至"
_HALF = re.compile(rf"半(?=$|[^\u3400-\u9fff]|[{_RIGHT_AFTER_HALF}])")
_TAIL = re.compile(rf"(零)?([一二三四五六七八九])(?=$|[^\u3400-\u9fff]|[{_RIGHT_AFTER_HALF}])")
_MORE = re.compile(r"[多余](?!元化|样|边)|来(?=[个名家户位人项条座次件台辆套亩吨元公米头只万亿分天年])")
_LATIN_POWER = re.compile(r" ?([KkMGT])(?![A-Za-z0-9])")
_POWERS = {"K": 3, "k": 3, "M": 6, "G": 9, "T": 12}
_CROSS = re.compile(r" ?[×xX✕*] ?(?=\d)")
_SLASHED = re.compile(r"(\d{1,4})/(\d{1,4})(?![\d/]|\.\d)")
_MIXED = re.compile(r" (\d{1,3})/(\d{1,3})(?![\d/])")
_LATIN_UNIT_SPACE = re.compile(r" (?=[A-Za-z%‰℃°㎡\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class Item:
    """A number and unit at `[start, end)`; the numeral at `[number_start, number_end)`.

    value is signed and in the unit (percent: 三成 is 30; money: in main units). low, high: bounds that the numeral
    names itself. more: a little more than the value. sign: where the word holds its own comparator. shape: of the numeral, `digit` and `scale` are weak.
    """

    start: int
    end: int
    number_start: int
    number_end: int
    kind: str
    value: Decimal
    number_value: Decimal
    shape: str
    scale: int = 0
    unit: UnitLine | None = None
    unit_text: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    more: bool = False
    sign: str | None = None


class Items:
    """Reads items off a text with one set of numerals and units."""

    def __init__(self, numerals: Numerals, units: Units) -> None:
        """Take the two tables; nothing else decides here."""
        self.numerals, self.units = numerals, units

    def at(self, text: str, number: Number, floor: int) -> Item | None:
        """The item around a numeral; `floor` is where the one before ended. None when it is part of a name."""
        if number.shape == "arabic" and not self._stands_free(text, number, floor):
            return None
        if text[number.start - 1 : number.start] == "第" and number.start > floor:
            return self._ordinal(text, number)
        item = self._fraction(text, number) or self._measured(text, self._product(text, number), floor)
        return item and self._signed(text, item, floor)

    def _stands_free(self, text: str, number: Number, floor: int) -> bool:
        """Not C919,歼-20, 5G or a phone number."""
        before = text[number.start - 1 : number.start] if number.start else ""
        if before.isascii() and before.isalpha() and number.start > floor:
            return self.units.prefix_before(text, number.start, floor) is not None
        if before and before in "_/\\@#&=.":
            return before in "/=" and number.start - 1 >= floor and before != "/"
        return number.end - number.start < 16

    def _ordinal(self, text: str, number: Number) -> Item | None:
        if number.shape in ("vague", "span", "scale") or number.value != int(number.value):
            return None
        if number.value == 1 and number.shape == "digit" and not self._is_rank(text, number.end):
            return None
        return Item(
            number.start - 1,
            number.end,
            number.start,
            number.end,
            "ordinal",
            number.value,
            number.value,
            number.shape,
        )

    def _is_rank(self, text: str, end: int) -> bool:
        """第一 before a noun only praises (第一动力); before a classifier, particle or punctuation it counts."""
        following = text[end : end + 1]
        return (
            is_boundary(text, end)
            or following
            in "的和与及、至到大位名阶梯年季个次批届期条轮项组场座只台部章节款步类种天周编卷回之以，后，在了"
            or self.units.at(text, end) is not None
        )

    def _fraction(self, text: str, number: Number) -> Item | None:
        """三分之一, 百分之五, 3又4分之1, 1/2, 1 4/3."""
        if text.startswith("分之", number.end):
            return self._spoken_fraction(text, number, number.start)
        if text[number.end : number.end + 1] == "又":
            lower = self.numerals.at(text, number.end + 1)
            if lower is not None and text.startswith("分之", lower.end):
                part = self._spoken_fraction(text, lower, number.start)
                if part is not None and part.kind == "number":
                    whole = plain(plus(number.value, part.value))
                    return replace(part, value=whole, number_value=whole)
        return self._slashed(text, number) if number.shape == "arabic" else None

    def _spoken_fraction(self, text: str, lower: Number, start: int) -> Item | None:
        sign = text[lower.end + 2 : lower.end + 3] in "负負-" and lower.end + 2 < len(text)
        upper = self.numerals.at(text, lower.end + 2 + sign)
        if upper is None or not lower.value:
            return None
        value = minus(upper.value) if sign else upper.value
        if lower.shape == "scale":
            share = plain(over(times(value, _HUNDRED), lower.value))
            low, high = (
                bound and plain(over(times(bound, _HUNDRED), lower.value))
                for bound in (upper.low, upper.high)
            )
            return Item(
                start, upper.end, upper.start, upper.end, "percent", share, value, "composed",
                unit=_PERCENT, unit_text="%", low=low, high=high, more=upper.more,
            )  # fmt: skip
        share = plain(over(value, lower.value))
        return Item(start, upper.end, start, upper.end, "number", share, share, "composed")

    def _slashed(self, text: str, number: Number) -> Item | None:
        mixed = _MIXED.match(text, number.end)
        found = mixed or _SLASHED.match(text, number.start)
        if found is None or not int(found[2]) or text[number.start - 1 : number.start] == "/":
            return None
        share = over(Decimal(found[1]), Decimal(found[2]))
        value = plain(plus(number.value, share) if mixed else share)
        return Item(number.start, found.end(), number.start, found.end(), "number", value, value, "composed")

    def _product(self, text: str, number: Number) -> Number:
        """2×35万 as one number, when a unit follows the last factor."""
        cross = _CROSS.match(text, number.end) if number.shape == "arabic" else None
        if cross is None:
            return number
        factor = self.numerals.at(text, cross.end())
        if factor is None or self.units.at(text, factor.end) is None:
            return number
        value = plain(times(number.value, factor.value))
        return Number(number.start, factor.end, value, "arabic", factor.scale)

    def _measured(self, text: str, number: Number, floor: int) -> Item | None:
        """The number with what measures it: unit, tail, smaller units; without one it stays a bare number."""
        marker = _MORE.match(text, number.end) if _may_be_more(number) else None
        end = marker.end() if marker else number.end
        more = number.more or marker is not None
        unit = self._unit_after(text, number, end)
        prefix = self.units.prefix_before(text, number.start, floor)
        if unit is None and prefix is None:
            return self._bare(text, number, end if marker else number.end, more)
        if unit is None or (prefix is not None and unit.line.kind not in ("money", "percent")):
            assert prefix is not None
            return self._money(number, prefix.start, end, prefix, more)
        if unit.line.kind == "money":
            return self._coins(text, number, prefix.start if prefix else number.start, unit, more)
        return self._quantity(text, number, unit, more)

    def _unit_after(self, text: str, number: Number, end: int) -> UnitAt | None:
        unit = self.units.at(text, end)
        if unit is None and (space := _LATIN_UNIT_SPACE.match(text, end)):
            unit = self.units.at(text, space.end())
        if unit is None or not self._fits(text, number, unit):
            return None
        return unit

    def _fits(self, text: str, number: Number, unit: UnitAt) -> bool:
        """Whether the numeral can count this unit: 一批, 二十大 and the firm 三元 cannot."""
        line = unit.line
        if number.shape == "digits" and unit.text not in ("折", "%"):
            return False
        if not line.one and number.shape == "digit" and number.value == 1:
            return False
        if unit.text == "大" and number.shape == "composed" and number.value > 10:
            return False
        if line.lone and number.shape == "digit":
            return _speaks_of_money(text, number.start, unit.end)
        return not (
            number.shape == "scale"
            and unit.text in ("元", "里", "分", "个", "大")
            and not _amount(text, number, unit)
        )

    def _bare(self, text: str, number: Number, end: int, more: bool) -> Item | None:
        power = _LATIN_POWER.match(text, number.end) if number.shape == "arabic" else None
        if power and ("." in text[number.start : number.end] or number.value >= 10 or power[1] == "M"):
            value = plain(shifted(number.value, _POWERS[power[1]]))
            return _plain_item(number, power.end(), value, power.end(), more=False)
        following = text[number.end : number.end + 1]
        if number.shape == "arabic" and following.isascii() and following.isalpha():
            return None
        low, high = number.low, number.high
        return replace(_plain_item(number, end, number.value, number.end, more=more), low=low, high=high)

    def _money(self, number: Number, start: int, end: int, sign: UnitAt, more: bool) -> Item:
        item = _plain_item(number, end, number.value, number.end, more=more)
        return replace(
            item,
            start=start,
            kind="money",
            unit=sign.line,
            unit_text=sign.text,
            low=number.low,
            high=number.high,
        )

    def _coins(self, text: str, number: Number, start: int, unit: UnitAt, more: bool) -> Item:
        """三块四分, 五块七毛八, 两美元又三美分: all coins of one currency as one amount in its main unit."""
        value = converted(number.value, unit.line)
        assert value is not None
        value, end = self._smaller(text, value, unit)
        suffix = self.units.prefix_before(text, end, unit.end) if end == unit.end else None
        item = _plain_item(number, suffix.end if suffix else end, value, number.end, more=more)
        return replace(
            item, start=start, kind="money", unit=unit.line, unit_text=unit.text,
            low=converted(number.low, unit.line), high=converted(number.high, unit.line),
        )  # fmt: skip

    def _quantity(self, text: str, number: Number, unit: UnitAt, more: bool) -> Item:
        line = unit.line
        kind = "percent" if line.kind == "percent" else "quantity"
        value = number.value
        if kind == "percent":
            value = _share(number, line)
        value, end = self._smaller(text, value, unit) if line.si or line.tail else (value, unit.end)
        half = _HALF.match(text, end)
        if half:
            step = converted(HALF, line) if kind == "percent" else HALF
            value, end = plus(value, step or HALF), half.end()
        unit_text = (
            "%" if unit.text in ("成", "折", "‰") else "个百分点" if unit.text == "百分点" else unit.text
        )
        item = _plain_item(number, end, plain(value), number.end, more=more)
        low, high = (
            bound and (_scaled_share(bound, line) if kind == "percent" else bound)
            for bound in (number.low, number.high)
        )
        return replace(item, kind=kind, unit=line, unit_text=unit_text, low=low, high=high)

    def _smaller(self, text: str, value: Decimal, unit: UnitAt) -> tuple[Decimal, int]:
        """Add what smaller units of the same kind or a digit without unit say after the first one."""
        end, last = unit.end, unit.line
        for _ in range(3):
            joint = end + 1 if text[end : end + 1] in ("又", "零") else end
            part = (
                self.numerals.at(text, joint)
                if text[joint : joint + 1] in self.numerals.characters or text[joint : joint + 1].isdigit()
                else None
            )
            below = part and self.units.at(text, part.end, sub=True)
            if not part or not below or part.shape == "scale" or not _is_smaller(below.line, unit.line, last):
                break
            value, end, last = (
                plus(value, _in_units_of(part.value, below.line, unit.line)),
                below.end,
                below.line,
            )
        tail = _TAIL.match(text, end) if last.tail else None
        if tail:
            tenths = shifted(Decimal("零一二三四五六七八九".index(tail[2])), -2 if tail[1] else -1)
            step = (
                _scaled_share(tenths, last)
                if last.kind == "percent"
                else _in_units_of(tenths, last, unit.line)
            )
            value, end = plus(value, step), tail.end()
        return plain(value), end

    def _signed(self, text: str, item: Item, floor: int) -> Item | None:
        """With its minus sign; a hyphen after a Chinese character is one only before a share or measure."""
        found = _MINUS.search(text, max(floor, item.start - 3), item.start)
        if found is None:
            return item
        hyphen = text[found.start()] in "-－−–"
        after_word = hyphen and found.start() > 0 and not is_boundary(text, found.start() - 1)
        if after_word and item.unit is None:
            return None
        if after_word and item.kind != "percent" and text[found.start() - 1] not in "长降为是到达至零约":
            return item
        if text[found.start()] == "零" and item.unit_text not in ("摄氏度", "℃", "度", "°C", "华氏度"):
            return item
        return replace(
            item, start=found.start(), value=minus(item.value),
            number_start=found.start() if item.start == item.number_start else item.number_start,
            number_value=minus(item.number_value), low=None, high=None,
        )  # fmt: skip


_PERCENT = UnitLine("%", "percent", "5%", code="%")


def _plain_item(number: Number, end: int, value: Decimal, number_end: int, *, more: bool) -> Item:
    number_value = value if number_end == end and not more else number.value
    return Item(
        number.start,
        end,
        number.start,
        number_end,
        "number",
        value,
        number_value,
        number.shape,
        number.scale,
        more=more,
    )


def _may_be_more(number: Number) -> bool:
    """余 and 多 follow a round number: 860余, 十多, never 3多."""
    if number.more or number.shape in ("digit", "digits"):
        return False
    return number.value >= 10 and (
        number.shape != "arabic" or number.value == int(number.value) or number.scale > 0
    )


def _share(number: Number, line: UnitLine) -> Decimal:
    """七五折 and 72折 are 75 % and 72 %, 五折 is 50 %, 三成 is 30 %, 3‰ is 0.3 %."""
    if line.unit == "折" and number.value >= 10:
        return number.value
    return _scaled_share(number.value, line)


def _scaled_share(value: Decimal, line: UnitLine) -> Decimal:
    return plain(times(value, Decimal(line.factor)))


def _is_smaller(below: UnitLine, first: UnitLine, last: UnitLine) -> bool:
    if below.kind != first.kind or (
        below.code != first.code if first.kind == "money" else not first.si or below.si != first.si
    ):
        return False
    return _ratio(below) < _ratio(last)


def _ratio(line: UnitLine) -> Decimal:
    value = converted(ONE, line)
    assert value is not None
    return value


def _in_units_of(value: Decimal, line: UnitLine, main: UnitLine) -> Decimal:
    """A value of `line` expressed in `main`; money is in main units already."""
    amount = converted(value, line)
    assert amount is not None
    return amount if main.kind == "money" else over(amount, _ratio(main))


_MONEY_BEFORE = frozenset("价费每花要收付约近超过为是达到至涨降加减补奖罚省赚卖买给仅只")


def _speaks_of_money(text: str, start: int, end: int) -> bool:
    """Whether the neighbours of 三元 or 五里 make it an amount and not a name."""
    if start == 0 or is_boundary(text, start - 1):
        return text[end : end + 1] != "、"
    return text[start - 1] in _MONEY_BEFORE


def _amount(text: str, number: Number, unit: UnitAt) -> bool:
    """Whether 亿元 without a digit is an amount (过亿元, 百亿元) and not the heading of a table (单位：亿元)."""
    if unit.text != "元":
        return (
            unit.text == "个"
            and number.value >= 100
            and number.start > 0
            and text[number.start - 1] in "上近过超数成"
        )
    before = text[max(0, number.start - 3) : number.start]
    if before.endswith(("（", "(")) or "单位" in before or "计：" in before:
        return False
    if number.value > 10000:
        return True
    return before.endswith(("过", "超", "上", "近", "达", "破")) or text.startswith(
        ("以上", "级", "户", "大关"), unit.end
    )

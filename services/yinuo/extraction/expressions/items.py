"""A number with its unit: 711亿元, 三成半, 第三, 前十名, -3.2%, 2×35万千瓦, 300元/吨, 亿元.

For: everything between the sign and the unit. Not for: words of comparison (ranges.py), times (times.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from yinuo.extraction.expressions.compounds import Compounds, share_of
from yinuo.extraction.expressions.data import UnitLine
from yinuo.extraction.expressions.decimals import HALF, minus, plain, plus, times
from yinuo.extraction.expressions.fractions import Fractions
from yinuo.extraction.expressions.item import Item, item_of
from yinuo.extraction.expressions.numerals import Number, Numerals, with_latin_power
from yinuo.extraction.expressions.units import UnitAt, Units, converted, is_boundary

_MINUS = re.compile(
    r"(?:(?<![\dA-Za-z)）%\u3400-\u9fff\-–—−~～])(?<!\d )[-－−–] ?|(?<=[\u3400-\u9fff])[-－−]"
    r"|(?<![担肩抱背胜自辜欺])[负負]|零下)\Z"
)
_ABOVE_ZERO = "零上"
_TOLERANCE = "±"
_SCALE_BEFORE = re.compile(r"(?:摄氏|华氏)\Z")
_HALF = re.compile(r"半(?=$|[^\u3400-\u9fff]|[以的左右多到至])")
_MORE = re.compile(r"[多余](?!元化|样|边)|来(?![自到源看说信访])|(?<=[百千万])把(?=[人块个斤米里元])")
_ABOUT = frozenset("来把")
_LATIN_RANK = re.compile(r"(?<![A-Za-z])(?:(TOP|Top|top)|N[oO]\.?) ?\Z")
_CROSS = re.compile(r" ?[×xX✕*] ?(?=\d)")
_SPACE_BEFORE_UNIT = re.compile(r" (?=[A-Za-z%‰℃°㎡\u3400-\u9fff])")
_FRONT = re.compile(r"(?<![目之以提此当空史会事从眼面跟支午日年月底夜往])前\Z")
_AFTER_FRONT = re.compile(r"[名位强](?!单|字|于|置)|(?=的|列|$|[^\u3400-\u9fff\dA-Za-z])")
_AFTER_FIRST = frozenset(
    "的和与及、至到大位名阶梯年季个次批届期条轮项组场座只台部章节款步类种天周编卷回之以，后，在了"
)
_MONEY_BEFORE = frozenset("价费每花要收付约近超过为是达到至涨降加减补奖罚省赚卖买给仅只")
_COUNTING = frozenset("建设立增办共仅只招引取获签成创达于少过超近约足每另满加减造备置计")
_AFTER_COIN = tuple("以左钱的每起至到和与多零一二三四五六七八九")
_WEAK_AFTER_SCALE = frozenset({"元", "里", "分", "个", "大"})
_LONGEST_ARABIC = 15
_HYPHENS = "-－−–"


class Items:
    """Reads items off a text with one set of numerals and units."""

    def __init__(self, numerals: Numerals, units: Units) -> None:
        """Take the two tables; nothing else decides here."""
        self.numerals, self.units = numerals, units
        self._fractions = Fractions(numerals)
        self._compounds = Compounds(numerals, units)
        self._scales = {name: units.at(name + "度", 0) for name in ("摄氏", "华氏")}

    def at(self, text: str, number: Number, floor: int) -> Item | None:
        """The item around a numeral; `floor` is where the one before ended. None when it is part of a name."""
        rank = _latin_rank(text, number, floor)
        if rank is not None:
            return rank
        if number.shape == "arabic" and not self._stands_free(text, number, floor):
            return None
        if text[number.start - 1 : number.start] == "第" and number.start > floor:
            return self._ordinal(text, number, floor)
        number = self._with_latin_power(text, number)
        item = (
            self._among_first(text, number, floor)
            or self._fractions.at(text, number)
            or self._measured(text, self._product(text, number), floor)
        )
        if item is not None and item.more and _ABOUT & set(text[number.start : number.end + 1]):
            item = replace(item, more=False, sign="approx")  # 二十来个, 百把人: a few more or fewer
        return item and self._on_scale(text, self._signed(text, item, floor), floor)

    def _stands_free(self, text: str, number: Number, floor: int) -> bool:
        """Not C919, /2023 or a serial number."""
        before = text[number.start - 1] if number.start > floor else ""
        if before.isascii() and before.isalpha():
            return self.units.prefix_before(text, number.start, floor) is not None
        if before and before in "_/\\@#&.":
            return False
        return number.end - number.start <= _LONGEST_ARABIC

    # --- ranks ----------------------------------------------------------------------------------------------

    def _ordinal(self, text: str, number: Number, floor: int) -> Item | None:
        if number.shape in ("vague", "span", "scale") or number.value != int(number.value):
            return None
        if number.value == 1 and number.shape == "digit" and not self._is_rank(text, number.end):
            return None
        item = replace(item_of(number, number.end), start=number.start - 1, kind="ordinal")
        if text.endswith("倒数", max(floor, item.start - 2), item.start):
            return replace(item, start=item.start - 2, value=minus(item.value))
        return item

    def _is_rank(self, text: str, end: int) -> bool:
        """第一 before a noun only praises (第一动力); before a classifier, particle or punctuation it counts."""
        return is_boundary(text, end) or text[end] in _AFTER_FIRST or self.units.at(text, end) is not None

    def _among_first(self, text: str, number: Number, floor: int) -> Item | None:
        """前三, 前十名, 前100强: a rank of so many or better."""
        front = _FRONT.search(text, max(floor, number.start - 1), number.start)
        after = _AFTER_FRONT.match(text, number.end) if front else None
        bare = number.shape == "scale" and text[number.end : number.end + 1] not in ("名", "位")
        if front is None or after is None or number.shape == "vague" or bare or number.value > 1000:
            return None
        return replace(item_of(number, after.end()), start=front.start(), kind="ordinal", sign="le")

    # --- units ----------------------------------------------------------------------------------------------

    def _with_latin_power(self, text: str, number: Number) -> Number:
        """10K个百分点: the Latin multiplier counts before a share."""
        powered = with_latin_power(text, number)
        if powered is None:
            return number
        unit = self.units.at(text, powered.end)
        return powered if unit is not None and unit.line.kind == "percent" else number

    def _product(self, text: str, number: Number) -> Number:
        """2×35万 as one number, when a unit follows the last factor."""
        cross = _CROSS.match(text, number.end) if number.shape == "arabic" else None
        factor = self.numerals.at(text, cross.end()) if cross else None
        unit = self.units.at(text, factor.end) if factor else None
        if factor is None or unit is None or unit.line.si == "m":  # 5×10米 are two sides
            return number
        return Number(
            number.start, factor.end, plain(times(number.value, factor.value)), "arabic", factor.scale
        )

    def _measured(self, text: str, number: Number, floor: int) -> Item | None:
        """The number with what measures it: unit, tail, smaller units; without one it stays a bare number."""
        marker = _MORE.match(text, number.end) if _may_be_more(number) else None
        if marker and marker[0] != "把" and self.units.at(text, number.end) is not None:
            marker = None  # 300多米尼加比索
        elif marker and marker[0] in _ABOUT and self.units.at(text, marker.end()) is None:
            marker = None  # 三十来自
        end = marker.end() if marker else number.end
        more = number.more or marker is not None
        number = replace(number, more=more)
        unit = self._unit_after(text, number, end)
        prefix = self.units.prefix_before(text, number.start, floor)
        if prefix is not None and (unit is None or unit.line.kind not in ("money", "percent")):
            item = item_of(number, end, more=more)
            return replace(
                item, start=prefix.start, kind="money", unit=prefix.line, unit_text=_name_of(prefix)
            )
        if unit is None:
            return self._bare(text, number, end, more)
        if unit.line.kind == "money":
            if prefix is not None and unit.line.code == "CNY":
                unit = UnitAt(prefix.line, unit.start, unit.end, unit.text)  # 港币500万元
            return self._coins(text, number, prefix.start if prefix else number.start, unit, more)
        return self._quantity(text, number, unit, more)

    def _unit_after(self, text: str, number: Number, end: int) -> UnitAt | None:
        unit = self.units.at(text, end)
        if unit is None and (space := _SPACE_BEFORE_UNIT.match(text, end)):
            unit = self.units.at(text, space.end())
        return unit if unit is not None and self._fits(text, number, unit) else None

    def _fits(self, text: str, number: Number, unit: UnitAt) -> bool:
        """Whether the numeral can count this unit: 一批, 二十大 and the firm 三元 cannot."""
        line = unit.line
        if number.shape == "digits" or (number.shape == "pair" and unit.text in ("折", "%", "大")):
            return unit.text in ("折", "%") or _is_counted_string(number, text, line)
        if number.shape == "half":
            return line.kind == "measure" and line.si is not None
        if number.value == 1 and number.shape == "digit" and _is_repeated(text, number, unit):
            return False
        if (
            number.shape == "digit"
            and (line.kind in ("classifier", "money") or not line.one)
            and not _can_count(number, text, line)
        ):
            return False
        if unit.text == "大" and (_is_congress(number) or text[number.start - 1 : number.start] == "比"):
            return False
        if line.lone and number.shape == "digit":
            return _speaks_of_money(text, number.start, unit.end)
        return (
            number.shape != "scale"
            or number.more
            or unit.text not in _WEAK_AFTER_SCALE
            or _is_amount(text, number, unit)
        )

    def _bare(self, text: str, number: Number, end: int, more: bool) -> Item | None:
        if number.shape == "half":
            return None
        if number.shape != "arabic":
            congress = (
                text[end : end + 1] == "大"
                and text[number.start - 1 : number.start] != "比"
                and _is_congress(number)
            )
            return None if congress or text[end : end + 1] == "届" else item_of(number, end, more=more)
        powered = with_latin_power(text, number)
        if powered is not None and (
            "." in text[number.start : number.end] or number.value >= 10 or text[powered.end - 1] == "M"
        ):
            return item_of(powered, powered.end)
        following = text[number.end : number.end + 1]
        if following.isascii() and following.isalpha():
            return None
        return item_of(number, end, more=more)

    def _coins(self, text: str, number: Number, start: int, unit: UnitAt, more: bool) -> Item:
        """All coins of one currency as one amount in its main unit."""
        value = converted(number.value, unit.line)
        assert value is not None
        value, end = self._compounds.after(text, value, unit)
        name = unit.text.replace(unit.line.unit, "元") if unit.line.code == "CNY" else unit.text
        return replace(
            item_of(number, end, more=more), start=start, kind="money", value=value,
            unit=unit.line, unit_text=name, low=converted(number.low, unit.line), high=converted(number.high, unit.line),
        )  # fmt: skip

    def _quantity(self, text: str, number: Number, unit: UnitAt, more: bool) -> Item:
        """A share, measure or count."""
        if unit.line.kind == "percent":
            return self._share(text, number, unit, more)
        value, end = number.value, unit.end
        if unit.line.si or unit.line.tail:
            value, end = self._compounds.after(text, value, unit)
        half = _HALF.match(text, end)
        if half:
            value, end = plain(plus(value, HALF)), half.end()
        item = item_of(number, end, more=more)
        return replace(item, kind="quantity", value=value, unit=unit.line, unit_text=unit.text)

    def _share(self, text: str, number: Number, unit: UnitAt, more: bool) -> Item:
        """七五折 and 72折 are 75 % and 72 %, 五折 is 50 %, 三成半 is 35 %, 3‰ is 0.3 %."""
        line = unit.line
        value = number.value if line.unit == "折" and number.value >= 10 else share_of(number.value, line)
        value, end = self._compounds.after(text, value, unit)
        half = _HALF.match(text, end)
        if half:
            value, end = plain(plus(value, share_of(HALF, line))), half.end()
        low, high = (bound and share_of(bound, line) for bound in (number.low, number.high))
        name = "个百分点" if line.code == "[pp]" else "%"
        item = item_of(number, end, more=more)
        return replace(item, kind="percent", value=value, unit=line, unit_text=name, low=low, high=high)

    # --- sign -----------------------------------------------------------------------------------------------

    def _signed(self, text: str, item: Item, floor: int) -> Item | None:
        """With its minus sign; a hyphen after a Chinese character is one only before a share or measure."""
        found = _MINUS.search(text, max(floor, item.start - 3), item.start)
        if found is None:
            plus_sign = next(
                (sign for sign in (_TOLERANCE, _ABOVE_ZERO) if text.endswith(sign, floor, item.start)), ""
            )
            return replace(item, start=item.start - len(plus_sign)) if plus_sign else item
        at = found.start()
        after_word = text[at] in _HYPHENS and at > 0 and not is_boundary(text, at - 1)
        if after_word and item.unit is None:
            return None  # 歼-20
        if after_word and item.kind != "percent" and text[at - 1] not in "长降为是到达至零约的由":
            return item
        number_start = at if item.start == item.number_start else item.number_start
        return replace(
            item, start=at, value=minus(item.value), number_start=number_start,
            number_value=minus(item.number_value), low=None, high=None,
        )  # fmt: skip

    def _on_scale(self, text: str, item: Item | None, floor: int) -> Item | None:
        """摄氏37度: the scale may stand before the number."""
        if item is None or item.unit_text != "度":
            return item
        found = _SCALE_BEFORE.search(text, max(floor, item.start - 2), item.start)
        scale = self._scales[found[0]] if found else None
        if found is None or scale is None:
            return item
        return replace(item, start=found.start(), unit=scale.line, unit_text=scale.text)


def _name_of(prefix: UnitAt) -> str:
    return "元" if prefix.line.code == "CNY" else prefix.text


def _latin_rank(text: str, number: Number, floor: int) -> Item | None:
    """TOP10 is the first ten, No.1 the first."""
    found = _LATIN_RANK.search(text, max(floor, number.start - 4), number.start)
    digits = text[number.start : number.end].removeprefix(".")
    if found is None or not digits.isascii() or not digits.isdigit() or not 0 < int(digits) <= 1000:
        return None
    value = Decimal(digits)
    item = replace(item_of(number, number.end), value=value, number_value=value)
    return replace(item, start=found.start(), kind="ordinal", sign="le" if found[1] else None)


def _is_repeated(text: str, number: Number, unit: UnitAt) -> bool:
    """一条条, 一个又一个, 一点一点: the repeated classifier means one after another and counts none."""
    again = (unit.text, "一" + unit.text, "又一" + unit.text)
    before = ("一" + unit.text, "一" + unit.text + "又")
    return text.startswith(again, unit.end) or text.endswith(before, 0, number.start)


def _is_counted_string(number: Number, text: str, line: UnitLine) -> bool:
    """二〇五家: a string of digits counts when its zero shows that it is no list; 七〇五所 is a name."""
    zero = number.shape == "digits" and any(mark in text[number.start : number.end] for mark in "〇零○")
    return zero and line.kind in ("classifier", "measure") and line.unit not in ("大", "所")


def _may_be_more(number: Number) -> bool:
    """余 and 多 follow a round number: 860余, 十多, never 3多."""
    if number.more or number.shape in ("digit", "digits") or number.value < 10:
        return False
    return number.shape != "arabic" or number.value == int(number.value) or number.scale > 0


def _can_count(number: Number, text: str, line: UnitLine) -> bool:
    """一批 is a word; two of a thing are 两 (but of coins 二角), so that 二次 and 二期 name the second one."""
    if number.value == 1 and line.unit == "个":
        return _is_counted(text, number.start, number.end + 1)
    if number.value == 1:
        return line.one
    return number.value != 2 or text[number.start] in "两兩" or (line.kind == "money" and line.factor != "1")


def _is_counted(text: str, start: int, end: int) -> bool:
    """一个 is an article (收到一个惊喜) unless a verb that counts stands before it or nothing after it."""
    before = text[start - 1] if start else ""
    alone = is_boundary(text, end) or text[end] in "半多以亿"
    return before in _COUNTING if before and not alone else alone


def _is_congress(number: Number) -> bool:
    """二十大, 十九大: no list of big things is that long in Chinese numerals."""
    return number.shape == "composed" and number.value > 10


def _speaks_of_money(text: str, start: int, end: int) -> bool:
    """Whether the neighbours of 三元 or 五里 make it an amount and not a name."""
    if start == 0 or is_boundary(text, start - 1):
        return (is_boundary(text, end) and text[end : end + 1] != "、") or text[end : end + 1] in _AFTER_COIN
    return text[start - 1] in _MONEY_BEFORE


def _is_amount(text: str, number: Number, unit: UnitAt) -> bool:
    """Whether 亿元 without a digit is an amount (过亿元, 百亿元) and not the heading of a table (单位：亿元)."""
    before = text[max(0, number.start - 3) : number.start]
    if unit.text != "元":
        return (
            unit.text == "个"
            and number.value >= 100
            and before.endswith(("上", "近", "过", "超", "数", "成"))
        )
    if before.endswith(("（", "(")) or "单位" in before or "计：" in before:
        return False
    if number.value > 10000:
        return True
    return before.endswith(("过", "超", "上", "近", "达", "破")) or text.startswith(
        ("以上", "以下", "以内", "左右", "上下", "级", "户", "大关"), unit.end
    )

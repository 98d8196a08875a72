"""First reader of quantities and times on clean text: numeral, unit, comparator words; calendar phrases.

Young: single bounds, no a:b:c, no currencies but those of the unit tables. Pure; offsets are code points.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.expressions.data import NumeralLine, read_lines
from yinuo.extraction.expressions.model import Expression, Numeral
from yinuo.extraction.expressions.numerals import Numerals

_NUMERALS = Numerals(read_lines("numerals.toml", NumeralLine, "numerals"))
_UNITS: dict[str, dict[str, Any]] = {
    line["unit"]: line
    for name in ("currencies", "classifiers", "units")
    for line in toml_table(f"expressions/{name}.toml")["units"]
}
_UNIT = re.compile(alternation(tuple(_UNITS)))
_START = re.compile(r"[0-9一二三四五六七八九十百千万亿两〇零壹贰叁]")
_BEFORE = re.compile(
    r"(?P<gt>超过|突破|超|高于|大于|多于|跨过|过)$|(?P<ge>不低于|不少于|至少|达到或超过)$|(?P<le>不超过|不高于|控制在|不多于)$|(?P<lt>不足|不到|接近|低于|少于|将近|近)$|(?P<approx>大约|约|左右|大概)$"
)
_AFTER = re.compile(r"(?P<ge>及?以上)|(?P<le>及?以内|及?以下)|(?P<approx>左右|上下)")
_RANK = re.compile(r"第(?=[一二三四五六七八九十\d])|首位|首次(?!$)")
_NOT_RANK = re.compile(r"[届次轮批期章节条产业动力方面季阶书线代类种个人者]")
_SINGLE_WORDS = frozenset("一两")


def find_expressions(text: str, reference_date: date | None = None) -> tuple[Expression, ...]:
    """All expressions of a clean text in order, not overlapping."""
    times = _times(text, reference_date)
    found = list(times)
    taken = [(time.start, time.end) for time in times]
    position = 0
    for match in _START.finditer(text):
        if match.start() < position:
            continue
        span = next((pair for pair in taken if pair[0] <= match.start() < pair[1]), None)
        if span:
            position = span[1]
            continue
        if match.start() and text[match.start() - 1] in ".+-“0123456789" and text[match.start() - 1] != "“":
            continue
        expression = _quantity(text, match.start())
        if expression is not None:
            found.append(expression)
            position = expression.end
    found += [e for e in _ranks(text) if not any(e.start < x.end and x.start < e.end for x in found)]
    return tuple(sorted(found, key=lambda e: e.start))


def unit_code(unit: str | None) -> str | None:
    """UCUM, UN/CEFACT Rec 20 or ISO 4217 code of a unit as written, where one exists."""
    return _UNITS.get(unit or "", {}).get("code")


def _quantity(text: str, start: int) -> Expression | None:
    """Numeral, 余 or 多, unit and comparator words around one start; None for a bare numeral or a word."""
    number = _NUMERALS.at(text, start)
    if number is None:
        return None
    chinese = not text[start].isdigit()
    if start and _START.match(text[start - 1]):  # the tail of a numeral that gave nothing
        return None
    if start and (
        (text[start - 1].isascii() and text[start - 1].isalpha()) or (chinese and text[start - 1] == "“")
    ):
        return None
    product = re.compile(r"[×x*]").match(text, number.end)
    if product:
        factor = _NUMERALS.at(text, product.end())
        if factor is not None:
            number = replace(factor, start=start, value=number.value * factor.value)
    end, more = number.end, number.more
    if text[end : end + 1] in ("余", "多") and text[end + 1 : end + 2] not in ("元化", "边"):
        more, end = True, end + 1
    unit = _UNIT.match(text, end)
    percent = text.startswith(("%", "个百分点"), end)
    if not unit and not percent:
        if chinese and number.end - start > 1 and text[end : end + 1] == "大":  # 二十大 is a congress
            return None
        big = re.match("大(?=[一-鿿]{2})", text[end : end + 3])
        if big and number.value <= 20 and not (chinese and number.end - start > 1):  # 二十大 is a congress
            return _made(text, start, end, end + 1, number.value, "大", "quantity", more, start, number.end)
        level = text[end : end + 1] == "级" and number.value >= 10**4
        if level:
            return _made(
                text,
                start,
                end,
                end + 1,
                number.value,
                "元",
                "money",
                more,
                start,
                number.end,
                comparator="ge",
            )
        return None
    if percent:
        word = "%" if text[end] == "%" else "个百分点"
        return _made(
            text,
            start,
            end,
            end + len(word),
            number.value,
            word,
            "percent" if word == "%" else "quantity",
            more,
            start,
            number.end,
        )
    assert unit is not None
    line = _UNITS[unit[0]]
    if chinese and number.end - start > 1 and unit[0] == "大":  # 二十大 is a congress
        return None
    if chinese and number.end - start == 1 and _is_word(text, start, unit[0], unit.end()):
        return None
    if (
        line["kind"] == "classifier"
        and number.end - start == 1
        and text[start] in _SINGLE_WORDS
        and text[start] == "一"
    ):
        return None
    if any(text.startswith(stop, unit.end()) for stop in line.get("not_before", ())):
        return None
    if text[unit.end() : unit.end() + 2] == "行动" and text[start] not in "0123456789":
        return None
    kind = "money" if line["kind"] == "money" else "percent" if line["kind"] == "percent" else "quantity"
    return _made(text, start, end, unit.end(), number.value, unit[0], kind, more, start, number.end)


_ABSTRACT = re.compile("(?:方面|工作|创新|突破|任务|问题|环节|维度|关键|重点工作|坚持|转变|确保|聚焦)")


def _is_word(text: str, start: int, unit: str, end: int) -> bool:
    """三元, 三角, 二期, 万家, 五个方面: one Chinese digit with a unit that is a name, a word or a list's heading."""
    if unit in ("元", "角", "分", "期", "级", "类", "家") and text[start] in "一二三四五六七八九两百千万":
        return True
    return _ABSTRACT.match(text, end) is not None or (
        text[start] in "一两" and _UNITS[unit]["kind"] == "classifier"
    )


def _made(
    text: str, start: int, _end: int, core_end: int, value: Decimal, unit: str, kind: str, more: bool,
    number_start: int, number_end: int, comparator: str | None = None,
) -> Expression:  # fmt: skip
    outer, stop = start, core_end
    sign = comparator or ("gt" if more else "eq")
    before = _BEFORE.search(text, max(0, start - 6), start)
    if before and before.lastgroup:
        sign, outer = before.lastgroup, before.start()
    after = _AFTER.match(text, core_end)
    if after and after.lastgroup:
        sign, stop = after.lastgroup, after.end()
    low = value if sign in ("eq", "ge", "gt", "approx") else None
    high = value if sign in ("eq", "le", "lt", "approx") else None
    return Expression(
        outer, stop, kind, start, core_end, value, low, high, sign != "gt", sign != "lt", sign == "approx",
        Numeral(number_start, number_end, value), unit, currency=unit_code(unit) if kind == "money" else None,
        rule=f"quantity/{sign}",
    )  # fmt: skip


def _ranks(text: str) -> list[Expression]:
    """第一 and 首位 as a place in an order; 第一产业, 第十届 and their like are names."""
    found = []
    for match in _RANK.finditer(text):
        if match[0] == "首位":
            end, value = match.end(), Decimal(1)
        elif match[0].startswith("第"):
            number = _NUMERALS.at(text, match.end())
            if number is None or _NOT_RANK.match(text, number.end):
                continue
            end, value = number.end, number.value
            if text[end : end + 1] in ("位", "名"):
                end += 1
            elif not re.match("[，。；、”）\n]|$", text[end : end + 1] or ""):
                continue
        else:
            continue
        found.append(
            Expression(
                match.start(),
                end,
                "ordinal",
                match.start(),
                end,
                value,
                value,
                value,
                number=Numeral(match.start(), end, value),
                rule="rank",
            )
        )
    return found


_YEAR = r"(?:(?P<year>(?:19|20)\d{2})年)"
_TIME = re.compile(
    rf"(?P<to>到|至|截至|截止)?(?:"
    rf"(?P<y1>(?:19|20)\d{{2}})(?:年)?(?:至|到|—|–|-)(?P<y2>(?:19|20)\d{{2}})年?"
    rf"|{_YEAR}(?:(?P<month>1[0-2]|[1-9])月(?:(?P<day>3[01]|[12]\d|[1-9])[日号])?)?(?P<part>底|末|年底|年末|上半年|下半年|[一二三四]季度)?"
    rf"|(?P<m>1[0-2]|[1-9])月(?:(?P<d>3[01]|[12]\d|[1-9])[日号]|(?P<mpart>底|末|份|初|中旬|上旬|下旬))"
    rf"|(?P<word>今年(?:年?底|年?末|上半年|下半年)?|年内|年底|年末|全年|新的一年|明年(?:年?底|年?末|上半年)?|去年(?:年?底|年?末)?|上年|上半年|下半年|(?:第?[一二三四])季度|“?十[三四五]五”?(?:末|期末|时期|期间)?)"
    rf")(?P<tail>(?:之前|以前|前|内|以来|期间)?)"
)
_SPAN = re.compile(
    r"(?P<lead>未来|今后|近|过去)?(?P<n>[一二两三四五六七八九十\d]{1,3})(?P<u>年|个月|天|日)(?P<in>内|以内|之内|来)?(?=[^月份])"
)
_PLAN_END = {"三": 2020, "四": 2025, "五": 2030}


def _times(text: str, reference: date | None) -> list[Expression]:
    found: list[Expression] = []
    for match in _TIME.finditer(text):
        if text[max(0, match.start() - 1) : match.start()].isdigit():
            continue
        made = _time(match, reference)
        if made is not None:
            found.append(made)
    for match in _SPAN.finditer(text):
        if not any(match.start() < t.end and t.start < match.end() for t in found):
            found.append(_span(match, reference))
    return sorted(found, key=lambda t: t.start)


def _time(match: re.Match[str], reference: date | None) -> Expression | None:
    first, last, basis, deadline = _interval(match, reference)
    if first is None and basis == "explicit":
        return None
    if match["tail"] in ("之前", "以前", "前") or match["to"] in ("到", "至"):
        deadline = True
    if match["tail"] == "以来" and last is not None:
        last = reference
    return Expression(
        match.start(), match.end(), "date", match.start(), match.end(), date_start=first, date_end=last,
        basis=basis, deadline=deadline, rule="date",
    )  # fmt: skip


def _interval(match: re.Match[str], reference: date | None) -> tuple[date | None, date | None, str, bool]:
    """(first day, last day, basis, names a deadline)."""
    if match["y1"]:
        return date(int(match["y1"]), 1, 1), date(int(match["y2"]), 12, 31), "explicit", False
    if match["year"]:
        return (
            *_part(int(match["year"]), match["month"], match["day"], match["part"]),
            "explicit",
            bool(match["part"]),
        )
    if match["m"]:
        if reference is None:
            return None, None, "reference", True
        return *_part(reference.year, match["m"], match["d"], None), "explicit", True
    word = match["word"]
    plan = re.search("十([三四五])五", word)
    if plan:
        end = _PLAN_END[plan[1]]
        return date(end - 4, 1, 1), date(end, 12, 31), "explicit", "末" in word
    if reference is None:
        return None, None, "reference", word in ("年内", "年底", "年末")
    year = reference.year + (1 if word.startswith("明年") else -1 if word.startswith(("去年", "上年")) else 0)
    part = next(
        (p for p in ("上半年", "下半年", "一季度", "二季度", "三季度", "四季度", "底", "末") if p in word),
        None,
    )
    basis = "explicit" if word.endswith("季度") or word in ("上半年", "下半年") else "reference"
    return *_part(year, None, None, part), basis, word in ("年内", "年底", "年末", "全年") or part is not None


def _part(year: int, month: str | None, day: str | None, part: str | None) -> tuple[date | None, date | None]:
    try:
        if month and day:
            return date(year, int(month), int(day)), date(year, int(month), int(day))
        if month:
            return date(year, int(month), 1), date(year, int(month), calendar.monthrange(year, int(month))[1])
    except ValueError:
        return None, None
    if part == "上半年":
        return date(year, 1, 1), date(year, 6, 30)
    if part == "下半年":
        return date(year, 7, 1), date(year, 12, 31)
    if part and part.endswith("季度"):
        last = 3 * ("一二三四".index(part[-3]) + 1)
        return date(year, last - 2, 1), date(year, last, calendar.monthrange(year, last)[1])
    return date(year, 1, 1), date(year, 12, 31)


def _span(match: re.Match[str], reference: date | None) -> Expression:
    number = _NUMERALS.at(match["n"], 0)
    count = int(number.value) if number else 0
    letter = {"年": "Y", "个月": "M", "天": "D", "日": "D"}[match["u"]]
    first = last = None
    if (
        (match["lead"] in ("未来", "今后") or match["in"] in ("内", "以内", "之内"))
        and reference
        and count <= 60
    ):
        first, last = reference, _later(reference, count, letter)
    kind = "date" if last else "duration"
    return Expression(
        match.start(), match.end(), kind, match.start(), match.end(), date_start=first, date_end=last,
        duration=f"P{count}{letter}", basis="relative", deadline=last is not None, rule="duration",
    )  # fmt: skip


def _later(day: date, count: int, letter: str) -> date:
    if letter == "D":
        return day + timedelta(days=count)
    months = day.year * 12 + day.month - 1 + count * (12 if letter == "Y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

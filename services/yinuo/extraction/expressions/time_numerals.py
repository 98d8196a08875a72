"""Numerals as dates write them: 十二 and 廿二 for days, 二〇二三 and 九七 for years. Not for amounts (numerals.py)."""

from __future__ import annotations

CJK_DIGITS = "〇零○一二三四五六七八九"
_VALUES = {character: value for value, character in enumerate("零一二三四五六七八九十")} | {
    "两": 2,
    "〇": 0,
    "○": 0,
    "O": 0,
    "0": 0,
}


def small(numeral: str) -> int:
    """12, 十二, 二十一, 廿二 as int."""
    if numeral.isdigit():
        return int(numeral)
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return digits(numeral)
    return (_VALUES[tens] if tens else 1) * 10 + (_VALUES[ones] if ones else 0)


def digits(numeral: str) -> int:
    """2023 and 二〇二三 as int, digit by digit."""
    if numeral.isdigit():
        return int(numeral)
    return int("".join(str(_VALUES[character]) for character in numeral))


def full_year(short: int) -> int:
    """Two digits: up to 30 in this century, else in the last."""
    return 2000 + short if short <= 30 else 1900 + short


def year_number(numeral: str) -> int:
    """2023, 二〇二三, 两千."""
    return 2000 if numeral.endswith("千") else digits(numeral)


def odd_year(numeral: str) -> int | None:
    """三六七年, 789年, 九七年; neighbours such as 七八年 rather count seven or eight years."""
    if numeral.isdigit():
        return int(numeral)
    value = digits(numeral)
    if len(numeral) == 3:
        return value if numeral[0] not in "零〇○" else None
    first, second = _VALUES[numeral[0]], _VALUES[numeral[1]]
    if not first:
        return full_year(value)
    return None if second in (first + 1, first + 2) else full_year(value)


def numeral_before(text: str, at: int) -> bool:
    """Whether a numeral runs into the place; 指数 before a month is none."""
    if at == 0 or (text[at - 1] in "几数" and text[at : at + 1] != "十"):
        return False
    return text[at - 1].isdigit() or text[at - 1] in "一二三四五六七八九十两百几数."

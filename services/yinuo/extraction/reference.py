"""The day that 今年 counts from: published, stated in the byline, or inferred from the years of the text."""

from __future__ import annotations

import re
from datetime import date

from yinuo.extraction.passages import Page

_FULL = re.compile(r"((?:19|20)\d{2})[年./-](1[0-2]|0?[1-9])[月./-](3[01]|[12]\d|0?[1-9])")
_OPENS = re.compile(r"((?:19|20)\d{2})年，[^，。]{0,16}?(?:将|要|计划)")
_HEADED = re.compile(
    r"((?:19|20)\d{2})年(?:政府)?(?:工作|经济|全[区县市省]|主要|重点)[^，。\n]{0,20}(?:安排|部署|目标|任务|打算|计划)"
)
_LAST = re.compile(r"(?:回顾|过去的|刚刚过去的|总结)((?:19|20)\d{2})年|((?:19|20)\d{2})年以来")
_YEAR = re.compile(r"((?:19|20)\d{2})年")
_STANDS = re.compile(r"(?<![到至自从])((?:19|20)\d{2})年(?!底?(?:之?前|以前))")
"""A year that the text stands in: 到2030年 is a deadline, 从2010年 a beginning, neither is the text's own."""


_NUMERALS = {
    ord(numeral): digit for numeral, digit in zip("〇○零一二三四五六七八九", "000123456789", strict=True)
}
_SIGNED = re.compile(
    r"(?P<year>[\d〇○零一二三四五六七八九]{4})年(?P<month>[\d一二三四五六七八九十]{1,2})月(?P<day>[\d一二三四五六七八九十]{1,3})日"
)


def _small(numeral: str) -> int:
    """1 to 31 in digits or Chinese numerals."""
    if numeral.isdigit() and numeral.isascii():
        return int(numeral)
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return int(numeral.translate(_NUMERALS))
    return int(tens.translate(_NUMERALS) or 1) * 10 + int(ones.translate(_NUMERALS) or 0)


def _signed(text: str, page: Page) -> date | None:
    """The day under a notice or decree: a line of its own at the end, 二〇二六年三月五日."""
    for block in page.blocks[-3:]:
        line = _SIGNED.fullmatch(text[block.start : block.end].strip("（）() "))
        if line:
            try:
                return date(
                    int(line["year"].translate(_NUMERALS)), _small(line["month"]), _small(line["day"])
                )
            except ValueError:
                return None
    return None


def reference_of(text: str, page: Page, published_on: date | None) -> tuple[date | None, str]:
    """(reference date, basis) of a page, as in the contract; an inferred year stands as its first of January."""
    if published_on is not None:
        return published_on, "published"
    for block in page.blocks:
        if block.kind == "byline" or block.body > block.start:
            stated = _FULL.search(text, block.start, block.end if block.kind == "byline" else block.body)
            if stated:
                try:
                    return date(*map(int, stated.groups())), "stated"
                except ValueError:
                    continue
    signed = _signed(text, page)
    if signed is not None:
        return signed, "stated"
    opens = _OPENS.search(text) or _HEADED.search(text)
    if opens:
        return date(int(opens[1]), 1, 1), "inferred"
    last = _LAST.search(text)
    if last:
        return date(int(last[1] or last[2]) + 1, 1, 1), "inferred"
    for years in (set(_STANDS.findall(text)), set(_YEAR.findall(text))):
        if len(years) == 1:
            return date(int(years.pop()), 1, 1), "inferred"
    return None, "none"

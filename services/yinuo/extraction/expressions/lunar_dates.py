"""Dates of the Chinese calendar in a text: 农历八月十五, 正月初七, 五月廿二, 大年初一. Resolving is festivals.py's."""

from __future__ import annotations

import re
from datetime import timedelta

from yinuo.extraction.expressions.festivals import lunar_day, lunar_month
from yinuo.extraction.expressions.moments import Moment
from yinuo.extraction.expressions.time_numerals import CJK_DIGITS, digits, small

START = r"[农阴旧夏]历(?=[\d闰正冬腊一二三四五六七八九十])|[正冬腊]月|大年(?=[初三])"
_TEEN = r"十[一二三四五六七八九]?"
_LUNAR = re.compile(
    rf"(农历|阴历|旧历|夏历)?(?:([12]\d{{3}}|[一二][{CJK_DIGITS}]{{3}})年)?"
    r"(闰)?(正|冬|腊|1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月"
    rf"(?:初([一二三四五六七八九十])|(廿[一二三四五六七八九]?|三十|二十[一二三四五六七八九]?|{_TEEN}|30|[12]\d|[1-9])"
    r"(?:[日号]|(?![\d.%个家名人项年多余万千百亿吨]))|(?=\D|$|\d{3}))"
)
_NEW_YEAR_DAY = re.compile(r"大年(?:初([一二三四五六七八九十])|三十)")


def lunar_moment(text: str, start: int, at: int, year: int | None, basis: str) -> Moment | None:
    """The moment at `at`, when the words leave no doubt which calendar they mean."""
    new_year = _NEW_YEAR_DAY.match(text, at)
    if new_year:
        first = lunar_day(year, 1, 1) if year else None
        day = first + timedelta(days=small(new_year[1]) - 1 if new_year[1] else -1) if first else None
        return Moment(start, new_year.end(), day, day, "day", basis, year, rule="lunar")
    found = _LUNAR.match(text, at)
    if found is None or not (
        found[1] or found[5] or found[4] in "正冬腊" or (found[6] or "").startswith("廿")
    ):
        return None
    if found[2]:
        year, basis = digits(found[2]), "explicit"
    month = {"正": 1, "冬": 11, "腊": 12}.get(found[4]) or small(found[4])
    if found[5] or found[6]:
        day = lunar_day(year, month, small(found[5] or found[6])) if year else None
        return Moment(start, found.end(), day, day, "day", basis, year, rule="lunar")
    first, last = lunar_month(year, month, leap=bool(found[3])) if year else (None, None)
    return Moment(start, found.end(), first, last, "month", basis, year, rule="lunar")

"""Readings of single expressions that a linguist would defend: cases/expressions/*.toml, one phenomenon a file.

Each case names every expression of its text, so that a false hit fails as surely as a miss. A reading is
"QUOTE : KIND VALUE UNIT"; what it leaves out is not asked for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from yinuo import parse
from yinuo.extraction.expressions import Expression

_FOLDER = Path(__file__).parent / "cases" / "expressions"
_ON = "2023-02-01"
_KINDS = {"number", "percent", "ordinal", "money", "quantity", "range", "date", "duration"}
_INTERVAL = re.compile(r"([\[(])(-?[\d.]+),(-?[\d.]+)([\])])")
_SIGNED = re.compile(r"(>=|<=|>|<|)(-?[\d.]+)")
_BASE = re.compile(r"@(-?[\d.]+)(.+)")


@dataclass(frozen=True, slots=True)
class Case:
    """A text and the readings of all its expressions."""

    text: str
    reads: tuple[str, ...]
    on: date | None


def _cases() -> Iterator[tuple[str, Case]]:
    for path in sorted(_FOLDER.glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8"))["cases"]:
            assert set(row) <= {"text", "reads", "on", "why"} and row["why"], row
            on = row.get("on", _ON)
            yield path.stem, Case(row["text"], tuple(row["reads"]), date.fromisoformat(on) if on else None)


_CASES = list(_cases())


def differences(case: Case) -> list[str]:
    """What of the readings is not what `parse` finds; empty when all agrees."""
    found = parse(case.text, case.on)
    quotes = [case.text[one.start : one.end] for one in found]
    wanted = [reading.rpartition(" : ")[0] for reading in case.reads]
    if quotes != wanted:
        return [f"found {quotes}"]
    return [
        said
        for reading, one in zip(case.reads, found, strict=True)
        for said in _disagreements(reading.rpartition(" : ")[2].split(), one)
    ]


def _disagreements(asked: list[str], one: Expression) -> Iterator[str]:
    kind, *rest = asked
    assert kind in _KINDS, kind
    if one.kind != kind:
        yield f"kind {one.kind}, asked {kind}"
    for word in rest:
        if not _agrees(word, one):
            yield f"{word}: found {one}"


def _agrees(word: str, one: Expression) -> bool:
    if one.kind in ("date", "duration"):
        return _agrees_in_time(word, one)
    if base := _BASE.fullmatch(word):
        return (one.unit_si, _near(one.value_si, base[1])) == (base[2], True)
    value = word.removeprefix("~")
    if value != word and not one.approximate:
        return False
    if interval := _INTERVAL.fullmatch(value):
        inclusive = (one.low_inclusive, one.high_inclusive) == (interval[1] == "[", interval[4] == "]")
        return _near(one.low, interval[2]) and _near(one.high, interval[3]) and inclusive
    if signed := _SIGNED.fullmatch(value):
        return _bounds_agree(signed[1], signed[2], one) and (value != word or not one.approximate)
    return not value or word in (one.unit, one.currency)


def _bounds_agree(sign: str, number: str, one: Expression) -> bool:
    low, high = _near(one.low, number), _near(one.high, number)
    if not _near(one.value, number):
        return False
    match sign:
        case ">" | ">=":
            return low and one.high is None and one.low_inclusive == (sign == ">=")
        case "<" | "<=":
            return high and one.low is None and one.high_inclusive == (sign == "<=")
    return low and high


def _near(value: Decimal | None, number: str) -> bool:
    return value is not None and abs(value - Decimal(number)) <= Decimal("1e-9") * max(1, abs(value))


def _agrees_in_time(word: str, one: Expression) -> bool:
    if word == "deadline":
        return one.deadline
    if word.startswith("P"):
        return one.duration == word
    first, _, last = word.partition("..") if ".." in word else (word, "", word)
    return [str(day or "") for day in (one.date_start, one.date_end)] == [first, last]


@pytest.mark.parametrize(("phenomenon", "case"), _CASES, ids=lambda value: getattr(value, "text", value))
def test_the_reading_that_a_linguist_would_defend(phenomenon: str, case: Case) -> None:
    assert differences(case) == []


@pytest.mark.parametrize(
    ("text", "planted"),
    [
        ("超4亿元", "超4亿元 : money >=400000000 CNY"),
        ("超4亿元", "超4亿元 : money >400000000 USD"),
        ("超4亿元", "4亿元 : money >400000000 CNY"),
        ("5公里", "5公里 : quantity 5 公里 @5m"),
        ("3至5米", "3至5米 : quantity [3,5) 米"),
        ("约3米", "约3米 : quantity 3 米"),
        ("三年", "三年 : duration P3M"),
        ("到2025年", "到2025年 : date ..2025-12-30"),
    ],
)
def test_a_planted_wrong_reading_is_caught(text: str, planted: str) -> None:
    assert differences(Case(text, (planted,), None))


def test_a_text_that_holds_more_than_its_readings_is_caught() -> None:
    assert differences(Case("新建2处停车场", (), None))

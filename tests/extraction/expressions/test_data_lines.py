"""Every data line of the expressions is needed by its own example, and its counter-example does without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from yinuo.extraction.expressions.data import BadRules, LookalikeLine, UnitLine, parse_lines
from yinuo.extraction.expressions.normalise import mended
from yinuo.extraction.expressions.reader import Reader, Rules, read_rules

_RULES = read_rules()
_READER = Reader(_RULES)
_DAY = date(2023, 2, 1)


def _lines() -> Iterator[tuple[str, Any]]:
    for field in fields(Rules):
        for line in getattr(_RULES, field.name):
            yield field.name, line


def _without(table: str, line: object) -> Reader:
    kept = tuple(one for one in getattr(_RULES, table) if one is not line)
    return Reader(replace(_RULES, **{table: kept}))


def _reading(reader: Reader, text: str) -> list[object]:
    """What is read, with the codes of its units."""
    found = reader.find(mended(text).text, _DAY)
    return [(one, one.unit and reader.units.code(one.unit)) for one in found]


def _name(value: object) -> str:
    return getattr(value, "text", None) or getattr(value, "unit", None) or str(value)


@pytest.mark.parametrize(("table", "line"), list(_lines()), ids=_name)
def test_a_line_is_needed_by_its_example_and_not_by_its_counter_example(table: str, line: Any) -> None:
    reduced = _without(table, line)
    assert _reading(reduced, line.example) != _reading(_READER, line.example)
    counter = getattr(line, "counter", None)
    if counter:
        assert _reading(reduced, counter) == _reading(_READER, counter)


def test_an_example_that_does_without_its_line_is_caught() -> None:
    idle = UnitLine("公里", "measure", "新建2处", si="m", factor="1000")
    rules = replace(_RULES, units=(*_RULES.units, idle))
    assert _reading(Reader(rules), idle.example) == _reading(_READER, idle.example)


@pytest.mark.parametrize("line", _RULES.lookalikes, ids=_name)
def test_the_example_of_a_look_alike_gives_nothing_at_its_place(line: LookalikeLine) -> None:
    start = line.example.index(line.text)
    end = start + len(line.text)
    found = _READER.find(line.example, _DAY)
    assert not [
        one for one in found if one.kind not in ("date", "duration") and one.start < end and start < one.end
    ]


@pytest.mark.parametrize(
    "content",
    [
        'units = [{ unit = "里", kind = "measure" }]',
        'units = [{ unit = "里", kind = "measure", example = " " }]',
        'units = [{ unit = "里", kind = "measure", example = "5里", faktor = "1" }]',
        'units = [{ unit = "里", kind = "measure", example = "5里" }, { unit = "里", kind = "measure", example = "6里" }]',
        'unit = [{ unit = "里", kind = "measure", example = "5里" }]',
    ],
    ids=["no example", "blank example", "unknown key", "twins", "wrong array"],
)
def test_bad_lines_are_refused(content: str) -> None:
    with pytest.raises(BadRules):
        parse_lines(content, "units.toml", UnitLine, "units")

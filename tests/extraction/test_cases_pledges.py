"""The cases of `cases/pledges-*.toml`: a text, the rows a reader with the guideline would defend, and the reason.

`rows` are all rows of the text in order; each names only the fields it is about. A case without rows is a text in
which nothing is promised.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from yinuo import extract

_FILES = sorted((Path(__file__).parent / "cases").glob("pledges-*.toml"))
_CASES = [
    pytest.param(case, id=f"{file.stem[8:]}-{number}")
    for file in _FILES
    for number, case in enumerate(tomllib.loads(file.read_text("utf-8"))["case"], start=1)
]
_DEFAULT_DAY = "2023-02-10"


def _read(case: dict[str, Any]) -> list[dict[str, Any]]:
    day = case.get("published_on", _DEFAULT_DAY) or None
    return [row.model_dump(mode="json") for row in extract(case["text"], published_on=day).pledges]


def _wanted(row: dict[str, Any]) -> dict[str, Any]:
    return {field: None if value == "null" else value for field, value in row.items()}


def check(case: dict[str, Any]) -> None:
    found = _read(case)
    wanted = [_wanted(row) for row in case.get("rows", [])]
    assert ["".join(row["quote"].split()) for row in found] == [row["quote"] for row in wanted], case["why"]
    for row, want in zip(found, wanted, strict=True):
        seen = {field: row[field] for field in want if field != "quote"}
        assert seen == {field: value for field, value in want.items() if field != "quote"}, case["why"]


@pytest.mark.parametrize("case", _CASES)
def test_the_reading_is_the_one_a_careful_reader_defends(case: dict[str, Any]) -> None:
    check(case)


def test_every_case_gives_its_reason() -> None:
    assert len(_CASES) >= 100
    assert all(case.values[0].get("why") for case in _CASES)


@pytest.mark.parametrize(
    "planted",
    [
        {"text": "今年，东湖区将新建停车场2处。", "rows": [], "why": "a row is missed"},
        {
            "text": "去年，东湖区新建停车场2处。",
            "rows": [{"quote": "新建停车场2处"}],
            "why": "a row too many",
        },
        {
            "text": "今年，东湖区将新建停车场2处。",
            "rows": [{"quote": "今年，东湖区将新建停车场2处", "due": "2022-12-31"}],
            "why": "another day",
        },
    ],
)
def test_a_wrong_reading_is_caught(planted: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check(planted)

"""The cases of `cases/metrics-*.toml`: a text, the figures a reader with the guideline would defend, and the reason.

`rows` are all metrics of the text in order; each names only the fields it is about, as in the wire form (`null` for
none). `~` before an indicator asks for half of the characters in common, as the guideline's scorer does. A case
without rows is a text in which no number is a metric.
"""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from yinuo import extract

_FILES = sorted((Path(__file__).parent / "cases").glob("metrics-*.toml"))
_CASES = [
    pytest.param(case, id=f"{file.stem[8:]}-{number}")
    for file in _FILES
    for number, case in enumerate(tomllib.loads(file.read_text("utf-8"))["case"], start=1)
]
_DEFAULT_DAY = "2023-02-10"


def _read(case: dict[str, Any]) -> list[dict[str, Any]]:
    day = case.get("published_on", _DEFAULT_DAY) or None
    return [row.model_dump(mode="json") for row in extract(case["text"], published_on=day).metrics]


def _in_common(left: str, right: str) -> float:
    both = sum((Counter(left) & Counter(right)).values())
    return 2 * both / (len(left) + len(right))


def _agrees(found: Any, wanted: str) -> bool:
    if wanted == "null":
        return found is None
    if wanted.startswith("~"):
        return found is not None and _in_common(found, wanted[1:]) >= 0.5
    return str(found) == wanted


def check(case: dict[str, Any]) -> None:
    found, wanted = _read(case), case.get("rows", [])
    assert ["".join(row["quote"].split()) for row in found] == [row["quote"] for row in wanted], case["why"]
    for row, want in zip(found, wanted, strict=True):
        wrong = {
            field: (row[field], value)
            for field, value in want.items()
            if field != "quote" and not _agrees(row[field], value)
        }
        assert not wrong, case["why"]


@pytest.mark.parametrize("case", _CASES)
def test_the_figures_are_those_a_careful_reader_defends(case: dict[str, Any]) -> None:
    check(case)


def test_every_case_gives_its_reason() -> None:
    assert len(_CASES) >= 150
    assert all(case.values[0].get("why") for case in _CASES)
    assert sum(not case.values[0].get("rows") for case in _CASES) >= 10


@pytest.mark.parametrize(
    "planted",
    [
        {"text": "去年，东湖区税收3亿元。", "rows": [], "why": "a figure too many"},
        {"text": "东湖区税收上升。", "rows": [{"quote": "3亿元"}], "why": "a figure is missed"},
        {"text": "去年税收下降3%。", "rows": [{"quote": "3%", "value": "3"}], "why": "the sign is lost"},
        {
            "text": "去年税收3亿元。",
            "rows": [{"quote": "3亿元", "period": "2023"}],
            "why": "the year is wrong",
        },
        {
            "text": "去年税收3亿元。",
            "rows": [{"quote": "3亿元", "indicator": "~粮食产量"}],
            "why": "another thing",
        },
    ],
)
def test_a_planted_mistake_is_caught(planted: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check(planted)


@pytest.mark.parametrize(
    ("text", "quote", "reason"),
    [
        ("去年各项指标超额完成。", "去年各项指标超额完成", "no_number"),
        ("去年全面抓好六个创新突破。", "六个", "slogan"),
        ("公示期为7天。", "7天", "duration"),
        ("第三届进口博览会开幕。", "第三", "ordinal"),
    ],
)
def test_what_is_no_metric_stands_in_the_ledger(text: str, quote: str, reason: str) -> None:
    found = extract(text, published_on=_DEFAULT_DAY)
    assert not found.metrics
    assert (quote, reason) in [(text[entry.start : entry.end], entry.reason) for entry in found.skipped]

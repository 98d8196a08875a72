"""Laws of the reading that hold for any text: offsets, stability under damage, independence, linear cost."""

import functools
import random
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinuo.extraction import lexicon
from yinuo.extraction.extract import read
from yinuo.extraction.rows import Reading

_SEEDS = Path(__file__).parents[2] / "seeds"
_PAGES = {
    path.name: path.read_bytes().decode("utf-8")
    for path in sorted(_SEEDS.rglob("*.txt"))
    if "gb18030" not in path.name.lower()
}
_DAY = date(2023, 2, 10)
_WORDS = sorted(
    {
        *lexicon.VERB_CLASS,
        *lexicon.CUE_CLASS,
        "今年",
        "年内",
        "我们",
        "东湖区",
        "停车场",
        "项目",
        "的",
    }
)
_MARKS = [
    "，",
    "。",
    "；",
    "：",
    "、",
    "“",
    "”",
    "（",
    "）",
    "\n",
    " ",
    "3",
    "20%",
    "1.5",
    "第三",
    "同比",
    "已",
    "将",
]


def _reading(text: str) -> Reading:
    return read(text, article_id="a", published_on=_DAY)


def _offsets_are_right(text: str, reading: Reading) -> None:
    for row in (*reading.pledges, *reading.metrics):
        assert text[row.start : row.end] == row.quote
    for cue in (row.cue for row in reading.pledges if row.cue is not None):
        assert 0 <= cue.start < cue.end <= len(text)
    for span in (*reading.skipped, *reading.passages):
        assert 0 <= span.start <= span.end <= len(text)


_prose = st.lists(st.sampled_from([*_WORDS, *_MARKS]), max_size=80).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.one_of(_prose, st.text(max_size=200)))
def test_every_row_points_to_its_words(text: str) -> None:
    _offsets_are_right(text, _reading(text))


def _mutants(count: int) -> Iterator[str]:
    """Windows of the seed pages with characters dropped, doubled, swapped, replaced and broken apart."""
    rng = random.Random(20230210)
    pages = list(_PAGES.values())
    for _ in range(count):
        page = rng.choice(pages)
        start = rng.randrange(max(1, len(page) - 120))
        text = list(page[start : start + rng.randrange(5, 120)])
        for _ in range(rng.randrange(1, 12)):
            at = rng.randrange(len(text)) if text else 0
            change = rng.choice(["drop", "double", "swap", "mark", "break"])
            if change == "drop" and text:
                del text[at]
            elif change == "double" and text:
                text.insert(at, text[at])
            elif change == "swap" and len(text) > at + 1:
                text[at], text[at + 1] = text[at + 1], text[at]
            else:
                text.insert(at, "\n" if change == "break" else rng.choice(_MARKS))
        yield "".join(text)


def test_ten_thousand_mutated_texts_raise_nothing() -> None:
    for text in _mutants(10_000):
        _offsets_are_right(text, _reading(text))


_PLACED = ("start", "end", "quote", "noise", "doubts", "inherited", "cue")


def _content(reading: Reading) -> list[dict[str, Any]]:
    rows = [*reading.pledges, *reading.metrics]
    return [{name: getattr(row, name) for name in row.__slots__ if name not in _PLACED} for row in rows]


def _breaks_inside_words(text: str, count: int) -> Iterator[int]:
    """Places between two characters of a word of the tables, spread over the text."""
    rng = random.Random(7)
    places = [match.start() + 1 for match in lexicon.VERB.finditer(text) if len(match[0]) >= 2]
    yield from sorted(rng.sample(places, min(count, len(places))))


@pytest.mark.parametrize("damage", [" ", "\n"], ids=["space", "break"])
@pytest.mark.parametrize("name", list(_PAGES))
def test_damage_inside_a_word_changes_no_row(name: str, damage: str) -> None:
    text = _PAGES[name]
    whole = _content(_reading(text))
    for place in _breaks_inside_words(text, 12):
        damaged = text[:place] + damage + text[place:]
        assert _content(_reading(damaged)) == whole, text[place - 8 : place + 8]


@pytest.mark.parametrize("name", list(_PAGES))
def test_a_neutral_paragraph_changes_no_other_row(name: str) -> None:
    text = _PAGES[name].rstrip()
    reading, longer = _reading(text), _reading(f"{text}\n会场气氛十分热烈。")
    assert (longer.pledges, longer.metrics) == (reading.pledges, reading.metrics)


def _accounted(text: str, reading: Reading) -> None:
    """Every digit and every cue stands inside a row or an entry of the ledger."""
    covered = [False] * len(text)
    for known in (*reading.pledges, *reading.metrics, *reading.skipped):
        covered[known.start : known.end] = [True] * (known.end - known.start)
    for cue in re.finditer("力争|确保|务必|争取|[0-9]+", text):
        assert any(covered[cue.start() : cue.end()]), text[max(0, cue.start() - 10) : cue.end() + 10]


@settings(max_examples=150, deadline=None)
@given(_prose)
def test_every_digit_and_cue_is_in_a_row_or_in_the_ledger(text: str) -> None:
    _accounted(text, _reading(text))


@pytest.mark.parametrize("name", list(_PAGES))
def test_the_ledger_of_a_page_is_whole(name: str) -> None:
    _accounted(_PAGES[name], _reading(_PAGES[name]))


def test_planted_a_ledger_with_a_hole_is_noticed() -> None:
    text = "今年，力争接待游客20万人次。"
    with pytest.raises(AssertionError):
        _accounted(text, replace(_reading(text), pledges=(), skipped=()))


def test_planted_a_paragraph_that_promises_is_noticed() -> None:
    text = next(iter(_PAGES.values())).rstrip()
    assert _reading(f"{text}\n我们将新建公园3处。").pledges != _reading(text).pledges


def _seconds(text: str) -> float:
    """The processor time of a reading: what else the machine does is not in it."""
    begin = time.process_time()
    read(text, article_id="a")
    return time.process_time() - begin


@functools.cache
def _page(length: int) -> str:
    page = max(_PAGES.values(), key=len)
    return (page * (length // len(page) + 1))[:length]


@functools.cache
def _seconds_of_a_page(length: int, attempt: int) -> float:
    """The least of three readings, made once for all that are compared in this attempt."""
    return min(_seconds(_page(length)) for _ in range(3))


_REPEATED = [
    *sorted(lexicon.CUE_CLASS)[::4],
    *"1一亿，。、（“”：",
    "建设",
    "项目",
    "2023年",
    "今年",
    "既又",
    "（牵头单位：",
]


@pytest.mark.parametrize("unit", _REPEATED)
def test_no_repetition_costs_more_than_five_times_a_page(unit: str) -> None:
    length = 6000
    text = (unit * length)[:length]
    # A machine may be slow for a moment: one of three attempts is enough.
    assert any(_seconds(text) <= 5 * _seconds_of_a_page(length, attempt) for attempt in range(3))


@pytest.mark.parametrize("unit", ["亿元", "张三"])
def test_a_text_of_nothing_but_numbers_stays_linear(unit: str) -> None:
    """Each is a row of its own, so a character costs more than on a page; twice as many may not cost more than twice."""
    short = min(_seconds(unit * 2500) for _ in range(3))
    assert any(_seconds(unit * 5000) <= 2.8 * short for _ in range(3))

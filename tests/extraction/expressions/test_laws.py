"""Laws that hold for every text: order, offsets, purity, linear cost, the same answer in every process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinuo.extraction.expressions import find_expressions, parse

_DAY = date(2023, 2, 1)
_PIECES = [
    *"一二三两十百千万亿半几数零点%个元年月日底前内超近约到至-~第之又负成折米斤吨今明周初每余多来的，。（）\n",
    *(
        "1",
        "2023",
        "3.5",
        "1,000",
        "以上",
        "分之",
        "百分之",
        "公里",
        "星期",
        "季度",
        "上半",
        "世纪",
        "农历",
        "左右",
        "之间",
    ),
]
_TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))


@settings(max_examples=400, deadline=None)
@given(_TEXTS)
def test_expressions_stand_in_order_inside_the_text_and_hold_their_core(text: str) -> None:
    position = 0
    for one in parse(text, _DAY):
        assert position <= one.start <= one.core_start < one.core_end <= one.end <= len(text)
        assert one.number is None or one.start <= one.number.start < one.number.end <= one.end
        if one.low is not None and one.high is not None:
            assert one.low <= one.high
        if one.date_start is not None and one.date_end is not None:
            assert one.date_start <= one.date_end
        position = one.end


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_a_neutral_sentence_before_changes_nothing_but_offsets(text: str) -> None:
    short, long = "好。\n", "大家都很高兴。\n"

    def readings(lead: str) -> list[tuple[object, ...]]:
        found = find_expressions(lead + text, _DAY)
        return [
            (one.start - len(lead), one.end - len(lead), one.kind, one.value, one.date_end) for one in found
        ]

    assert readings(short) == readings(long)


_REPEATED = [
    *"一十百千万亿半几数零点19.,%个元年月日第超近约到-~，（“每周",
    "今年",
    "百分之",
    "1-",
    "十、",
    "1 ",
    "3万至",
    "一斤",
]


def _seconds(read: Callable[[str], object], text: str) -> float:
    """The processor time of a reading: what else the machine does is not in it."""
    start = time.process_time()
    read(text)
    return time.process_time() - start


def _is_linear(read: Callable[[str], object], piece: str) -> bool:
    """Whether eight times the text costs about eight times as much; quadratic cost would be sixty-four times.

    One of three long readings is enough, and the others are left out then: a machine may be slow for a moment.
    """
    short, long = (piece * (size // len(piece)) for size in (4_000, 32_000))
    least = min(_seconds(read, short) for _ in range(3))
    return any(_seconds(read, long) <= 24 * least + 0.02 for _ in range(3))


@pytest.mark.parametrize("piece", _REPEATED)
def test_the_cost_of_a_repeated_piece_is_linear(piece: str) -> None:
    assert _is_linear(lambda text: find_expressions(text, _DAY), piece)


def test_a_planted_quadratic_reader_is_caught() -> None:
    assert not _is_linear(lambda text: [text[at:].count("一") for at in range(len(text))], "一")


def test_the_answer_is_the_same_whatever_the_hash_seed() -> None:
    text = "力争2025年底前建成3至5个园区，投资超4亿元，增长5%以上，下周三前办结第三批20余件。"
    code = f"from yinuo import parse; import datetime; print(parse({text!r}, datetime.date(2023, 2, 1)))"
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(answers) == 1

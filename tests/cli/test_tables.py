"""Tables line up with wide characters: measured in terminal cells, at every width."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from yinuo.cli.tables import Column, column_widths, lined_up, on_one_line, shortened, showable

COLUMNS = [
    Column("promiser", least=8, most=16),
    Column("due", least=10, most=10),
    Column("value", least=8, most=20, justify="right"),
    Column("quote", least=16, takes_rest=True),
]
ROWS = [
    [
        "琅琊镇",
        "2023-12-31",
        "20",
        "争取全年新引进产业项目和\n税源企业20个以上,固投、规上工业产值、社消额等指标超额完成",
    ],
    ["青岛经济技术开发区管理委员会办公室", "-", "71,100,000,000", "力争实现全年接待游客超200 万人次"],
    ["ﾃｽﾄ half", "2025-12-31", "-0.1", "Ｆｕｌｌ－ｗｉｄｔｈ　２０２３ 年"],
    ["", "", "", ""],
]


def printed(rows: list[list[str]], width: int) -> list[str]:
    """The table's lines as a terminal of that width gets them."""
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, markup=False).print(lined_up(COLUMNS, rows, width))
    return out.getvalue().splitlines()


def cells_between(line: str, start: int, end: int) -> str:
    """What stands in the cells [start, end) of a line; a wide character cut in two fails the test."""
    taken, at = "", 0
    for character in line:
        width = cell_len(character)
        if at >= start and at + width <= end:
            taken += character
        else:
            assert at + width <= start or at >= end, (
                f"{character!r} stands across a column's border in {line!r}"
            )
        at += width
    return taken


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_every_column_begins_in_the_same_cell_in_every_row(width: int) -> None:
    lines = printed(ROWS, width)
    shown = [[on_one_line(cell) for cell in row] for row in ROWS]
    widths = column_widths(COLUMNS, shown, width)
    assert len(lines) == len(ROWS) + 2, "each row is one line"
    at = 0
    for column, cells in zip(COLUMNS, widths, strict=True):
        for line in lines:
            assert cell_len(line) <= width
            field = cells_between(line, at, at + cells)
            assert not field.startswith(" ") or column.justify == "right" or not field.strip()
            assert not cells_between(line, at + cells, at + cells + 2).strip(), "columns stand apart"
        at += cells + 2


text = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(text, min_size=4, max_size=4), max_size=5), st.integers(50, 200))
def test_no_text_breaks_the_table(rows: list[list[str]], width: int) -> None:
    lines = printed(rows, width)
    assert len(lines) == len(rows) + 2
    assert all(cell_len(line) <= width for line in lines)


def test_shortened_counts_cells_and_keeps_numbers_whole() -> None:
    assert shortened("旅游收入超4亿元", 15) == "旅游收入超4亿元"
    assert cell_len(shortened("旅游收入超4亿元以上的目标", 15)) <= 15
    assert shortened("接待游客12345678人次", 13) == "接待游客…"
    assert shortened("711亿元", 5) == "711…"


def test_what_steers_a_terminal_is_not_printed() -> None:
    assert showable("红\x1b[31m\x9b2J\u202e字") == "红\ufffd[31m\ufffd2J\ufffd字"
    assert len(showable("a\x1bb")) == 3, "one for one, so that offsets hold"
    assert on_one_line("做大做\n\n强, 200 万人次\r\n end") == "做大做强, 200 万人次 end"

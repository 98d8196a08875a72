"""The tables of statistical reports: which heads make a table, what each cell is read as, and what is none."""

import json
import tomllib
from importlib import resources
from typing import Any

import pytest

from yinuo import extract

_HEADS = tomllib.loads((resources.files("yinuo.extraction") / "tabular.toml").read_text("utf-8"))


def _rows(text: str, day: str | None = "2024-02-10") -> list[tuple[Any, ...]]:
    return [
        (row["quote"], row["value"], row["unit"], row["indicator"], row["period"], row["measure"])
        for row in json.loads(extract(text, published_on=day).model_dump_json())["metrics"]
    ]


@pytest.mark.parametrize(
    ("word", "head"),
    [pytest.param(word, head, id=word) for section in _HEADS.values() for word, head in section.items()],
)
def test_each_head_cell_makes_a_table(word: str, head: str) -> None:
    assert word in head.split() or any(cell.removesuffix("（%）").endswith(word) for cell in head.split())
    text = f"{head}\n布 亿米 294.9 -4.8\n纱 万吨 2,234.2 2.2\n"
    assert [row[0] for row in _rows(text)] == ["294.9", "-4.8", "2,234.2", "2.2"]
    assert len(_rows(text.replace(word, "甲"))) < 4


CELLS = [
    "产品名称",
    "单位",
    "产量",
    "比上年增长（%）",
    "纱",
    "万吨",
    "2234.2",
    "-2.2",
    "供电量",
    "万度",
    "50616",
    "8.83",
]
READ = [
    ("2234.2", "22342000", "吨", "纱产量", "2023", "level"),
    ("-2.2", "-2.2", "%", "纱产量", "2023", "change_rate"),
    ("50616", "506160000", "度", "供电量", "2023", "count"),
    ("8.83", "8.83", "%", "供电量", "2023", "change_rate"),
]


@pytest.mark.parametrize("between", ["\n", "\t", "  ", " | ", "\n\n", "　"])
def test_cells_are_read_however_they_are_set(between: str) -> None:
    assert _rows("表1 2023年主要产品产量\n" + between.join(CELLS)) == READ


def test_a_table_without_a_title_is_of_the_year_told_last() -> None:
    before = "2021年，完成投资30亿元。\n"
    assert {row[4] for row in _rows(before + "\n".join(CELLS))} == {"2021"}
    assert {row[4] for row in _rows("\n".join(CELLS))} == {"2023"}
    assert {row[4] for row in _rows("\n".join(CELLS), None)} == {None}


def test_years_name_columns_and_the_unit_stands_above() -> None:
    text = "全社会用电情况 单位：亿千瓦时\n指标 2022年 2023年 同比增长（%）\n用电量 86 92 6.7\n工业用电量 56 60 6.5\n"
    assert [(value, year) for _, value, _, _, year, _ in _rows(text)][:3] == [
        ("8600000000", "2022"),
        ("9200000000", "2023"),
        ("6.7", "2023"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(CELLS[4:]),  # no head
        "指标完成较好，单位产值增长3个点，产量 30 20\n",
        "指标 单位 说明\n纱 万吨 好\n布 亿米 好\n",
    ],
)
def test_what_is_no_table(text: str) -> None:
    assert all(row[0] not in ("2234.2", "50616", "30", "20") for row in _rows(text))


def test_prose_around_a_table_is_read_as_without_it() -> None:
    table = "\n".join(CELLS)
    text = "2023年，完成投资30亿元。\n" + table + "\n2024年，新建学校3所。\n"
    read = extract(text, published_on="2024-02-10")
    assert [row.quote for row in read.metrics] == ["30亿元", *(row[0] for row in READ), "3所"]
    assert [text[row.start : row.end] for row in read.metrics] == [row.quote for row in read.metrics]
    assert [row.quote for row in read.pledges] == ["2024年，新建学校3所"]

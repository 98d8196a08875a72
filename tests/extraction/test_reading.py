"""The clean view: what is joined, what is kept, and that every offset points back to the raw text."""

import tomllib
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinuo.extraction.reading import clean_view


@pytest.mark.parametrize(
    ("raw", "view"),
    [
        ("积极发展新业态，做大做\n\n强服务贸易，促进外贸。", "积极发展新业态，做大做强服务贸易，促进外贸。"),
        ("接待游客超200 万人次。", "接待游客超200万人次。"),
        ("年内 完成征迁。", "年内完成征迁。"),
        ("收入增长５．２％。", "收入增长5.2%。"),
        ("收入2,300元,增长5%.", "收入2,300元，增长5%。"),
        ("開展專項行動。", "开展专项行动。"),
        ("今天开会。\n明天开工。", "今天开会。\n明天开工。"),
    ],
)
def test_view(raw: str, view: str) -> None:
    assert clean_view(raw).text == view


def test_a_stuck_scan_keeps_the_first_complete_copy() -> None:
    view = clean_view(
        "全力攻坚总投资71亿元的19个重点谋划推进总投资71亿元的19个重点或划推进总投资71亿元的19个重点，美化环境。"
    )
    assert view.text == "全力攻坚总投资71亿元的19个重点，美化环境。"
    assert [dropped.reason for dropped in view.dropped] == ["repetition"]


def test_parallel_prose_is_no_stuck_scan() -> None:
    raw = "2022年完成投资10亿元，2023年完成投资12亿元，2024年完成投资15亿元。"
    assert clean_view(raw).text == raw


def _confusions() -> list[tuple[str, str]]:
    table = tomllib.loads((resources.files("yinuo.extraction") / "confusions.toml").read_text("utf-8"))
    return [tuple(line["example"]) for line in table["confusion"]]


@pytest.mark.parametrize(("damaged", "mended"), _confusions())
def test_confusions(damaged: str, mended: str) -> None:
    assert clean_view(damaged).text == mended


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('将建设5年 \n\r，。：；“”"(),.A%１亿元個深人新-代\t　'), max_size=200))
def test_offsets_point_into_the_raw_text(raw: str) -> None:
    view = clean_view(raw)
    assert len(view.text) == len(view.origin)
    assert all(left < right for left, right in zip(view.origin, view.origin[1:], strict=False))
    for index in range(len(view.text)):
        span = view.span(index, index + 1)
        assert 0 <= span.start < span.end <= len(raw)


def test_two_cells_of_a_table_are_two_numbers() -> None:
    assert "1576718.64" not in clean_view("粮食产量\n15767\n18.64\n油料产量\n").text


def test_one_space_sets_no_line_in() -> None:
    column = "  东湖区将深入实施优势产业强基工程\n 和新兴产业集聚工程以及企业梯次培育\n  工程，推动道路改造提升全面见效。"
    lines = [
        f"  {'东湖区将新建公园推动道路改造提升'}\n{'和新兴产业集聚工程以及企业梯次培育'}" for _ in range(3)
    ]
    view = clean_view("\n".join([*lines, column]))
    assert "强基工程和新兴产业" in view.text


def test_a_torn_line_of_latin_letters_is_left_out_whole() -> None:
    raw = "今年的各项经济指标全面超额完成，发展势头良好。\n\nCompany of the com\npan\n\n同时，我们将新建公园一处。"
    assert "pan" not in clean_view(raw).text

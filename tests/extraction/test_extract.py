"""Whole articles: what is a row, its fields, and the laws that hold for every text."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinuo import extract

SAMPLE = (Path(__file__).parents[2] / "seeds/000_6db2fce664966d35.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def page():
    return extract(SAMPLE)


def test_the_sample_page_has_two_interviews_of_three_questions(page) -> None:
    assert [p.kind for p in page.passages].count("question") == 6
    speakers = {(p.speaker.name, p.speaker.post, p.speaker.organisation) for p in page.passages if p.speaker}
    assert speakers == {("李博", "副主任", "青岛开发区管委"), ("李守晟", "党委书记", "琅琊镇")}


def test_no_pledge_comes_from_a_question(page) -> None:
    questions = [(p.start, p.end) for p in page.passages if p.kind == "question"]
    assert not [p for p in page.pledges for start, end in questions if p.start < end and start < p.end]


@pytest.mark.parametrize("quote", ["711亿元", "19个"])
def test_a_number_in_a_stuck_scan_counts_once(page, quote: str) -> None:
    assert [m.quote for m in page.metrics].count(quote) == 1


def test_the_year_is_inferred_from_the_year_that_opens_forward_scope(page) -> None:
    assert (str(page.reference_date), page.reference_basis) == ("2023-01-01", "inferred")


def _pledges(text: str, published_on: str | None = "2023-01-10"):
    return extract(text, published_on=published_on).pledges


@pytest.mark.parametrize(
    ("text", "quote", "firmness"),
    [
        ("东湖区将力争完成新建项目6个。", "东湖区将力争完成新建项目6个", "aim"),
        ("东湖区确保大桥年内建成通车。", "东湖区确保大桥年内建成通车", "guarantee"),
        ("今年，东湖区将推进滨河新区建设。", "今年，东湖区将推进滨河新区建设", "commitment"),
        ("今年，东湖区将做好移民工作，推进滨河新区建设。", "推进滨河新区建设", "effort"),
        ("今年，东湖区将打造全国开发区样板。", "今年，东湖区将打造全国开发区样板", "rhetoric"),
    ],
)
def test_firmness(text: str, quote: str, firmness: str) -> None:
    assert (quote, firmness) in [(p.quote, p.firmness) for p in _pledges(text)]


@pytest.mark.parametrize(
    "text",
    [
        "去年，东湖区建成了污水处理厂2座。",
        "中央经济工作会议指出，要推进改革。",
        "记者：新的一年，东湖区将如何推进改革？",
        "项目建设是头等大事。",
    ],
)
def test_nothing_is_promised(text: str) -> None:
    assert not _pledges(text)


@pytest.mark.parametrize(
    ("text", "promiser"),
    [
        ("今年，我村计划新建停车场。", None),
        ("今年，我县计划新建停车场。", "青田县"),
        ("今年，我们计划新建停车场。", "青田县"),
    ],
)
def test_a_pronoun_of_another_level_is_nobody_known(text: str, promiser: str | None) -> None:
    found = extract(text, published_on="2025-03-05", region="青田县").pledges
    assert [pledge.promiser for pledge in found] == [promiser]


def test_coordinated_objects_with_numbers_divide() -> None:
    quotes = [p.quote for p in _pledges("今年，东湖区将新建广场1处、停车场2处。")]
    assert quotes == ["今年，东湖区将新建广场1处", "停车场2处"]


@pytest.mark.parametrize(
    ("text", "due", "basis"),
    [
        ("到2025年底，东湖区将建成示范点2个。", "2025-12-31", "explicit"),
        ("今年，东湖区将新建停车场。", "2023-12-31", "reference"),
        ("东湖区将新建停车场。", None, "none"),
    ],
)
def test_due(text: str, due: str | None, basis: str) -> None:
    pledge = _pledges(text)[0]
    assert (str(pledge.due) if pledge.due else None, pledge.due_basis) == (due, basis)


@pytest.mark.parametrize(
    ("text", "value", "unit", "comparator"),
    [
        ("去年全市旅游收入超4亿元。", "400000000", "元", "gt"),
        ("去年全市出口下降0.1%。", "-0.1", "%", "eq"),
        ("全县有在册渔船860余艘。", "860", "艘", "gt"),
        ("今年新引进企业20个以上。", "20", "个", "ge"),
        ("全力推进2×35万千瓦热电项目。", "700000", "千瓦", "eq"),
    ],
)
def test_metric(text: str, value: str, unit: str, comparator: str) -> None:
    found = extract(text, published_on="2023-01-10").model_dump(mode="json")["metrics"]
    assert [(m["value"], m["unit"], m["comparator"]) for m in found] == [(value, unit, comparator)]


@pytest.mark.parametrize(
    "text", ["聚焦三年行动目标。", "抓好五个方面的工作。", "引进三元、万家惠等企业。", "首架C919大飞机交付。"]
)
def test_what_looks_like_a_number_and_is_none(text: str) -> None:
    assert not extract(text, published_on="2023-01-10").metrics


_MATERIAL = st.text(
    st.sampled_from("今年将力争建设完成2030亿元个%，。：、“”《》\n 记者问李博青岛区已超到底的在以为aA(）"),
    max_size=300,
)


@settings(max_examples=200, deadline=None)
@given(_MATERIAL)
def test_any_text_reads_without_error_and_every_row_quotes_the_text(text: str) -> None:
    if not text.strip():
        return
    read = extract(text, published_on="2024-03-01")
    for row in [*read.pledges, *read.metrics]:
        assert text[row.start : row.end] == row.quote != ""
    ids = [p.pledge_id for p in read.pledges] + [m.metric_id for m in read.metrics]
    assert len(ids) == len(set(ids))


def test_the_same_bytes_under_any_hash_seed() -> None:
    program = "import sys; from yinuo import extract; print(extract(sys.stdin.read()).model_dump_json())"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], input=SAMPLE, capture_output=True, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
    assert len(outputs) == 1

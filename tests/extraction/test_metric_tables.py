"""Every line of the tables that read figures has an example that runs and shows what the line does."""

import tomllib
from importlib import resources
from typing import Any

import pytest

from yinuo import extract

_DAY = "2023-02-10"


def _lines(table: str, section: str) -> list[Any]:
    lines = tomllib.loads((resources.files("yinuo.extraction") / table).read_text("utf-8"))[section]
    return [pytest.param(word, example, id=word) for word, example in lines.items()]


def _metrics(text: str, day: str | None = _DAY) -> list[Any]:
    return extract(text + "。", published_on=day).metrics


@pytest.mark.parametrize(("word", "example"), _lines("counted.toml", "abstract"))
def test_an_abstract_head_is_not_counted(word: str, example: str) -> None:
    assert word in example
    assert not _metrics(example)


@pytest.mark.parametrize(("word", "example"), _lines("counted.toml", "counts_on"))
def test_an_ordinal_with_a_counter_counts(word: str, example: str) -> None:
    assert [row.unit for row in _metrics(example)] == [word]


@pytest.mark.parametrize(("word", "example"), _lines("counted.toml", "measured_in_days"))
def test_days_measure(word: str, example: str) -> None:
    assert word in example
    assert [row.unit for row in _metrics(example)] in (["天"], ["小时"])


@pytest.mark.parametrize(("word", "example"), _lines("counted.toml", "money"))
def test_a_bare_amount_of_money_is_in_yuan(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[-1].unit == "元"


@pytest.mark.parametrize(("word", "example"), _lines("counted.toml", "people"))
def test_people_behind_a_bare_number_are_counted(word: str, example: str) -> None:
    assert [(row.unit, word in row.indicator) for row in _metrics(example)] == [(None, True)]


@pytest.mark.parametrize(("word", "example"), _lines("counted.toml", "parts"))
def test_parts_are_rows(word: str, example: str) -> None:
    assert word in example
    assert len(_metrics(example)) >= 2


@pytest.mark.parametrize(("word", "example"), _lines("bases.toml", "decline"))
def test_a_decline_is_negative(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[-1].value < 0


@pytest.mark.parametrize(("word", "example"), _lines("bases.toml", "rise"))
def test_a_rise_is_a_positive_change(word: str, example: str) -> None:
    assert word in example
    row = _metrics(example)[-1]
    assert row.value > 0
    assert row.measure in ("change_rate", "change_abs")


@pytest.mark.parametrize(("word", "example"), _lines("bases.toml", "base"))
def test_a_base_is_named(word: str, example: str) -> None:
    assert _metrics(example)[-1].base == word


@pytest.mark.parametrize(("word", "example"), _lines("bases.toml", "flow"))
def test_a_flow(word: str, example: str) -> None:
    assert word in example
    assert [row.flow for row in _metrics("去年，" + example)] == ["flow"]


@pytest.mark.parametrize(("word", "example"), _lines("bases.toml", "stock"))
def test_a_stock(word: str, example: str) -> None:
    assert word in example
    assert [row.flow for row in _metrics("去年，" + example)] == ["stock"]


@pytest.mark.parametrize(("word", "example"), _lines("periods.toml", "now"))
def test_now_is_the_year_of_publication(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[-1].period == "2023"


@pytest.mark.parametrize(("word", "year"), _lines("periods.toml", "since"))
def test_years_since(word: str, year: int) -> None:
    assert _metrics(f"{word}，全县建成学校30所")[-1].period == f"{year}-2023"


@pytest.mark.parametrize(("word", "example"), _lines("periods.toml", "point"))
def test_a_point_is_a_day(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[-1].period.count("-") == 2


@pytest.mark.parametrize(("word", "example"), _lines("periods.toml", "whole"))
def test_a_part_of_the_reported_year(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[-1].period.startswith("2022")


@pytest.mark.parametrize(("word", "example"), _lines("status.toml", "expects"))
def test_an_estimate_is_expected(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[-1].status == "expected"


@pytest.mark.parametrize(("word", "example"), _lines("status.toml", "aims"))
def test_what_is_aimed_at_is_a_target(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[-1].status == "target"


@pytest.mark.parametrize(("word", "example"), _lines("status.toml", "reaches"))
def test_what_was_reached_is_achieved(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[-1].status == "achieved"


@pytest.mark.parametrize(("word", "example"), _lines("status.toml", "stands"))
def test_what_stands_is_a_baseline(word: str, example: str) -> None:
    assert word in example
    assert _metrics("去年开工。" + example)[-1].status == "baseline"


@pytest.mark.parametrize(("word", "example"), _lines("status.toml", "delivers"))
def test_work_on_a_size_is_a_target(word: str, example: str) -> None:
    assert word in example
    assert _metrics("东湖区今年将" + example)[-1].status == "target"


@pytest.mark.parametrize(("word", "example"), _lines("status.toml", "class_of"))
def test_a_class_has_a_threshold(word: str, example: str) -> None:
    assert word in example
    assert _metrics(example)[0].status == "threshold"


@pytest.mark.parametrize(("word", "example"), _lines("indicators.toml", "predicate"))
def test_a_predicate_is_no_part_of_the_indicator(word: str, example: str) -> None:
    assert word in example
    indicator = _metrics(example)[0].indicator
    assert indicator is not None
    assert word not in indicator


@pytest.mark.parametrize(("word", "example"), _lines("indicators.toml", "acts"))
def test_the_object_of_an_act_is_measured(word: str, example: str) -> None:
    assert word in example
    indicator = _metrics(example)[0].indicator
    assert indicator is not None
    assert word not in indicator


@pytest.mark.parametrize(("word", "example"), _lines("indicators.toml", "cuts"))
def test_a_counted_noun_ends_before(word: str, example: str) -> None:
    assert word in example
    indicator = _metrics(example)[0].indicator
    assert indicator is not None
    assert word not in indicator


@pytest.mark.parametrize(("word", "example"), _lines("indicators.toml", "carries"))
def test_what_names_nothing_speaks_of_the_same(word: str, example: str) -> None:
    assert word in example
    rows = _metrics(example)
    assert word not in rows[-1].indicator
    assert rows[-1].indicator == rows[0].indicator

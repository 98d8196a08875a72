"""`parse --json`: each kind has its fields, no others, in their order; numbers are plain decimal strings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from yinuo.cli.expression_json import decimal_text, expression_fields
from yinuo.extraction.expressions.model import Expression, Numeral

COMMON = ["start", "end", "quote", "kind", "core"]
NUMERIC = [*COMMON, "value", "low", "high", "low_inclusive", "high_inclusive", "approximate", "number"]
FIELDS = {
    "number": NUMERIC,
    "percent": NUMERIC,
    "ordinal": NUMERIC,
    "range": NUMERIC,
    "money": [*NUMERIC, "currency"],
    "quantity": [*NUMERIC, "unit"],
    "date": [*COMMON, "date_start", "date_end"],
    "duration": [*COMMON, "duration"],
}


@pytest.mark.parametrize("kind", FIELDS)
def test_fields_of_each_kind(kind: str) -> None:
    assert list(expression_fields("超4亿元", Expression(0, 4, kind, 1, 4))) == FIELDS[kind]


def test_a_measure_has_its_value_in_si_units_too() -> None:
    seen = Expression(
        0, 4, "quantity", 0, 4, Decimal(62), Decimal(62), Decimal(62), unit="公里", unit_si="m",
        value_si=Decimal("6.2E+4"), low_si=Decimal(62000), high_si=None,
    )  # fmt: skip
    fields = expression_fields("62公里", seen)
    assert list(fields) == [*NUMERIC, "unit", "unit_si", "value_si", "low_si", "high_si"]
    assert (fields["value_si"], fields["high_si"]) == ("62000", None)


def test_money_with_a_comparator() -> None:
    seen = Expression(
        2, 6, "money", 3, 6, Decimal("4E8"), Decimal("4E8"), None, low_inclusive=False,
        number=Numeral(3, 5, Decimal("4E8")), currency="CNY",
    )  # fmt: skip
    assert expression_fields("收入超4亿元。", seen) == {
        "start": 2, "end": 6, "quote": "超4亿元", "kind": "money", "core": {"start": 3, "end": 6},
        "value": "400000000", "low": "400000000", "high": None,
        "low_inclusive": False, "high_inclusive": True,
        "approximate": False, "number": {"start": 3, "end": 5, "value": "400000000"}, "currency": "CNY",
    }  # fmt: skip


def test_a_date_that_needs_a_reference_has_two_nulls() -> None:
    open_date = expression_fields("今年", Expression(0, 2, "date", 0, 2))
    assert (open_date["date_start"], open_date["date_end"]) == (None, None)
    closed = Expression(0, 2, "date", 0, 2, date_start=date(2023, 1, 1), date_end=date(2023, 12, 31))
    assert expression_fields("今年", closed)["date_end"] == "2023-12-31"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5.20", "5.2"),
        ("-0.10", "-0.1"),
        ("4E8", "400000000"),
        ("1E-7", "0.0000001"),
        ("0.0", "0"),
        ("-0", "0"),
        ("100", "100"),
    ],
)
def test_numbers_are_plain_digits(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text

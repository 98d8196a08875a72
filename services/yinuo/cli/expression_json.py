"""The wire form of what `yinuo parse --json` prints: an `Expression` as a dict, with the fields of its kind.

Numbers are decimal strings, offsets code points `[start, end)`, days ISO 8601, null = open or unknown.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from yinuo.extraction.expressions.model import Expression

_TIMES = frozenset({"date", "duration"})


def expression_fields(text: str, expression: Expression) -> dict[str, Any]:
    """The fields that an expression of this kind has, in their fixed order."""
    fields: dict[str, Any] = {
        "start": expression.start,
        "end": expression.end,
        "quote": text[expression.start : expression.end],
        "kind": expression.kind,
        "core": {"start": expression.core_start, "end": expression.core_end},
    }
    if expression.kind not in _TIMES:
        fields |= _numeric_fields(expression)
    return fields | _fields_of_kind(expression)


def _numeric_fields(expression: Expression) -> dict[str, Any]:
    number = expression.number
    return {
        "value": decimal_text(expression.value),
        "low": decimal_text(expression.low),
        "high": decimal_text(expression.high),
        "low_inclusive": expression.low_inclusive,
        "high_inclusive": expression.high_inclusive,
        "approximate": expression.approximate,
        "number": number and {"start": number.start, "end": number.end, "value": decimal_text(number.value)},
    }


def _fields_of_kind(expression: Expression) -> dict[str, Any]:
    match expression.kind:
        case "money":
            return {"currency": expression.currency}
        case "quantity" if expression.unit_si is not None:
            return {
                "unit": expression.unit,
                "unit_si": expression.unit_si,
                "value_si": decimal_text(expression.value_si),
                "low_si": decimal_text(expression.low_si),
                "high_si": decimal_text(expression.high_si),
            }
        case "quantity":
            return {"unit": expression.unit}
        case "date":
            return {
                "date_start": expression.date_start and expression.date_start.isoformat(),
                "date_end": expression.date_end and expression.date_end.isoformat(),
            }
        case "duration":
            return {"duration": expression.duration}
    return {}


def decimal_text(value: Decimal | None) -> str | None:
    """Plain digits without exponent and without idle zeros: '400000000', '5.2', '-0.1'."""
    if value is None:
        return None
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text

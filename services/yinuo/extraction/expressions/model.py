"""What `parse` finds: one frozen record an expression, as in contract §3. Offsets are code points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Numeral:
    """The numeral alone, multiplier included: 1.2万 in 约1.2万人次."""

    start: int
    end: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Expression:
    """A number, quantity, range or time expression `[start, end)`, comparator words inside.

    kind: number percent ordinal money quantity range date duration.
    core_start, core_end: number and unit alone (80%, 20个).
    value: the number at the core; None for a range of two ends, dates and durations.
    low, high: bounds, None = open, equal for a plain value. approximate: 左右, 约.
    unit: as written; unit_si, value_si, low_si, high_si for measures.
    currency: ISO 4217. date_start, date_end: inclusive days. duration: ISO 8601.
    basis (times only): `explicit` (own year), `reference` (needs the reference date), `relative` (a span).
    deadline (times only): the words name a last day (年底前, 到2025年, 年内) and not only a period.
    rule: name of the rule that made it.
    """

    start: int
    end: int
    kind: str
    core_start: int
    core_end: int
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    low_inclusive: bool = True
    high_inclusive: bool = True
    approximate: bool = False
    number: Numeral | None = None
    unit: str | None = None
    unit_si: str | None = None
    value_si: Decimal | None = None
    low_si: Decimal | None = None
    high_si: Decimal | None = None
    currency: str | None = None
    date_start: date | None = None
    date_end: date | None = None
    duration: str | None = None
    basis: str | None = None
    deadline: bool = False
    rule: str = ""

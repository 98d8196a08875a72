"""The frozen rows that extraction returns. Field names and order are those of the wire contract.

Extraction makes no pydantic models (a thousand validations a page for values it made itself); the edge in
`yinuo/__init__.py` turns these into `yinuo_schemas.Extraction`. Offsets are code points into the raw text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch `[start, end)` of the raw text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cue:
    """The word that decided the firmness."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Noise:
    """Damage bridged inside a row: break, space, width, variant, confusion, repetition, garbage."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Region:
    """A place as named, with its GB/T 2260 code where certain."""

    name: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose words these are."""

    name: str
    post: str | None
    organisation: str | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the page, its kind and its speaker."""

    start: int
    end: int
    kind: str
    speaker: Speaker | None


@dataclass(frozen=True, slots=True)
class Pledge:
    """One pledge or aspiration."""

    pledge_id: str
    start: int
    end: int
    quote: str
    kind: str
    promiser: str | None
    speaker: str | None
    speaker_post: str | None
    executor: str | None
    action: str | None
    object: str | None
    means: str | None
    purpose: str | None
    due: date | None
    due_start: date | None
    due_basis: str
    due_text: str | None
    firmness: str
    cue: Cue | None
    testability: str
    specificity: int
    binding: str
    topic: str
    region: Region | None
    inherited: dict[str, Span]
    noise: tuple[Noise, ...]
    doubts: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number about the world."""

    metric_id: str
    start: int
    end: int
    quote: str
    indicator: str | None
    value: Decimal
    value_high: Decimal | None
    unit: str | None
    unit_code: str | None
    comparator: str
    status: str
    measure: str
    flow: str
    period: str | None
    period_start: date | None
    period_end: date | None
    base: str | None
    subject: str | None
    region: Region | None
    pledge_id: str | None
    noise: tuple[Noise, ...]
    doubts: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A number or cue that gave no row, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one article."""

    reference_date: date | None
    reference_basis: str
    passages: tuple[Passage, ...]
    pledges: tuple[Pledge, ...]
    metrics: tuple[Metric, ...]
    skipped: tuple[Skipped, ...]

"""The rows of the views that commands and pages read, as frozen objects: a field for each column.

What each means stands in the columns' comments (schemas/postgres). Offsets are code points into the article's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from yinuo.storage.found import FromRecord

Json = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeRow(FromRecord):
    """A row of `current_pledges`."""

    json_fields: ClassVar[frozenset[str]] = frozenset({"inherited", "noise", "doubts", "rules"})

    pledge_id: str
    article_id: str
    revision: int
    title: str | None
    source: str | None
    published_on: date | None
    url: str | None
    page: str | None
    span_start: int
    span_end: int
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
    cue_start: int | None
    cue_end: int | None
    cue_text: str | None
    testability: str
    specificity: int
    binding: str
    topic: str
    region_name: str | None
    region_code: str | None
    inherited: dict[str, Any]
    noise: Json
    doubts: Json
    rules: Json
    reference_date: date | None
    reference_basis: str
    source_cluster: str
    source_topic: str
    source_partition: int
    source_offset: int
    extractor_version: str
    rules_digest: str
    valid_from: datetime
    article_region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow(PledgeRow):
    """A row of `due_pledges`; its two columns of its own stand last."""

    light: str
    days_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentRow(DueRow):
    """A row of `silent_pledges`; its column of its own stands last."""

    looked_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow(FromRecord):
    """A row of `pledge_targets`."""

    pledge_id: str
    article_id: str
    promiser: str | None
    speaker: str | None
    kind: str
    firmness: str
    binding: str
    testability: str
    due: date | None
    quote: str
    metric_id: str
    indicator: str | None
    comparator: str
    value: Decimal
    value_high: Decimal | None
    unit: str | None
    unit_code: str | None
    status: str
    measure: str
    flow: str
    period: str | None
    period_start: date | None
    period_end: date | None
    base: str | None
    subject: str | None
    region_name: str | None
    region_code: str | None
    lowest: Decimal | None
    lowest_included: bool
    highest: Decimal | None
    highest_included: bool
    number_quote: str
    span_start: int
    span_end: int
    title: str | None
    source: str | None
    published_on: date | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRow(FromRecord):
    """A row of `yinuo.search`: an article that holds the words."""

    article_id: str
    rank: float
    hits: int
    title: str | None
    source: str | None
    published_on: date | None
    pledges: int
    metrics: int
    hit_start: int | None
    hit_end: int | None
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow(FromRecord):
    """A row of `current_metrics`."""

    json_fields: ClassVar[frozenset[str]] = frozenset({"noise", "doubts", "rules"})

    metric_id: str
    article_id: str
    revision: int
    title: str | None
    source: str | None
    published_on: date | None
    url: str | None
    page: str | None
    span_start: int
    span_end: int
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
    region_name: str | None
    region_code: str | None
    pledge_id: str | None
    noise: Json
    doubts: Json
    rules: Json
    pledge_kind: str | None
    pledge_promiser: str | None
    pledge_speaker: str | None
    pledge_due: date | None
    pledge_firmness: str | None
    reference_date: date | None
    reference_basis: str
    source_cluster: str
    source_topic: str
    source_partition: int
    source_offset: int
    extractor_version: str
    rules_digest: str
    valid_from: datetime
    article_region: str | None

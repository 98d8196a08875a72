"""How messages become rows: the columns of each table in COPY's order, and the values that go into them.

Columns are the names of the wire form: `start`/`end` as `span_start`/`span_end`, nested ones joined by `_`, lists
as jsonb. jsonb values are text in one canonical spelling, so that equal contents are equal strings.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from yinuo_schemas import Article, Extraction, Metric, Passage, Pledge, SourcePosition
from yinuo_schemas.extraction import Region, Speaker

Values = tuple[Any, ...]

_MOST_DIGITS = 131_072
"""Before the point, in Postgres's numeric."""

STAMP = (
    "source_cluster", "source_topic", "source_partition", "source_offset", "extractor_version", "rules_digest",
)  # fmt: skip
"""Columns that every row carries: where it comes from and what read it."""


@dataclass(frozen=True, slots=True)
class RowTable:
    """A table of rows of an article: `content` is what a row says, its first column the row's id."""

    name: str
    history: str
    content: tuple[str, ...]
    json: frozenset[str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in the order of `Row.values`."""
        return ("article_id", *self.content, *STAMP, "valid_from")

    @property
    def history_columns(self) -> tuple[str, ...]:
        """The columns of its history in the order that `history` writes."""
        return (*self.columns, "revision", "content_hash", "valid_to", "reason")


PLEDGES = RowTable(
    "pledges",
    "pledge_history",
    (
        "pledge_id", "span_start", "span_end", "quote", "kind", "promiser", "speaker", "speaker_post", "executor",
        "action", "object", "means", "purpose", "due", "due_start", "due_basis", "due_text", "firmness",
        "cue_start", "cue_end", "cue_text", "testability", "specificity", "binding", "topic",
        "region_name", "region_code", "inherited", "noise", "doubts", "rules",
    ),
    frozenset({"inherited", "noise", "doubts", "rules"}),
)  # fmt: skip

METRICS = RowTable(
    "metrics",
    "metric_history",
    (
        "metric_id", "span_start", "span_end", "quote", "indicator", "value", "value_high", "unit", "unit_code",
        "comparator", "status", "measure", "flow", "period", "period_start", "period_end", "base", "subject",
        "region_name", "region_code", "pledge_id", "noise", "doubts", "rules",
    ),
    frozenset({"noise", "doubts", "rules"}),
)  # fmt: skip

PASSAGE_COLUMNS = (
    "article_id", "ordinal", "span_start", "span_end", "kind",
    "speaker_name", "speaker_post", "speaker_organisation", *STAMP,
)  # fmt: skip

ARTICLE_CONTENT = (
    "revision", "title", "source", "published_on", "url", "page", "author", "region", "text", "content_hash",
    "reference_date", "reference_basis", "skipped",
)  # fmt: skip

ARTICLE_COLUMNS = (
    "article_id", *ARTICLE_CONTENT, "extractor_name", *STAMP, "source_timestamp", "received_at", "valid_from",
)  # fmt: skip

ARTICLE_HISTORY_COLUMNS = (*ARTICLE_COLUMNS, "valid_to", "reason")


def stamp(source: SourcePosition, extraction: Extraction) -> Values:
    """The values of `STAMP`."""
    extractor = extraction.extractor
    return (
        source.cluster, source.topic, source.partition, source.offset, extractor.version, extractor.rules_digest,
    )  # fmt: skip


def article_content(article: Article, content_hash: str, extraction: Extraction) -> Values:
    """The values of `ARTICLE_CONTENT`."""
    return (
        article.revision, article.title, article.source, article.published_on, article.url, article.page,
        article.author, article.region, article.text, content_hash,
        extraction.reference_date, extraction.reference_basis.value, _list(extraction.skipped),
    )  # fmt: skip


def pledge_content(pledge: Pledge) -> Values:
    """The values of `PLEDGES.content`."""
    cue = (None, None, None) if pledge.cue is None else (pledge.cue.start, pledge.cue.end, pledge.cue.text)
    return (
        pledge.pledge_id, pledge.start, pledge.end, pledge.quote, pledge.kind.value, pledge.promiser,
        pledge.speaker, pledge.speaker_post, pledge.executor, pledge.action, pledge.object, pledge.means,
        pledge.purpose, pledge.due, pledge.due_start, pledge.due_basis.value, pledge.due_text,
        pledge.firmness.value, *cue, pledge.testability.value, pledge.specificity, pledge.binding.value,
        pledge.topic.value, *_region(pledge.region),
        canonical({field: span.model_dump() for field, span in pledge.inherited.items()}),
        _list(pledge.noise), canonical(pledge.doubts), canonical(pledge.rules),
    )  # fmt: skip


def metric_content(metric: Metric) -> Values:
    """The values of `METRICS.content`."""
    return (
        metric.metric_id, metric.start, metric.end, metric.quote, metric.indicator, _number(metric.value),
        _number(metric.value_high), metric.unit, metric.unit_code, metric.comparator.value, metric.status.value,
        metric.measure.value, metric.flow.value, metric.period, metric.period_start, metric.period_end,
        metric.base, metric.subject, *_region(metric.region), metric.pledge_id,
        _list(metric.noise), canonical(metric.doubts), canonical(metric.rules),
    )  # fmt: skip


def passage_values(article_id: str, ordinal: int, passage: Passage, stamped: Values) -> Values:
    """The values of `PASSAGE_COLUMNS`."""
    return (
        article_id, ordinal, passage.start, passage.end, passage.kind.value, *_speaker(passage.speaker), *stamped
    )  # fmt: skip


def canonical(value: Any) -> str:
    """JSON in one spelling: sorted keys, no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def respelt(text: str) -> str:
    """The canonical spelling of jsonb as the server spells it."""
    return "[]" if text == "[]" else canonical(json.loads(text))


def _number(value: Decimal | None) -> Decimal | None:
    """The number, if `numeric` can hold it; asyncpg would store a wrong one in silence. OverflowError."""
    if value and value.adjusted() >= _MOST_DIGITS:
        raise OverflowError(f"a number with more than {_MOST_DIGITS} digits")
    return value


def _list(records: Sequence[BaseModel]) -> str:
    return canonical([record.model_dump(mode="json") for record in records]) if records else "[]"


def _region(region: Region | None) -> Values:
    return (None, None) if region is None else (region.name, region.code)


def _speaker(speaker: Speaker | None) -> Values:
    return (None, None, None) if speaker is None else (speaker.name, speaker.post, speaker.organisation)

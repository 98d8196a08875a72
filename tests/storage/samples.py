"""Extractions for the tests: small articles whose rows are found in their text, positions chosen freely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from yinuo.storage.incoming import IncomingExtraction
from yinuo_schemas import Article, DeadLetter, Extraction, SourcePosition
from yinuo_schemas.dead_letter import ErrorStage, ErrorType

EPOCH = datetime(2024, 5, 1, tzinfo=UTC)

TEXT = "确保2025年建成3所学校。力争产值增长8%。"
PLEDGES = ("确保2025年建成3所学校", "力争产值增长8%")
METRICS = ("3所", "8%")


def position(
    offset: int = 0, *, partition: int = 0, at: int = 0, cluster: str = "c1", topic: str = "articles.raw"
) -> SourcePosition:
    """A raw message's position; `at` is its time in seconds."""
    return SourcePosition(
        cluster=cluster,
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp=EPOCH + timedelta(seconds=at),
    )


def row_id(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:16]


def pledge(text: str, quote: str, article_id: str = "a", /, **fields: Any) -> dict[str, Any]:
    start = text.index(quote)
    return {
        "pledge_id": row_id("pledge", article_id, quote),
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "kind": "pledge",
        "promiser": "福清市",
        "speaker": "王文",
        "speaker_post": "市长",
        "executor": None,
        "action": "建成",
        "object": None,
        "means": None,
        "purpose": None,
        "due": date(2025, 12, 31),
        "due_start": None,
        "due_basis": "explicit",
        "due_text": "2025年",
        "firmness": "guarantee",
        "cue": {"start": start, "end": start + 2, "text": quote[:2]},
        "testability": "testable",
        "specificity": 6,
        "binding": "unstated",
        "topic": "education",
        "region": {"name": "福清市", "code": "350181"},
        "inherited": {"promiser": {"start": 0, "end": 1}},
        "noise": [{"start": start, "end": start + 1, "kind": "break"}],
        "doubts": ["promiser_unknown"],
        "rules": ["cue.guarantee"],
        **fields,
    }


def metric(text: str, quote: str, article_id: str = "a", /, **fields: Any) -> dict[str, Any]:
    start = text.index(quote)
    return {
        "metric_id": row_id("metric", article_id, quote),
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "indicator": "学校",
        "value": Decimal(3),
        "value_high": None,
        "unit": quote[-1],
        "unit_code": None,
        "comparator": "eq",
        "status": "target",
        "measure": "count",
        "flow": "unknown",
        "period": "2025",
        "period_start": date(2025, 1, 1),
        "period_end": date(2025, 12, 31),
        "base": None,
        "subject": None,
        "region": None,
        "pledge_id": None,
        "noise": [],
        "doubts": [],
        "rules": ["metric.count"],
        **fields,
    }


def extraction(
    article: Article,
    *,
    pledges: Sequence[Mapping[str, Any]] = (),
    metrics: Sequence[Mapping[str, Any]] = (),
    version: str = "1.0.0",
    digest: str = "d1",
    **fields: Any,
) -> Extraction:
    return Extraction.model_validate(
        {
            "article": article.with_id().model_dump(),
            "reference_date": date(2024, 5, 1),
            "reference_basis": "published",
            "extractor": {"name": "yinuo", "version": version, "rules_digest": digest},
            "passages": [
                {
                    "start": 0,
                    "end": len(article.text),
                    "kind": "answer",
                    "speaker": {"name": "王文", "post": "市长", "organisation": "福清市人民政府"},
                }
            ],
            "pledges": list(pledges),
            "metrics": list(metrics),
            "skipped": [{"start": 0, "end": 1, "reason": "date"}],
            **fields,
        }
    )


def message(
    article_id: str = "a",
    text: str = TEXT,
    *,
    raw: SourcePosition | None = None,
    pledges: Sequence[str] | Sequence[Mapping[str, Any]] = PLEDGES,
    metrics: Sequence[str] | Sequence[Mapping[str, Any]] = METRICS,
    version: str = "1.0.0",
    digest: str = "d1",
    replay_of: str | None = None,
    extracted: Mapping[str, Any] | None = None,
    **article: Any,
) -> IncomingExtraction:
    """A message; rows are given by quotes that stand in the text, or whole. Other fields are the article's."""
    whole = Article(article_id=article_id, text=text, **{"published_on": date(2024, 5, 1), **article})
    return IncomingExtraction(
        extraction(
            whole,
            pledges=[
                pledge(text, p, article_id) if isinstance(p, str) else p for p in pledges if _in(p, text)
            ],
            metrics=[
                metric(text, m, article_id) if isinstance(m, str) else m for m in metrics if _in(m, text)
            ],
            version=version,
            digest=digest,
            **(extracted or {}),
        ),
        raw or position(),
        replay_of,
    )


def dead_letter(
    source: SourcePosition | None = None,
    *,
    headers: tuple[tuple[str, bytes | None], ...] = (("source", "福清".encode()),),
    **fields: Any,
) -> DeadLetter:
    return DeadLetter(
        **{
            "key": b"k",
            "value": b"\xff\x00bytes",
            "headers": headers,
            "stage": ErrorStage.DECODE,
            "type": ErrorType.ENCODING,
            "message": "neither UTF-8 nor GB18030",
            "source": source or position(),
            "failed_at": EPOCH,
            **fields,
        }
    )


def _in(quote: str | Mapping[str, Any], text: str) -> bool:
    return not isinstance(quote, str) or quote in text

"""One stored article as the extraction it came from: the tables read back into the wire form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from yinuo.storage.connection import Connection
from yinuo.storage.faults import told_apart
from yinuo.storage.sql_files import statements
from yinuo_schemas import Article, Extraction, Metric, Passage, Pledge

_SQL = statements("reading")

_CUE, _REGION, _SPEAKER = ("start", "end", "text"), ("name", "code"), ("name", "post", "organisation")


async def stored_extraction(connection: Connection, article_id: str) -> Extraction | None:
    """The article with its passages, pledges and metrics as they stand, or None. Unavailable."""
    with told_apart(connection):
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            article = await connection.fetchrow(_SQL["article"], article_id)
            if article is None:
                return None
            passages = await connection.fetch(_SQL["passages_of"], article_id)
            pledges = await connection.fetch(_SQL["pledges_of"], article_id)
            metrics = await connection.fetch(_SQL["metrics_of"], article_id)
    return Extraction.model_validate(
        {
            "article": {name: article[name] for name in Article.model_fields},
            "reference_date": article["reference_date"],
            "reference_basis": article["reference_basis"],
            "extractor": {
                "name": article["extractor_name"],
                "version": article["extractor_version"],
                "rules_digest": article["rules_digest"],
            },
            "passages": [_fields(row, Passage.model_fields) for row in passages],
            "pledges": [_fields(row, Pledge.model_fields) for row in pledges],
            "metrics": [_fields(row, Metric.model_fields) for row in metrics],
            "skipped": json.loads(article["skipped"]),
        }
    )


async def ids_beginning(connection: Connection, beginning: str) -> tuple[str, ...]:
    """Ids of up to four articles that begin so. Unavailable."""
    with told_apart(connection):
        rows = await connection.fetch(_SQL["articles_beginning"], beginning)
    return tuple(row["article_id"] for row in rows)


def _fields(row: asyncpg.Record, names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(row, name) for name in names}


def _value(row: asyncpg.Record, name: str) -> Any:
    """The field out of its column, or out of the columns that the contract makes of a nested one."""
    match name:
        case "start" | "end":
            return row[f"span_{name}"]
        case "cue":
            return _nested(row, "cue", _CUE)
        case "region":
            return _nested(row, "region", _REGION)
        case "speaker" if "speaker_organisation" in row:
            return _nested(row, "speaker", _SPEAKER)
        case "inherited" | "noise" | "doubts" | "rules":
            return json.loads(row[name])
    return row[name]


def _nested(row: asyncpg.Record, prefix: str, parts: Sequence[str]) -> dict[str, Any] | None:
    values = {part: row[f"{prefix}_{part}"] for part in parts}
    return None if all(value is None for value in values.values()) else values

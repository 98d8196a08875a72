"""Reading and writing articles and their rows, inside the writer's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from yinuo.storage.connection import Connection
from yinuo.storage.faults import RowRefused
from yinuo.storage.newer import Form, Verdict
from yinuo.storage.replacing import Accepted, Held, Writing
from yinuo.storage.rows import (
    ARTICLE_COLUMNS,
    ARTICLE_HISTORY_COLUMNS,
    METRICS,
    PASSAGE_COLUMNS,
    PLEDGES,
    Values,
)
from yinuo.storage.sql_files import statements
from yinuo_schemas import SourcePosition

_SQL = statements("store")


class Raced(Exception):
    """Another writer stored one of the new articles meanwhile: the whole transaction is to be done again."""


async def held_forms(connection: Connection, article_ids: Sequence[str]) -> dict[str, Form]:
    """What is held of these articles, without a lock."""
    return _forms(await connection.fetch(_SQL["forms"], article_ids))


async def locked_forms(connection: Connection, article_ids: Sequence[str]) -> dict[str, Form]:
    """What is held of these articles, locked to the end of the transaction."""
    return _forms(await connection.fetch(_SQL["locked_forms"], article_ids))


async def article_rows(connection: Connection, article_ids: Sequence[str]) -> Sequence[asyncpg.Record]:
    """The rows of `articles` for these ids, without a lock."""
    return await connection.fetch(_SQL["held_articles"], article_ids)


async def write_round(connection: Connection, accepted: Sequence[Accepted], now: datetime) -> None:
    """Write messages of different articles; those that replace something must be locked. Raced, RowRefused."""
    replaced = sorted(a.message.article_id for a in accepted if a.verdict is not Verdict.NEW)
    held = await _taken(connection, replaced) if replaced else {}
    writing = Writing()
    # One order whoever writes, against deadlocks among writers of the same new articles.
    for one in sorted(accepted, key=lambda a: a.message.article_id):
        if one.verdict is Verdict.NEW:
            writing.add_new(one, now)
        else:
            writing.add_replaced(one, held[one.message.article_id], now)
    await _write(connection, writing)


async def _taken(connection: Connection, article_ids: Sequence[str]) -> Mapping[str, Held]:
    """What stood of these articles; their rows are taken out of the tables."""
    articles = await article_rows(connection, article_ids)
    metrics = _by_article(await connection.fetch(_SQL["take_metrics"], article_ids))
    pledges = _by_article(await connection.fetch(_SQL["take_pledges"], article_ids))
    await connection.execute(_SQL["take_passages"], article_ids)
    return {
        article["article_id"]: Held(article, pledges[article["article_id"]], metrics[article["article_id"]])
        for article in articles
    }


async def _write(connection: Connection, writing: Writing) -> None:
    try:
        await _copy(
            connection, "articles", (*ARTICLE_COLUMNS, "search_tokens", "name_tokens"), writing.new_articles
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "articles_pkey":
            raise Raced from error
        raise
    if writing.changed_articles:
        await connection.executemany(_SQL["change_article"], writing.changed_articles)
    await _copy(connection, "passages", PASSAGE_COLUMNS, writing.passages)
    for table, rows in ((PLEDGES, writing.pledges), (METRICS, writing.metrics)):
        await _copy(connection, table.name, table.columns, rows)
    await _copy(connection, "article_history", ARTICLE_HISTORY_COLUMNS, writing.article_history)
    for table, rows in ((PLEDGES, writing.pledge_history), (METRICS, writing.metric_history)):
        await _copy(connection, table.history, table.history_columns, rows)


async def _copy(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
    if not rows:
        return
    try:
        await connection.copy_records_to_table(table, schema_name="yinuo", columns=columns, records=rows)
    except (ValueError, OverflowError) as error:
        # What asyncpg's encoders say of a value that the column's type cannot hold.
        raise RowRefused(f"a value does not fit into {table}: {error}", "22000") from error


def form_from(row: asyncpg.Record) -> Form:
    """What decides about newer messages, from a row with the columns of the statement `forms`."""
    return Form(
        revision=row["revision"],
        content_hash=row["content_hash"],
        source=SourcePosition(
            cluster=row["source_cluster"],
            topic=row["source_topic"],
            partition=row["source_partition"],
            offset=row["source_offset"],
            timestamp=row["source_timestamp"],
        ),
        extractor_version=row["extractor_version"],
        rules_digest=row["rules_digest"],
    )


def _forms(rows: Sequence[asyncpg.Record]) -> dict[str, Form]:
    return {row["article_id"]: form_from(row) for row in rows}


def _by_article(rows: Sequence[asyncpg.Record]) -> Mapping[str, list[asyncpg.Record]]:
    found: defaultdict[str, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        found[row["article_id"]].append(row)
    return found

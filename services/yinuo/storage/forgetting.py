"""Forgetting on purpose: articles with all that was read from them, dead letters, and history past its time.

In batches, each a transaction, so that the writer waits a moment at most. Laws: what a purge names is kept out from
the very transaction that deletes it; interrupted and run again it comes to the same; what only expires leaves no
tombstone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yinuo.storage.connection import Connection
from yinuo.storage.faults import told_apart
from yinuo.storage.forgotten import ARTICLE, DEAD_LETTER
from yinuo.storage.sql_files import Sql, statements

BATCH_ARTICLES = 100
BATCH_ROWS = 1000

Counts = Mapping[str, int]
"""Table → rows."""

_SQL = statements("forgetting")

_DELETE: Mapping[str, Sql] = {
    "metrics": _SQL["delete_metrics"],
    "pledges": _SQL["delete_pledges"],
    "passages": _SQL["delete_passages"],
    "article_history": _SQL["delete_article_history"],
    "pledge_history": _SQL["delete_pledge_history"],
    "metric_history": _SQL["delete_metric_history"],
    "articles": _SQL["delete_articles"],
}
"""In the order in which they are emptied; `articles` last, because the rows point at it."""
_EXPIRE: Mapping[str, Sql] = {
    "article_history": _SQL["expire_article_history"],
    "pledge_history": _SQL["expire_pledge_history"],
    "metric_history": _SQL["expire_metric_history"],
    "dead_letters": _SQL["expire_dead_letters"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What goes: all that was received before the moment, or one article. Exactly one of both is given."""

    before: datetime | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """Moments before which history, and dead letters that are resolved or ignored, have had their time; None: never."""

    history: datetime | None = None
    dead_letters: datetime | None = None

    @classmethod
    def after_days(cls, now: datetime, *, history: int, dead_letters: int) -> Expiry:
        """What is older than so many days; 0: never."""
        return cls(
            history=now - timedelta(days=history) if history else None,
            dead_letters=now - timedelta(days=dead_letters) if dead_letters else None,
        )


async def count_held(connection: Connection, wanted: Purge) -> Counts:
    """How many rows of each table the purge would delete. Unavailable."""
    with told_apart(connection):
        row = await connection.fetchrow(_SQL["count_held"], wanted.before, wanted.article)
    assert row is not None
    return dict(row)


async def purge(connection: Connection, wanted: Purge) -> AsyncIterator[Counts]:
    """Delete it and keep it out; what each batch deleted. Unavailable."""
    while counts := await _purge_batch(connection, wanted):
        yield counts
        if wanted.article is not None:
            return


async def readmit(connection: Connection, article_id: str) -> bool:
    """Let an article that was purged come in again; False when it was not kept out. Unavailable."""
    with told_apart(connection):
        return await connection.fetchval(_SQL["readmit"], article_id) is not None


async def count_expired(connection: Connection, wanted: Expiry) -> Counts:
    """How many rows of each table have had their time. Unavailable."""
    with told_apart(connection):
        row = await connection.fetchrow(_SQL["count_expired"], wanted.history, wanted.dead_letters)
    assert row is not None
    return dict(row)


async def expire(connection: Connection, wanted: Expiry) -> AsyncIterator[Counts]:
    """Delete what has had its time; what each batch deleted. Unavailable."""
    for table, statement in _EXPIRE.items():
        moment = wanted.dead_letters if table == "dead_letters" else wanted.history
        while moment is not None:
            with told_apart(connection):
                count = await connection.fetchval(statement, moment, BATCH_ROWS)
            if not count:
                break
            yield {table: count}


async def _purge_batch(connection: Connection, wanted: Purge) -> Counts:
    """Rows by table; {} when nothing is left to purge."""
    with told_apart(connection):
        async with connection.transaction():
            await connection.execute(_SQL["lock_forgotten"])
            if wanted.article is not None:
                return await _delete(connection, [wanted.article], [])
            articles = await _column(connection, _SQL["next_articles"], wanted.before, BATCH_ARTICLES)
            letters = await _column(connection, _SQL["next_dead_letters"], wanted.before, BATCH_ROWS)
            return await _delete(connection, articles, letters)


async def _delete(connection: Connection, articles: Sequence[str], letters: Sequence[str]) -> Counts:
    """Rows by table; {} when nothing is named."""
    if not articles and not letters:
        return {}
    letters = sorted({*letters, *await _column(connection, _SQL["dead_letters_of"], articles)})
    await connection.execute(_SQL["remember"], ARTICLE, articles)
    await connection.execute(_SQL["remember"], DEAD_LETTER, letters)
    counts: Counter[str] = Counter()
    for table, statement in _DELETE.items():
        counts[table] = await connection.fetchval(statement, articles)
    counts["dead_letters"] = await connection.fetchval(_SQL["delete_dead_letters"], letters)
    return counts


async def _column(connection: Connection, statement: Sql, *parameters: object) -> list[str]:
    return [row[0] for row in await connection.fetch(statement, *parameters)]

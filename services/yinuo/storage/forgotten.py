"""What was purged on purpose and stays out.

Law: who asks this inside a transaction keeps a purge out until its own end (the purge locks the table away), so that
no message slips in between the question and the writing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from yinuo.storage.connection import Connection
from yinuo.storage.sql_files import statements

ARTICLE = "article"
DEAD_LETTER = "dead_letter"

_SQL = statements("forgetting")


async def forgotten_articles(connection: Connection, article_ids: Sequence[str]) -> frozenset[str]:
    """Those of the articles that were purged."""
    names = await forgotten_names(connection, [(ARTICLE, article_id) for article_id in article_ids])
    return frozenset(article_id for _, article_id in names)


async def forgotten_names(
    connection: Connection, names: Collection[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Those of the (kind, id) pairs that were purged."""
    kinds, ids = zip(*names, strict=True) if names else ((), ())
    rows = await connection.fetch(_SQL["forgotten"], kinds, ids)
    return frozenset((row["kind"], row["id"]) for row in rows)

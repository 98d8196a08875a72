"""Follow what comes in: prints the pledges of every article as soon as it is stored. An example to copy from.

    python follow.py postgresql://reader@db.example/yinuo

Needs asyncpg and the role yinuo_reader. Postgres sends `yinuo_articles` with the article's id when the transaction
that stored it commits. It does not keep notes for who is away, so what came meanwhile is asked for after every
connecting, with a minute's overlap: an article may be told twice, none is missed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime, timedelta

import asyncpg

CHANNEL = "yinuo_articles"
OVERLAP = timedelta(minutes=1)
RETRY_SECONDS = 2.0

ARTICLES_SINCE = "SELECT article_id FROM yinuo.articles WHERE valid_from > $1 ORDER BY valid_from"
PLEDGES_OF = """
SELECT article_id, title, promiser, due, firmness, quote
FROM yinuo.current_pledges
WHERE article_id = $1 AND kind = 'pledge'
ORDER BY span_start
"""


async def follow(dsn: str) -> None:
    """Print until cancelled; a lost connection is made anew."""
    since = None
    while True:
        try:
            since = await follow_once(dsn, since)
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
            print(f"no connection ({error}); trying again", file=sys.stderr)
        await asyncio.sleep(RETRY_SECONDS)


async def follow_once(dsn: str, since: datetime | None) -> datetime:
    """One connection's life; the moment from which on to ask after it."""
    connection = await asyncpg.connect(dsn)
    ids: asyncio.Queue[str | None] = asyncio.Queue()
    try:
        await connection.add_listener(
            CHANNEL, lambda _connection, _pid, _channel, payload: ids.put_nowait(payload)
        )
        connection.add_termination_listener(lambda _connection: ids.put_nowait(None))
        # Only after LISTEN: nothing can come between the question and the first note.
        now: datetime = await connection.fetchval("SELECT now()")
        if since is not None:
            for row in await connection.fetch(ARTICLES_SINCE, since - OVERLAP):
                ids.put_nowait(row["article_id"])
        print(f"listening to {CHANNEL}", file=sys.stderr, flush=True)
        while (article_id := await ids.get()) is not None:
            await tell(connection, article_id)
            now = await connection.fetchval("SELECT now()")
        return now
    finally:
        await connection.close(timeout=5)


async def tell(connection: asyncpg.Connection[asyncpg.Record], article_id: str) -> None:
    """The article's pledges, a line of JSON each."""
    for row in await connection.fetch(PLEDGES_OF, article_id):
        print(json.dumps(dict(row), ensure_ascii=False, default=str), flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(follow(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
    except IndexError:
        sys.exit("usage: follow.py postgresql://user@host/database")

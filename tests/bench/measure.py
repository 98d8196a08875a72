"""How long search and each view with a filter take over many articles: `make bench`, not part of the tests.

Starts a Postgres of its own in a temporary folder, fills it, asks, prints a table, and leaves nothing behind; Ctrl-C
ends it at any moment.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.generated import TODAY, Generator, Size, write
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.storage.connection import opened
from yinuo.storage.migrate import migrate
from yinuo.storage.queries import (
    DueFilter,
    MetricFilter,
    PledgeFilter,
    connected,
    find_due,
    find_metrics,
    find_pledges,
    search,
)

ROWS = 30
"""Pledges and metrics an article."""
TIMES = 7
Question = Callable[[], Awaitable[Any]]

VIEWS = (
    ("current_pledges", "promiser = $1", "promiser"),
    ("current_pledges", "due BETWEEN $1 AND $1 + 7", "today"),
    ("current_metrics", "indicator = $1 LIMIT 200", "indicator"),
    ("due_pledges", "promiser = $1", "promiser"),
    ("due_pledges", "light = $1 ORDER BY due LIMIT 50", "light"),
    ("pledge_targets", "promiser = $1", "promiser"),
    ("pledge_targets", "indicator = $1 LIMIT 200", "indicator"),
    ("promisers", "promiser = $1", "promiser"),
    ("speakers", "speaker = $1", "speaker"),
    ("indicators", "indicator = $1 AND region_name = $2", "indicator", "promiser"),
    ("indicators", "subject = $1", "promiser"),
    ("silent_pledges", "promiser = $1 LIMIT 50", "promiser"),
    ("silent_pledges", "light = 'due_30' LIMIT 50"),
    ("article_evidence", "article_id = $1", "article_id"),
)


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    articles = parser.parse_args().articles
    size = Size(articles=articles, pledges=10, metrics=20, filler=900)
    with tempfile.TemporaryDirectory(prefix="yinuo-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        try:
            with EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
                asyncio.run(_measured(server.dsn, size))
        except KeyboardInterrupt:
            print("stopped; nothing is left behind", file=sys.stderr)
            return 130
    return 0


async def _measured(dsn: str, size: Size) -> None:
    await migrate(dsn)
    async with opened(dsn) as connection, _without_token_index(connection):
        began = time.monotonic()
        await write(connection, _progress(Generator(size), size.articles))
        print(
            f"{size.articles:,} articles, {size.articles * ROWS:,} rows written in {time.monotonic() - began:.0f} s"
        )
    async with connected(dsn) as connection:
        await connection.execute(f"SET yinuo.today = '{TODAY}'")
        await connection.execute("VACUUM ANALYZE")
        print(
            await connection.fetchval(
                "SELECT 'database: ' || pg_size_pretty(pg_database_size(current_database()))"
            )
        )
        print(f"\n{'question':<64} {'first':>9} {'median':>9} {'rows':>6}")
        for name, question in await _questions(connection):
            await _asked(name, question)


def _progress(generator: Generator, articles: int) -> Any:
    for number, batch in enumerate(generator.batches(), 1):
        yield batch
        if sys.stderr.isatty():
            print(f"\r{min(number * 1000, articles):,} of {articles:,}", end="", file=sys.stderr)


@asynccontextmanager
async def _without_token_index(connection: Any) -> AsyncIterator[None]:
    """One building of the index at the end is several times faster than 100,000 small additions."""
    definition = await connection.fetchval("SELECT pg_get_indexdef('yinuo.articles_search'::regclass)")
    await connection.execute("DROP INDEX yinuo.articles_search")
    yield
    await connection.execute("SET maintenance_work_mem = '512MB'")
    await connection.execute(definition)


async def _questions(connection: Any) -> list[tuple[str, Question]]:
    """Each question by its words; values are taken from rows that are there."""
    known = dict(
        await connection.fetchrow(
            "SELECT p.promiser, p.speaker, p.object, p.article_id, m.indicator FROM yinuo.pledges p "
            "JOIN yinuo.metrics m USING (article_id) WHERE p.promiser = (SELECT promiser FROM yinuo.promisers "
            "ORDER BY pledges DESC OFFSET 500 LIMIT 1) LIMIT 1"
        )
    )
    known |= {"today": TODAY, "light": "due_30"}
    rare = await connection.fetchval("SELECT substr(text, 1, 4) FROM yinuo.articles LIMIT 1")
    asked: list[tuple[str, Question]] = []
    for words, kind in ((rare, "rare"), (known["object"], "less rare"), ("高质量发展", "common, five characters"),
                        ("发展 建设", "two common"), ("新", "one character")):  # fmt: skip
        asked.append((f"search, {kind}", lambda words=words: search(connection, words)))
    for view, condition, *names in VIEWS:
        sql, values = f"SELECT * FROM yinuo.{view} WHERE {condition}", [known[name] for name in names]
        asked.append((f"{view}: {condition}", lambda sql=sql, values=values: connection.fetch(sql, *values)))
    part = known["promiser"][:2]
    asked += [
        ("yinuo pledges", lambda: find_pledges(connection, PledgeFilter())),
        ("yinuo pledges --promiser PART", lambda: find_pledges(connection, PledgeFilter(promiser=part))),
        ("yinuo pledges --text WORDS", lambda: find_pledges(connection, PledgeFilter(text=known["object"]))),
        ("yinuo due", lambda: find_due(connection, DueFilter())),
        ("yinuo due --promiser PART --light past",
         lambda: find_due(connection, DueFilter(promiser=part, lights=("past",)))),
        ("yinuo metrics --text WORDS", lambda: find_metrics(connection, MetricFilter(text=known["object"]))),
        ("promisers, all of them", lambda: connection.fetch("SELECT * FROM yinuo.promisers")),
    ]  # fmt: skip
    return asked


async def _asked(name: str, question: Question) -> None:
    taken: list[float] = []
    rows = 0
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = await question()
        taken.append((time.perf_counter() - began) * 1000)
        rows = len(answer.rows if hasattr(answer, "rows") else answer)
    median = statistics.median(taken[1:])
    print(f"{name:<64} {taken[0]:>6.0f} ms {median:>6.1f} ms {rows:>6}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

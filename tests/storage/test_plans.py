"""Law: a filtered question scans no large table. Held on 20,000 generated articles, on both servers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from typing import Any

import asyncpg
import pytest

import servers
from bench.generated import Generator, Size, write
from yinuo.storage.explorer import rows_page
from yinuo.storage.queries import DueFilter, MetricFilter, PledgeFilter, find_due, find_metrics, find_pledges
from yinuo.storage.questions import Question
from yinuo.storage.subjects import DUE, METRICS, PLEDGES, SILENT, TARGETS

LARGE = frozenset({"articles", "passages", "pledges", "metrics"})
Find = Callable[[Any, Any], Any]
SIZE = Size(articles=20_000, pledges=2, metrics=2, filler=40, promisers=2000)


@pytest.fixture(scope="session")
def _filled() -> dict[str, str]:
    """The database with the articles, by kind of server: filled once a session, gone with the server."""
    return {}


@pytest.fixture
async def many(postgres_server: servers.PostgresServer, _filled: dict[str, str]) -> AsyncIterator[Any]:
    kind = postgres_server.kind
    fresh = kind not in _filled
    if fresh:
        _filled[kind] = postgres_server.dsn_for(postgres_server.new_database())
    connection = await asyncpg.connect(_filled[kind])
    if fresh:
        await write(connection, Generator(SIZE).batches())
    await connection.execute("SET yinuo.today = '2025-01-01'")
    yield connection
    await connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


async def scanned(connection: Any, sql: str, *parameters: Any) -> list[str]:
    """Large tables that the statement reads from one end to the other."""
    plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *parameters))[0]["Plan"]
    return [
        node["Relation Name"]
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
    ]


async def a_row(connection: Any) -> dict[str, Any]:
    """A pledge and a metric that are there, to ask for."""
    pledge = await connection.fetchrow("SELECT * FROM yinuo.pledges WHERE due IS NOT NULL LIMIT 1 OFFSET 777")
    metric = await connection.fetchrow("SELECT * FROM yinuo.metrics LIMIT 1 OFFSET 777")
    return {**dict(metric), **dict(pledge), "metric_id": metric["metric_id"]}


QUESTIONS = [
    ("current_pledges", "promiser = :promiser"),
    ("current_pledges", "speaker = :speaker"),
    ("current_pledges", "article_id = :article_id"),
    ("current_pledges", "pledge_id = :pledge_id"),
    ("current_pledges", "region_name = :region_name"),
    ("current_pledges", "due BETWEEN '2025-01-01' AND '2025-01-07'"),
    ("current_pledges", "source = '永安日报'"),
    ("current_pledges", "firmness = 'guarantee' ORDER BY published_on DESC NULLS LAST, article_id LIMIT 50"),
    ("current_metrics", "indicator = :indicator"),
    ("current_metrics", "subject = :subject"),
    ("current_metrics", "metric_id = :metric_id"),
    ("current_metrics", "article_id = :article_id"),
    ("article_evidence", "article_id = :article_id"),
    ("article_evidence", "row_id = :pledge_id"),
    ("promisers", "promiser = :promiser"),
    ("speakers", "speaker = :speaker"),
    ("indicators", "indicator = :indicator"),
    ("indicators", "subject = :subject"),
    ("due_pledges", "promiser = :promiser"),
    ("due_pledges", "light = 'due_30'"),
    ("due_pledges", "light IN ('due_30', 'due_90') ORDER BY due LIMIT 50"),
    ("due_pledges", "light = 'past' ORDER BY due DESC LIMIT 50"),
    ("due_pledges", "due >= '2025-01-01' ORDER BY due LIMIT 50"),
    ("due_pledges", "article_id = :article_id"),
    ("pledge_targets", "promiser = :promiser"),
    ("pledge_targets", "pledge_id = :pledge_id"),
    ("pledge_targets", "indicator = :indicator"),
    ("silent_pledges", "promiser = :promiser"),
    ("silent_pledges", "light = 'due_30' LIMIT 50"),
]


async def test_filtered_questions_to_views(many: Any) -> None:
    row = await a_row(many)
    for view, question in QUESTIONS:
        names = [name for name in row if f":{name}" in question]
        for place, name in enumerate(names, 1):
            question = question.replace(f":{name}", f"${place}")
        sql = f"SELECT * FROM yinuo.{view} WHERE {question}"
        assert await scanned(many, sql, *(row[name] for name in names)) == [], (view, question)


async def test_a_scan_is_seen(many: Any) -> None:
    """The planted questions that no index answers."""
    assert await scanned(many, "SELECT * FROM yinuo.current_pledges WHERE action = '拆除'") == ["pledges"]
    assert "metrics" in await scanned(many, "SELECT * FROM yinuo.indicators WHERE measure = 'count'")


async def test_rare_and_common_words_are_found_without_a_scan(many: Any) -> None:
    """The statement inside yinuo.search is logged by nobody: what it touched is counted instead."""
    thing = await many.fetchval("SELECT object FROM yinuo.pledges LIMIT 1 OFFSET 555")
    for words in (thing, "高质量发展", "发展 建设", "新"):
        before = await _scans(many)
        found = await many.fetch("SELECT * FROM yinuo.search($1)", words)
        assert len(found) == 50 or words == thing
        assert found
        assert await _scans(many) == before, words


async def _scans(connection: Any) -> int:
    await connection.execute("SELECT pg_stat_force_next_flush()")
    return int(
        await connection.fetchval(
            "SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname = ANY ($1)", sorted(LARGE)
        )
    )


async def test_what_is_counted_would_show_a_scan(many: Any) -> None:
    before = await _scans(many)
    await many.fetch("SELECT count(*) FROM yinuo.articles WHERE author = '某'")
    assert await _scans(many) == before + 1


FILTERS: list[tuple[Find, Any]] = [
    (find_pledges, PledgeFilter()),
    (find_pledges, PledgeFilter(promiser="永安")),
    (find_pledges, PledgeFilter(speaker="永安")),
    (find_pledges, PledgeFilter(article="0123456789abcdef")),
    (find_pledges, PledgeFilter(due_from=date(2025, 1, 1), due_by=date(2025, 1, 31))),
    (find_pledges, PledgeFilter(firmness=("guarantee",))),
    (find_pledges, PledgeFilter(text="学校")),
    (find_pledges, PledgeFilter(promiser="永安", text="学校", due_by=date(2025, 12, 31), firmness=("aim",))),
    (find_metrics, MetricFilter()),
    (find_metrics, MetricFilter(article="0123456789abcdef")),
    (find_pledges, PledgeFilter(region="永安")),
    (find_pledges, PledgeFilter(region="350000")),
    (find_metrics, MetricFilter(status=("target",))),
    (find_metrics, MetricFilter(due_from=date(2025, 1, 1))),
    (find_metrics, MetricFilter(due_by=date(2025, 1, 1))),
    (find_metrics, MetricFilter(promiser="永安")),
    (find_metrics, MetricFilter(speaker="永安")),
    (find_metrics, MetricFilter(source="永安")),
    (find_metrics, MetricFilter(region="永安")),
    (find_metrics, MetricFilter(region="350000")),
    (find_metrics, MetricFilter(text="学校")),
    (find_metrics, MetricFilter(promiser="永安", region="永安", text="学校")),
    (find_due, DueFilter()),
    (find_due, DueFilter(lights=("due_30",))),
    (find_due, DueFilter(promiser="永安")),
    (find_due, DueFilter(due_by=date(2025, 2, 1), lights=("past", "due_30"))),
    (find_due, DueFilter(article="0123456789abcdef")),
]


class Explaining:
    """A connection that explains what it is asked, and answers nothing but which names there are."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.scanned: list[str] = []

    def is_closed(self) -> bool:
        return False

    async def fetchval(self, sql: str, *parameters: Any) -> Any:
        self.scanned += await scanned(self._connection, sql, *parameters)
        return await self._connection.fetchval(sql, *parameters)

    async def fetch(self, sql: str, *parameters: Any) -> list[Any]:
        self.scanned += await scanned(self._connection, sql, *parameters)
        return await self._connection.fetch(sql, *parameters) if "names_in" in sql else []  # type: ignore[no-any-return]


class Sorting(Explaining):
    """Explains, and takes note besides of where many rows are sorted as a whole."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.sorted: list[str] = []

    async def fetch(self, sql: str, *parameters: Any) -> list[Any]:
        plan = json.loads(await self._connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *parameters))
        self.sorted += [
            sql for node in nodes(plan[0]["Plan"]) if node["Node Type"] == "Sort" and node["Plan Rows"] > 1000
        ]
        return await super().fetch(sql, *parameters)


def pages() -> list[Question]:
    return [
        Question(subject=subject, today=date(2025, 1, 1), sort=sign + sort)
        for subject in (PLEDGES, METRICS, DUE, SILENT, TARGETS)
        for sort in subject.sorts
        for sign in ("", "-")
    ]


async def test_every_order_of_a_page_comes_from_an_index(many: Any) -> None:
    for question in pages():
        explaining: Any = Sorting(many)
        await rows_page(explaining, question)
        assert explaining.scanned == [], question.sort
        assert explaining.sorted == [], question.sort


async def test_an_order_without_its_index_is_seen(many: Any) -> None:
    undone = many.transaction()
    await undone.start()
    try:
        await many.execute("DROP INDEX yinuo.metrics_value")
        explaining: Any = Sorting(many)
        await rows_page(explaining, Question(subject=METRICS, today=date(2025, 1, 1), sort="value"))
    finally:
        await undone.rollback()
    assert explaining.sorted


async def test_what_commands_ask(many: Any) -> None:
    for find, wanted in FILTERS:
        explaining: Any = Explaining(many)
        await find(explaining, wanted)
        assert explaining.scanned == [], wanted

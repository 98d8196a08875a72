"""Stored articles through the present rules: equal to a store that these rules filled, whatever interrupts it."""

from __future__ import annotations

import asyncio
import itertools
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from storage.tables import ROWS, contents
from yinuo.extraction_api import extract_article
from yinuo.pipeline.rereading import Outcome, Reread, Rereading
from yinuo.runtime.settings import default_settings
from yinuo.storage.incoming import IncomingExtraction
from yinuo.storage.rereading import Selection
from yinuo.storage.store import Store
from yinuo_schemas import Article, SourcePosition

TEXT = "滨河县2026年将新建改造农村公路35公里。到2027年底,力争旅游收入突破4亿元。"
FAULTY = "faulty:hanging_on_marked_articles"


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    connected = await asyncpg.connect(database)
    yield connected
    await connected.close()


def incoming(
    number: int, text: str = TEXT, *, version: str | None = None, stale: bool = True
) -> IncomingExtraction:
    """An article as the present rules read it or, `stale`, as others did: without metrics, otherwise due."""
    article = Article(article_id=f"a{number:03}", text=text, source=f"报{number % 2}")
    extraction = extract_article(article)
    assert extraction.pledges
    assert extraction.metrics
    if stale:
        extractor = extraction.extractor.model_copy(
            update={"rules_digest": "old", **({"version": version} if version else {})}
        )
        pledges = [pledge.model_copy(update={"due": None}) for pledge in extraction.pledges]
        extraction = extraction.model_copy(update={"extractor": extractor, "pledges": pledges, "metrics": []})
    source = SourcePosition(
        cluster="c",
        topic="articles.raw",
        partition=0,
        offset=number,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return IncomingExtraction(extraction, source)


def rereading(connection: Any, *, promoting: bool = True, **wanted: Any) -> Rereading:
    settings = default_settings(extract_seconds=5.0)
    handler = {"handler": wanted.pop("handler")} if "handler" in wanted else {}
    return Rereading(connection, settings, Selection(**wanted), promoting=promoting, **handler)


async def all_of(run: Rereading) -> list[Reread]:
    return [reread async for reread in run.run()]


async def outcomes(run: Rereading) -> Counter[str]:
    return Counter(reread.outcome.value for reread in await all_of(run))


async def fresh_rows(database: str, connection: Any, count: int) -> dict[str, Any]:
    """What stands in a store that the present rules filled from the start."""
    for table in ("metrics", *ROWS, "article_history", "pledge_history", "metric_history"):
        await connection.execute(f"DELETE FROM yinuo.{table}")
    async with Store(database) as store:
        await store.write_batch([incoming(number, stale=False) for number in range(count)])
    return await contents(connection, ROWS)


async def fill(database: str, count: int) -> None:
    async with Store(database) as store:
        await store.write_batch([incoming(number) for number in range(count)])


async def test_afterwards_the_store_is_what_the_present_rules_make(database: str, connection: Any) -> None:
    await fill(database, 12)
    assert await outcomes(rereading(connection)) == {"changed": 12}
    assert (
        await connection.fetchval("SELECT count(*) FROM yinuo.article_history WHERE reason = 'rules'") == 12
    )
    reread = await contents(connection, ROWS)
    assert await outcomes(rereading(connection)) == {"current": 12}
    assert await fresh_rows(database, connection, 12) == reread


async def test_a_dry_run_shows_it_and_writes_nothing(database: str, connection: Any) -> None:
    await fill(database, 3)
    before = await contents(connection)
    (first, *_) = await all_of(rereading(connection, promoting=False))
    assert await contents(connection) == before
    told = Counter((one.row, one.change, one.field) for one in first.changes)
    fresh = incoming(0, stale=False).extraction
    dated = sum(pledge.due is not None for pledge in fresh.pledges)
    assert dated
    assert told == {("pledge", "changed", "due"): dated, ("metric", "added", None): len(fresh.metrics)}
    assert all(one.rules for one in first.changes)


async def test_the_selection_alone_is_read(database: str, connection: Any) -> None:
    await fill(database, 4)
    assert await outcomes(rereading(connection, articles=["a002"])) == {"changed": 1}
    assert await outcomes(rereading(connection, source="报1")) == {"changed": 2}
    assert await outcomes(rereading(connection)) == {"current": 3, "changed": 1}


async def test_what_a_newer_release_read_stays(database: str, connection: Any) -> None:
    async with Store(database) as store:
        await store.write_batch([incoming(0, version="99.0.0"), incoming(1, version="0.0.1")])
    before = await connection.fetch("SELECT * FROM yinuo.articles WHERE article_id = 'a000'")
    assert await outcomes(rereading(connection)) == {"kept": 1, "changed": 1}
    assert await connection.fetch("SELECT * FROM yinuo.articles WHERE article_id = 'a000'") == before


@pytest.mark.parametrize(("mark", "why"), [("BUG", "RuntimeError"), ("HANG", "longer than")])
async def test_one_that_cannot_be_read_keeps_its_rows_and_stops_no_other(
    database: str, connection: Any, monkeypatch: pytest.MonkeyPatch, mark: str, why: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    async with Store(database) as store:
        await store.write_batch([incoming(0), incoming(1, TEXT + mark), incoming(2)])
    before = await connection.fetch("SELECT * FROM yinuo.pledges WHERE article_id = 'a001'")
    done = await all_of(rereading(connection, handler=FAULTY))
    assert [one.outcome for one in done] == [Outcome.CHANGED, Outcome.FAILED, Outcome.CHANGED]
    assert why in done[1].why
    assert await connection.fetch("SELECT * FROM yinuo.pledges WHERE article_id = 'a001'") == before


async def test_interrupted_and_run_again_is_the_same(database: str, connection: Any) -> None:
    await fill(database, 20)
    run = rereading(connection).run()
    done = [await anext(run) for _ in range(3)]
    await run.aclose()
    assert len(done) == 3
    after = await outcomes(rereading(connection))
    # The rest of the group that was in hand had been promoted, or had not: never half an article.
    assert after["current"] >= 3
    assert after["changed"] + after["current"] == 20
    reread = await contents(connection, ROWS)
    assert await connection.fetchval("SELECT count(*) FROM yinuo.article_history") == 20
    assert await fresh_rows(database, connection, 20) == reread


async def test_a_writer_meanwhile_loses_nothing(database: str, connection: Any) -> None:
    """Revisions come in while the store is read again: each stands in the end, by whatever rules came last."""
    await fill(database, 16)

    async def write() -> None:
        async with Store(database) as store:
            for number in itertools.chain(range(15, -1, -1), range(16)):
                newer = incoming(number, TEXT + f"第{number}版。")
                article = newer.extraction.article.model_copy(update={"revision": 1})
                extraction = newer.extraction.model_copy(update={"article": article})
                await store.write_batch([IncomingExtraction(extraction, newer.source)])
                await asyncio.sleep(0)

    async def read() -> Counter[str]:
        return await outcomes(rereading(connection))

    _, first = await asyncio.gather(write(), read())
    assert first["failed"] == 0
    assert await connection.fetchval("SELECT count(*) FROM yinuo.articles WHERE revision = 1") == 16
    await read()
    assert (await read()) == {"current": 16}
    rows = await connection.fetch("SELECT count(*) AS n FROM yinuo.metrics GROUP BY article_id")
    assert len({row["n"] for row in rows}) == 1
    assert len(rows) == 16
    for quote, text, start, end in await connection.fetch(
        "SELECT quote, text, span_start, span_end FROM yinuo.pledges JOIN yinuo.articles USING (article_id)"
    ):
        assert text[start:end] == quote


async def test_memory_does_not_grow_with_the_number(database: str, connection: Any) -> None:
    """Five times the articles, the same peak: nothing of one that is done is kept."""
    await fill(database, 400)
    peaks = []
    for articles in ([f"a{number:03}" for number in range(60)], ()):
        run = rereading(connection, promoting=False, articles=articles)
        tracemalloc.start()
        async for _ in run.run():
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]

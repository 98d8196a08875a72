"""The writer's transaction: what a message writes, what it leaves alone, and that a batch is all or nothing."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from storage.samples import METRICS, PLEDGES, TEXT, dead_letter, message, metric, pledge, position, row_id
from storage.tables import ALL, contents, versions
from yinuo.storage.faults import RowRefused
from yinuo.storage.incoming import ArticleState, ConsumedOffset
from yinuo.storage.searching import search_tokens
from yinuo.storage.store import Rewound, Store

Connection = Any

OTHER_TEXT = "确保2025年建成3所学校。推进改革。"


async def states(store: Store, *messages: Any) -> list[ArticleState]:
    return [outcome.state for outcome in (await store.write_batch(messages)).articles]


async def count(connection: Connection, table: str) -> int:
    found: int = await connection.fetchval(f"SELECT count(*) FROM yinuo.{table}")
    return found


async def test_a_new_article_fills_every_column(store: Store, connection: Connection) -> None:
    aimed = metric(TEXT, "3所", pledge_id=row_id("pledge", "a", PLEDGES[0]), value_high=Decimal("3.5"))
    sent = message(
        text=TEXT, metrics=[aimed], title="题", source="福清日报", url="http://x/", page="1", author="李",
        region="福清", revision=3,
    )  # fmt: skip
    assert await states(store, sent) == [ArticleState.NEW]
    article = dict(await connection.fetchrow("SELECT * FROM yinuo.articles"))
    assert article["text"] == TEXT
    assert article["revision"] == 3
    assert article["published_on"] == date(2024, 5, 1)
    assert article["content_hash"] == sent.form().content_hash
    assert json.loads(article["skipped"]) == [{"start": 0, "end": 1, "reason": "date"}]
    assert article["received_at"] == article["valid_from"]
    unset = {name for name, value in article.items() if value is None}
    assert unset == set()
    assert article["search_tokens"] == search_tokens("题", TEXT)

    first = dict(await connection.fetchrow("SELECT * FROM yinuo.pledges ORDER BY span_start"))
    assert first["quote"] == PLEDGES[0] == TEXT[first["span_start"] : first["span_end"]]
    assert (first["cue_text"], first["region_name"], first["region_code"]) == ("确保", "福清市", "350181")
    assert json.loads(first["inherited"]) == {"promiser": {"start": 0, "end": 1}}
    assert json.loads(first["doubts"]) == ["promiser_unknown"]
    number = dict(await connection.fetchrow("SELECT * FROM yinuo.metrics"))
    assert (number["value"], number["value_high"], number["pledge_id"]) == (
        3,
        Decimal("3.5"),
        first["pledge_id"],
    )
    passage = dict(await connection.fetchrow("SELECT * FROM yinuo.passages"))
    assert (passage["speaker_name"], passage["speaker_organisation"]) == ("王文", "福清市人民政府")
    for row in (article, first, number, passage):
        stamped = (row["source_cluster"], row["source_topic"], row["source_partition"], row["source_offset"])
        assert stamped == ("c1", "articles.raw", 0, 0)
        assert (row["extractor_version"], row["rules_digest"]) == ("1.0.0", "d1")


async def test_a_redelivery_writes_and_locks_no_row(store: Store, connection: Connection) -> None:
    batch = [message("a"), message("b", raw=position(1)), message("a", OTHER_TEXT, raw=position(2))]
    letters = [dead_letter(position(7))]
    await store.write_batch(batch, letters, [ConsumedOffset("c1", "g", "t", 0, 3)])
    written = [table for table in ALL if table != "ingest_offsets"]
    before = await versions(connection, written)
    again = await store.write_batch(batch, letters, [ConsumedOffset("c1", "g", "t", 0, 3)])
    assert await versions(connection, written) == before
    assert [outcome.state for outcome in again.articles] == [
        ArticleState.OLDER,
        ArticleState.UNCHANGED,
        ArticleState.UNCHANGED,
    ]
    assert (again.dead_letters_stored, again.dead_letters_repeated) == (0, 1)


async def test_what_was_written_shows_in_versions(store: Store, connection: Connection) -> None:
    """Planted: the comparison above sees a write, so that it can fail."""
    await store.write_batch([message("a")])
    before = await versions(connection)
    await store.write_batch([message("a", digest="d2")])
    assert await versions(connection) != before


async def test_the_same_content_again_changes_nothing(store: Store, connection: Connection) -> None:
    await store.write_batch([message("a")])
    before = await versions(connection)
    assert await states(store, message("a", raw=position(9, at=9))) == [ArticleState.UNCHANGED]
    assert await versions(connection) == before


async def test_a_newer_message_replaces_everything(store: Store, connection: Connection) -> None:
    await store.write_batch([message("a")])
    assert await states(store, message("a", OTHER_TEXT, raw=position(1))) == [ArticleState.CHANGED]
    assert await connection.fetchval("SELECT text FROM yinuo.articles") == OTHER_TEXT
    assert [row["quote"] for row in await connection.fetch("SELECT quote FROM yinuo.pledges")] == [PLEDGES[0]]
    assert [row["quote"] for row in await connection.fetch("SELECT quote FROM yinuo.metrics")] == [METRICS[0]]
    assert await count(connection, "passages") == 1
    assert {
        row["source_offset"] for row in await connection.fetch("SELECT source_offset FROM yinuo.pledges")
    } == {1}


async def test_an_older_message_changes_nothing(store: Store, connection: Connection) -> None:
    await store.write_batch([message("a", revision=2)])
    before = await versions(connection)
    assert await states(store, message("a", OTHER_TEXT, revision=1, raw=position(9))) == [ArticleState.OLDER]
    assert await versions(connection) == before


async def test_a_revision_sends_what_it_took_back_to_history(store: Store, connection: Connection) -> None:
    await store.write_batch([message("a")])
    await store.write_batch([message("a", OTHER_TEXT, raw=position(1), revision=1)])
    gone = await connection.fetchrow("SELECT * FROM yinuo.pledge_history")
    assert await count(connection, "pledge_history") == 1
    assert (gone["quote"], gone["reason"], gone["revision"]) == (PLEDGES[1], "revision", 0)
    assert (gone["extractor_version"], gone["rules_digest"]) == ("1.0.0", "d1")
    assert gone["valid_from"] < gone["valid_to"]
    pointed_into = await connection.fetchval(
        "SELECT text FROM yinuo.article_history WHERE article_id = $1 AND content_hash = $2",
        gone["article_id"],
        gone["content_hash"],
    )
    assert pointed_into[gone["span_start"] : gone["span_end"]] == gone["quote"]
    assert [row["quote"] for row in await connection.fetch("SELECT quote FROM yinuo.metric_history")] == [
        METRICS[1]
    ]
    kept = await connection.fetchrow("SELECT * FROM yinuo.pledges")
    article = await connection.fetchrow("SELECT * FROM yinuo.articles")
    assert kept["valid_from"] == article["received_at"] < article["valid_from"] == gone["valid_to"]


async def test_other_rules_send_what_they_changed_to_history(store: Store, connection: Connection) -> None:
    await store.write_batch([message("a")])
    firmer = [pledge(TEXT, PLEDGES[0], firmness="commitment"), pledge(TEXT, PLEDGES[1])]
    assert await states(store, message("a", pledges=firmer, version="1.1.0")) == [ArticleState.CHANGED]
    gone = await connection.fetch("SELECT * FROM yinuo.pledge_history")
    assert [(row["quote"], row["firmness"], row["reason"]) for row in gone] == [
        (PLEDGES[0], "guarantee", "rules")
    ]
    assert await count(connection, "metric_history") == 0
    assert await connection.fetchval("SELECT reason FROM yinuo.article_history") == "rules"
    now = await connection.fetch("SELECT * FROM yinuo.pledges ORDER BY span_start")
    assert [row["firmness"] for row in now] == ["commitment", "guarantee"]
    assert {row["extractor_version"] for row in now} == {"1.1.0"}
    assert now[0]["valid_from"] > now[1]["valid_from"]


async def test_other_rules_that_read_the_same_leave_no_history(store: Store, connection: Connection) -> None:
    await store.write_batch([message("a")])
    since = await connection.fetchval("SELECT valid_from FROM yinuo.articles")
    assert await states(store, message("a", digest="d2")) == [ArticleState.CHANGED]
    assert (await contents(connection, ["article_history", "pledge_history", "metric_history"])) == {
        "article_history": [],
        "pledge_history": [],
        "metric_history": [],
    }
    stands = await connection.fetchrow("SELECT valid_from, rules_digest FROM yinuo.articles")
    assert tuple(stands) == (since, "d2")


async def test_rules_that_only_read_the_date_otherwise_keep_the_earlier_form(
    store: Store, connection: Connection
) -> None:
    await store.write_batch([message("a")])
    await store.write_batch([message("a", digest="d2", extracted={"reference_date": date(2023, 1, 1)})])
    assert await connection.fetchval("SELECT reference_date FROM yinuo.article_history") == date(2024, 5, 1)


async def test_a_lower_version_never_replaces_the_same_content(store: Store, connection: Connection) -> None:
    await store.write_batch([message("a", version="1.1.0")])
    before = await versions(connection)
    assert await states(store, message("a", version="1.0.9", digest="d2", pledges=[])) == [
        ArticleState.UNCHANGED
    ]
    assert await versions(connection) == before


async def test_a_database_that_holds_less_than_was_stored_in_it_takes_nothing(
    store: Store, connection: Any
) -> None:
    def at(offset: int, partition: int = 0) -> ConsumedOffset:
        return ConsumedOffset("c", "g", "t", partition, offset)

    await store.write_batch([], [], [at(5), at(7, 1)], known=[])
    await store.write_batch([], [], [at(6)], known=[at(5), at(7, 1)])
    await store.write_batch([], [], [], known=[at(5)])  # another writer was ahead of us: that is none of this
    for known in ([at(7)], [at(6), at(8, 1)], [at(1, 2)]):
        with pytest.raises(Rewound, match="t:"):
            await store.write_batch([message("a")], [], [at(9)], known=known)
    assert await store.stored_offsets("c", "g") == {("t", 0): 6, ("t", 1): 7}
    assert await connection.fetchval("SELECT count(*) FROM yinuo.articles") == 0
    await store.write_batch([message("a")], [], [at(9)], known=[at(6)])


async def test_offsets_carry_their_cluster_and_the_last_one_stands(store: Store) -> None:
    await store.write_batch(
        [], [], [ConsumedOffset("c1", "g", "t", 0, 5), ConsumedOffset("c1", "g", "t", 1, 7)]
    )
    await store.write_batch(
        [], [], [ConsumedOffset("c1", "g", "t", 0, 8), ConsumedOffset("c1", "g", "t", 0, 9)]
    )
    await store.write_batch([], [], [ConsumedOffset("c2", "g", "t", 0, 2)])
    assert await store.stored_offsets("c1", "g") == {("t", 0): 9, ("t", 1): 7}
    assert await store.stored_offsets("c2", "g") == {("t", 0): 2}
    assert await store.stored_offsets("c1", "other") == {}
    await store.write_batch([], [], [ConsumedOffset("c1", "g", "t", 0, 1)])
    assert (await store.stored_offsets("c1", "g"))["t", 0] == 1


REFUSED = {
    "two rows with one id": message("bad", pledges=[pledge(TEXT, PLEDGES[0]), pledge(TEXT, PLEDGES[0])]),
    "a quote of another length": message("bad", pledges=[pledge(TEXT, PLEDGES[0], quote="短")]),
    "a pledge that is not there": message("bad", metrics=[metric(TEXT, "3所", pledge_id="0" * 16)]),
    "a NUL": message("bad", pledges=[pledge(TEXT, PLEDGES[0], promiser="a\0b")]),
    "a NUL in a list": message("bad", pledges=[pledge(TEXT, PLEDGES[0], rules=["a\0b"])]),
    "a lone surrogate": message("bad", pledges=[pledge(TEXT, PLEDGES[0], promiser="\ud800")]),
    "an offset beyond the type": message(
        "bad", pledges=[pledge(TEXT, PLEDGES[0], start=2**40, end=2**40 + 12)]
    ),
    "a number beyond the type": message("bad", metrics=[metric(TEXT, "3所", value=Decimal("1E+200000"))]),
    "a position beyond the type": message("bad", raw=position(2**70)),
}


@pytest.mark.parametrize("culprit", REFUSED)
async def test_a_bad_row_refuses_the_whole_batch(store: Store, connection: Connection, culprit: str) -> None:
    good, offsets = message("good"), [ConsumedOffset("c1", "g", "t", 0, 3)]
    letters = [dead_letter(position(7))]
    with pytest.raises(RowRefused) as refusal:
        await store.write_batch([good, REFUSED[culprit]], letters, offsets)
    assert len(refusal.value.sqlstate) == 5
    assert str(refusal.value).isprintable()
    assert await contents(connection) == {table: [] for table in ALL}
    # The same connection goes on with the good ones.
    assert await states(store, good) == [ArticleState.NEW]
    with pytest.raises(RowRefused):
        await store.write_batch([REFUSED[culprit]])


async def test_a_bad_row_that_a_later_message_replaces_is_refused_all_the_same(store: Store) -> None:
    bad = message("a", pledges=[pledge(TEXT, PLEDGES[0], quote="短")])
    with pytest.raises(RowRefused):
        await store.write_batch([bad, message("a", OTHER_TEXT, raw=position(1))])


async def test_each_changed_article_is_announced_once_a_commit(store: Store, database: str) -> None:
    heard: list[str] = []
    listener = await asyncpg.connect(database)
    await listener.add_listener("yinuo_articles", lambda *notice: heard.append(notice[3]))
    batch = [message("b"), message("a", raw=position(1)), message("a", OTHER_TEXT, raw=position(2))]
    await store.write_batch(batch)
    await listener.execute("SELECT 1")
    assert heard == ["a", "b"]
    await store.write_batch([*batch, message("c", raw=position(3))])
    await listener.execute("SELECT 1")
    assert heard == ["a", "b", "c"]
    with pytest.raises(RowRefused):
        await store.write_batch([message("d"), REFUSED["a NUL"]])
    await listener.execute("SELECT 1")
    assert heard == ["a", "b", "c"]
    await listener.close()


async def test_deleting_an_article_takes_its_rows_along(store: Store, connection: Connection) -> None:
    aimed = metric(TEXT, "3所", pledge_id=row_id("pledge", "a", PLEDGES[0]))
    await store.write_batch([message("a", metrics=[aimed])])
    await connection.execute("DELETE FROM yinuo.articles")
    assert await contents(connection) == {table: [] for table in ALL}

"""Forgetting on purpose: everything of an article goes, and nothing brings it back but a word of the operator."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from storage.samples import dead_letter, message, position
from storage.tables import ALL, contents
from yinuo.storage import forgetting
from yinuo.storage.forgetting import Expiry, Purge, count_expired, count_held, expire, purge, readmit
from yinuo.storage.incoming import ArticleState
from yinuo.storage.store import Store
from yinuo.storage.whose import Whose, whose
from yinuo_schemas import Article

EARLY, CUT = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)


async def purged(connection: Any, wanted: Purge) -> Counter[str]:
    done: Counter[str] = Counter()
    async for counts in purge(connection, wanted):
        done.update(counts)
    return done


async def received_early(connection: Any, *article_ids: str) -> None:
    await connection.execute(
        "UPDATE yinuo.articles SET received_at = $1 WHERE article_id = ANY ($2)", EARLY, article_ids
    )


async def where_it_stands(connection: Any, article_id: str) -> dict[str, int]:
    """Table → rows that hold the id anywhere."""
    found = {}
    for table in ALL:
        count = await connection.fetchval(
            f"SELECT count(*) FROM yinuo.{table} AS t WHERE strpos(t::text, $1) > 0", article_id
        )
        if count:
            found[table] = count
    return found


@pytest.fixture
async def filled(store: Store) -> Store:
    """Articles `gone-1` and `stays` in a second form, and a dead letter of each."""
    for article_id in ("gone-1", "stays"):
        await store.write_batch([message(article_id)])
        letter = dead_letter(position(50 + len(article_id)), key=article_id.encode(), value=b"x", headers=())
        await store.write_batch([message(article_id, "改了。", raw=position(1))], [letter])
    return store


async def test_all_of_an_article_goes_and_nothing_else(filled: Store, connection: Any) -> None:
    await filled.write_batch([message("other")])
    before = await where_it_stands(connection, "stays")
    wanted = Purge(article="gone-1")
    there = await where_it_stands(connection, "gone-1")
    assert set(there) == {
        "articles",
        "article_history",
        "pledge_history",
        "metric_history",
        "passages",
        "dead_letters",
    }
    expected = await count_held(connection, wanted)
    done = await purged(connection, wanted)
    assert {table: count for table, count in done.items() if count} == {
        table: count for table, count in expected.items() if count
    }
    assert done["pledge_history"] == 2
    assert await where_it_stands(connection, "gone-1") == {}
    assert await where_it_stands(connection, "stays") == before


async def test_a_dry_count_deletes_nothing(filled: Store, connection: Any) -> None:
    before = await contents(connection)
    assert (await count_held(connection, Purge(article="gone-1")))["articles"] == 1
    assert await contents(connection) == before


async def test_by_day_in_batches(store: Store, connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH_ARTICLES", 2)
    monkeypatch.setattr(forgetting, "BATCH_ROWS", 2)
    names = [f"old-{number}" for number in range(5)]
    letters = [dead_letter(position(number)) for number in range(5)]
    await store.write_batch([message(name) for name in (*names, "new")], letters)
    await received_early(connection, *names)
    await connection.execute("UPDATE yinuo.dead_letters SET stored_at = $1 WHERE source_offset < 3", EARLY)
    batches = [counts async for counts in purge(connection, Purge(before=CUT))]
    assert [counts["articles"] for counts in batches] == [2, 2, 1]
    assert sum(counts["dead_letters"] for counts in batches) == 3
    assert await connection.fetchval("SELECT article_id FROM yinuo.articles") == "new"
    assert await connection.fetchval("SELECT count(*) FROM yinuo.dead_letters") == 2
    assert await purged(connection, Purge(before=CUT)) == {}


async def test_a_redelivery_stays_out(filled: Store, connection: Any) -> None:
    await purged(connection, Purge(article="gone-1"))
    before = await contents(connection)
    outcome = await filled.write_batch(
        [
            message("gone-1"),
            message("gone-1", "改了。", raw=position(1)),
            message("gone-1", "更新的内容。", raw=position(99), revision=7),
        ],
        [dead_letter(position(56), key=b"gone-1", value=b"x", headers=())],
    )
    assert {one.state for one in outcome.articles} == {ArticleState.FORGOTTEN}
    assert outcome.dead_letters_stored == 0
    assert await contents(connection) == before
    assert (await filled.write_batch([message("stays2")])).articles[0].state is ArticleState.NEW


async def test_a_dead_letter_of_a_purged_article_stays_out_wherever_it_stands(
    filled: Store, connection: Any
) -> None:
    await purged(connection, Purge(article="gone-1"))
    named = [
        dead_letter(position(70), key=None, headers=(("article_id", b"gone-1"),)),
        dead_letter(position(71), key=None, headers=(), value=b'{"article_id": "gone-1", "text": 3}'),
    ]
    assert (await filled.write_batch([], named)).dead_letters_stored == 0
    assert (await filled.write_batch([], [dead_letter(position(72))])).dead_letters_stored == 1


async def test_a_purged_dead_letter_stays_out_and_so_does_its_replay(store: Store, connection: Any) -> None:
    letter = dead_letter(position(5), key=None)
    await store.write_batch([], [letter])
    await connection.execute("UPDATE yinuo.dead_letters SET stored_at = $1", EARLY)
    await purged(connection, Purge(before=CUT))
    replay = dead_letter(position(6), key=None, headers=(("yinuo-replay-of", position(5).identity.encode()),))
    assert (await store.write_batch([], [letter, replay])).dead_letters_stored == 0


async def test_it_may_be_let_in_again(filled: Store, connection: Any) -> None:
    await purged(connection, Purge(article="gone-1"))
    assert await readmit(connection, "gone-1")
    assert not await readmit(connection, "gone-1")
    assert (await filled.write_batch([message("gone-1")])).articles[0].state is ArticleState.NEW


async def test_an_article_nobody_has_yet_is_kept_out_too(store: Store, connection: Any) -> None:
    assert sum((await purged(connection, Purge(article="later"))).values()) == 0
    assert (await store.write_batch([message("later")])).articles[0].state is ArticleState.FORGOTTEN


async def test_no_writer_slips_between_the_question_and_the_writing(database: str, connection: Any) -> None:
    """Many writers of the same article while it is purged: whoever comes first, it is out in the end."""
    for turn in range(5):
        name = f"raced-{turn}"

        async def write(offset: int, article_id: str = name) -> None:
            async with Store(database) as store:
                for step in range(4):
                    text = f"确保第{offset}次建成{step}所学校。"
                    await store.write_batch([message(article_id, text, raw=position(offset * 10 + step))])

        async def forget(article_id: str = name) -> None:
            await asyncio.sleep(0.02)
            await purged(connection, Purge(article=article_id))

        await asyncio.gather(write(1), write(2), write(3), forget())
        assert await where_it_stands(connection, name) == {}


async def test_the_lock_is_what_keeps_them_out(store: Store, connection: Any, database: str) -> None:
    """A purge waits for a transaction that has asked, and the question waits for a purge."""
    other = await asyncpg.connect(database)
    asked = other.transaction()
    await asked.start()
    await other.fetch("SELECT kind FROM yinuo.forgotten")
    purging = asyncio.ensure_future(purged(connection, Purge(article="a")))
    await asyncio.sleep(0.2)
    assert not purging.done()
    writing = asyncio.ensure_future(store.write_batch([message("a")]))
    await asyncio.sleep(0.2)
    assert not writing.done()
    await asked.commit()
    await purging
    assert (await writing).articles[0].state is ArticleState.FORGOTTEN
    await other.close()


async def test_what_has_had_its_time(filled: Store, connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH_ROWS", 1)
    await connection.execute(
        "UPDATE yinuo.pledge_history SET valid_to = $1 WHERE article_id = 'gone-1'", EARLY
    )
    await connection.execute(
        "UPDATE yinuo.article_history SET valid_to = $1 WHERE article_id = 'gone-1'", EARLY
    )
    await connection.execute("UPDATE yinuo.dead_letters SET state_changed_at = $1", EARLY)
    await connection.execute("UPDATE yinuo.dead_letters SET state = 'ignored' WHERE article_id = 'stays'")
    wanted = Expiry(history=CUT, dead_letters=CUT)
    expected = await count_expired(connection, wanted)
    assert expected == {"article_history": 1, "pledge_history": 2, "metric_history": 0, "dead_letters": 1}
    done: Counter[str] = Counter()
    async for counts in expire(connection, wanted):
        done.update(counts)
    assert done == {table: count for table, count in expected.items() if count}
    assert await connection.fetchval("SELECT article_id FROM yinuo.dead_letters") == "gone-1"
    assert await connection.fetchval("SELECT count(*) FROM yinuo.articles") == 2
    assert await connection.fetchval("SELECT count(*) FROM yinuo.forgotten") == 0


async def test_for_ever_is_for_ever(filled: Store, connection: Any) -> None:
    await connection.execute("UPDATE yinuo.pledge_history SET valid_to = $1", EARLY)
    await connection.execute("UPDATE yinuo.dead_letters SET state_changed_at = $1, state = 'resolved'", EARLY)
    before = await contents(connection)
    assert not sum((await count_expired(connection, Expiry())).values())
    assert [counts async for counts in expire(connection, Expiry())] == []
    assert await contents(connection) == before


ARTICLE = {"text": "到2025年底建成。", "article_id": "field", "source": "西海岸报"}


@pytest.mark.parametrize(
    ("key", "value", "headers", "expected"),
    [
        (b"key", json.dumps(ARTICLE).encode(), (), Whose("field", "西海岸报")),
        (b"key", json.dumps({"article": ARTICLE, "pledges": 3}).encode(), (), Whose("field", "西海岸报")),
        (b"key", b"\xff\x00", (("article_id", b"header"),), Whose("header")),
        (b"key", b"\xff\x00", (("source", "报".encode()),), Whose("key", "报")),
        (b"key", None, (), Whose("key")),
        (None, b'{"article_id": "unfinished', (), Whose()),
        (b"a b", b"\xff\x00", (), Whose()),
        (b"\xff", b"\xff\x00", (), Whose()),
        (None, b"{" * 100_000, (), Whose()),
        (None, b'{"article_id": 3, "source": 4}', (), Whose()),
        (None, b"[1]", (("source", b"a\x1b[31m\nb"),), Whose(None, "a\ufffd[31m\ufffdb")),
        (None, "到2025年底建成。".encode(), (), Whose(Article(text="到2025年底建成。").with_id().article_id)),
    ],
)
def test_whose_a_message_is(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes]], expected: Whose
) -> None:
    assert whose(key, value, headers) == expected

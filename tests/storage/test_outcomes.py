"""What who waits for sent articles is told: exactly what became of each message, also after a lost connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from storage.samples import dead_letter, message, position
from yinuo.storage.announcing import _payloads, outcomes_in
from yinuo.storage.incoming import ArticleState, IncomingExtraction
from yinuo.storage.outcomes import OutcomeWatch, Submitted
from yinuo.storage.store import Store


def submitted(sent: IncomingExtraction) -> Submitted:
    form = sent.form()
    return Submitted(sent.article_id, form.revision, form.content_hash, sent.source)


async def told(watch: OutcomeWatch, wanted: int) -> dict[str, ArticleState]:
    found: dict[str, ArticleState] = {}
    while len(found) < wanted:
        news = await watch.next_outcomes(5)
        assert news, "nothing was told in 5 seconds"
        found.update({one.source.identity: state for one, state in news})
    return found


async def test_each_state_is_told(store: Store, database: str) -> None:
    await store.write_batch([message("old", revision=3), message("same"), message("other")])
    sent = {
        ArticleState.NEW: message("new", raw=position(10)),
        ArticleState.CHANGED: message("other", "改了。", raw=position(11)),
        ArticleState.UNCHANGED: message("same", raw=position(12)),
        ArticleState.OLDER: message("old", "旧。", raw=position(13)),
    }
    dead = Submitted("dead", 0, "hash", position(14))
    async with OutcomeWatch(database) as watch:
        for one in sent.values():
            watch.expect(submitted(one))
        watch.expect(dead)
        assert watch.pending == 5
        await store.write_batch(list(sent.values()), [dead_letter(position(14))])
        found = await told(watch, 5)
        assert watch.pending == 0
        assert await watch.next_outcomes(0.01) == []
    assert found == {one.source.identity: state for state, one in sent.items()} | {
        dead.source.identity: ArticleState.DEAD
    }


async def test_an_outcome_may_come_before_the_acknowledgement(store: Store, database: str) -> None:
    sent = message("a")
    async with OutcomeWatch(database) as watch:
        await store.write_batch([sent])
        assert await watch.next_outcomes(0.2) == []
        watch.expect(submitted(sent))
        assert await told(watch, 1) == {sent.source.identity: ArticleState.NEW}


async def cut_off(connection: Any) -> None:
    """End who listens, and wait until it is gone: what is announced now nobody hears."""
    listeners = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    assert await connection.fetchval(f"SELECT count(pg_terminate_backend(pid)) {listeners}") == 1
    for _ in range(500):
        if not await connection.fetchval(f"SELECT count(*) {listeners}"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the listener does not end")


async def test_after_a_lost_connection_the_tables_are_asked(
    store: Store, database: str, connection: Any
) -> None:
    await store.write_batch([message("old", revision=3), message("same"), message("other")])
    sent = {
        ArticleState.NEW: message("new", raw=position(10)),
        ArticleState.CHANGED: message("other", "改了。", raw=position(11)),
        ArticleState.UNCHANGED: message("same", raw=position(12)),
        ArticleState.OLDER: message("old", "旧。", raw=position(13)),
    }
    to_come = message("later", raw=position(15))
    async with OutcomeWatch(database) as watch:
        for one in (*sent.values(), to_come):
            watch.expect(submitted(one))
        watch.expect(Submitted("dead", 0, "hash", position(14)))
        await cut_off(connection)
        await store.write_batch(list(sent.values()), [dead_letter(position(14))])
        found = await told(watch, 5)
        assert watch.pending == 1
        await store.write_batch([to_come])
        assert await told(watch, 1) == {to_come.source.identity: ArticleState.NEW}
    assert found == {one.source.identity: state for state, one in sent.items()} | {
        position(14).identity: ArticleState.DEAD
    }


async def test_a_connection_lost_while_waiting_is_no_answer(
    store: Store, database: str, connection: Any
) -> None:
    sent = message("a")
    async with OutcomeWatch(database) as watch:
        watch.expect(submitted(sent))
        waiting = asyncio.create_task(watch.next_outcomes(5))
        await asyncio.sleep(0.05)
        await cut_off(connection)
        await store.write_batch([sent])
        assert [state for _, state in await waiting] == [ArticleState.NEW]


@pytest.mark.parametrize("payload", ["not ours", "3", '[["x", "no state"]]', '["x"]', "[[1,2,3]]", ""])
def test_a_foreign_notification_says_nothing(payload: str) -> None:
    assert outcomes_in(payload) == []


def test_payloads_fit_and_lose_nothing() -> None:
    outcomes = [(f"{'集' * 50}:topic:{number}:0", ArticleState.NEW) for number in range(500)]
    payloads = list(_payloads([*outcomes, ("x" * 9000, ArticleState.NEW)]))
    assert all(len(payload.encode()) < 8000 for payload in payloads)
    assert [pair for payload in payloads for pair in outcomes_in(payload)] == outcomes

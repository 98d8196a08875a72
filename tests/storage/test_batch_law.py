"""Law: a batch gives what its messages give one by one, however they are cut into batches; twice gives the same."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.samples import PLEDGES, dead_letter, message, pledge, position
from storage.tables import ROWS, contents, empty
from yinuo.storage.incoming import ConsumedOffset, IncomingExtraction
from yinuo.storage.store import Store

TEXTS = (f"{PLEDGES[0]}。{PLEDGES[1]}。", f"{PLEDGES[0]}。", f"今年，{PLEDGES[1]}。", "推进改革。")


@st.composite
def messages(draw: st.DrawFn) -> IncomingExtraction:
    text = draw(st.sampled_from(TEXTS))
    version, digest = draw(st.sampled_from([("1.0.0", "d1"), ("1.0.0", "d2"), ("1.1.0", "d1")]))
    firmness = "aim" if digest == "d2" else "commitment"
    return message(
        draw(st.sampled_from("ab")),
        text,
        pledges=[pledge(text, quote, firmness=firmness) for quote in PLEDGES if quote in text],
        raw=position(draw(st.integers(0, 4)), partition=draw(st.integers(0, 1)), at=draw(st.integers(0, 4))),
        revision=draw(st.integers(0, 1)),
        version=version,
        digest=digest,
        replay_of=draw(st.sampled_from([None, None, position(9).identity])),
    )


batches = st.lists(st.lists(messages(), min_size=1, max_size=6), min_size=1, max_size=3)


async def written(
    dsn: str, cut: list[list[IncomingExtraction]], *, times: int = 1
) -> tuple[list[str], dict[str, Any]]:
    """What became of each message, and what stands in the tables, after writing the batches from nothing."""
    connection = await asyncpg.connect(dsn)
    await empty(connection)
    states: list[str] = []
    async with Store(dsn) as store:
        await store.write_batch([], [dead_letter(position(9))])
        for _ in range(times):
            for number, batch in enumerate(cut):
                outcome = await store.write_batch(batch, [], [ConsumedOffset("c1", "g", "t", 0, number)])
                states += [one.state for one in outcome.articles]
    found = await contents(connection)
    await connection.close()
    return states, {table: rows for table, rows in found.items() if table != "ingest_offsets"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=batches)
def test_a_batch_equals_one_by_one(database: str, cut: list[list[IncomingExtraction]]) -> None:
    async def compare() -> None:
        one_by_one = await written(database, [[one] for batch in cut for one in batch])
        assert await written(database, cut) == one_by_one
        assert await written(database, [[one for batch in cut for one in batch]]) == one_by_one

    asyncio.run(compare())


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=batches, seed=st.randoms(use_true_random=False))
def test_messages_of_one_partition_and_one_release_written_twice_give_the_same(
    database: str, cut: list[list[IncomingExtraction]], seed: Any
) -> None:
    """In a partition's order, and again from the start: rows and history as after the first time."""
    in_order = [
        [
            message(
                one.article_id,
                one.extraction.article.text,
                revision=one.extraction.article.revision,
                raw=position(number * 10 + place, at=seed.randint(0, 3)),
            )
            for place, one in enumerate(batch)
        ]
        for number, batch in enumerate(cut)
    ]

    async def compare() -> None:
        _, once = await written(database, in_order)
        _, twice = await written(database, in_order, times=2)
        assert twice == once

    asyncio.run(compare())


def test_the_comparison_sees_an_order(database: str) -> None:
    """Planted: the tables do depend on what was written before, so that the comparison can fail."""
    first, second = message("a", TEXTS[0], raw=position(0)), message("a", TEXTS[1], raw=position(1))

    async def compare() -> None:
        _, forwards = await written(database, [[first, second]])
        _, backwards = await written(database, [[second, first]])
        assert {table: forwards[table] for table in ROWS} == {table: backwards[table] for table in ROWS}
        assert forwards != backwards

    asyncio.run(compare())

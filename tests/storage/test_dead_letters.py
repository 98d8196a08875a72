"""Dead letters: kept once each, their way through the states, and that nothing is too odd to be kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from storage.samples import EPOCH, dead_letter, message, position
from storage.tables import versions
from yinuo.errors import Misuse
from yinuo.storage.dead_letters import (
    DeadLetterFilter,
    StoredDeadLetter,
    find_dead_letters,
    ignore,
    replaying,
)
from yinuo.storage.dead_letters import dead_letter as stored
from yinuo.storage.faults import RowRefused
from yinuo.storage.incoming import UnreadableDeadLetter
from yinuo.storage.store import Store
from yinuo_schemas.dead_letter import ErrorStage, ErrorType

IDENTITY = position(0).identity


def replay(offset: int) -> tuple[tuple[str, bytes], ...]:
    assert offset
    return (("source", "福清".encode()), ("yinuo-replay-of", IDENTITY.encode()))


async def one(connection: Any, identity: str = IDENTITY) -> StoredDeadLetter:
    found = await stored(connection, identity)
    assert found is not None
    return found


async def send_again(connection: Any, *, force: bool = False) -> None:
    async with replaying(connection, IDENTITY, force=force):
        pass


async def fail_again(store: Store, offset: int, **fields: Any) -> None:
    await store.write_batch([], [dead_letter(position(offset), headers=replay(offset), **fields)])


async def test_it_is_kept_as_it_is(store: Store, connection: Any) -> None:
    headers = (("b", b"\xff\x00"), ("a", None), ("b", b""))
    await store.write_batch([], [dead_letter(headers=headers, key=None, attempts=1)])
    letter = await one(connection)
    assert (letter.key, letter.value, letter.headers) == (None, b"\xff\x00bytes", headers)
    assert (letter.stage, letter.type, letter.message) == ("decode", "encoding", "neither UTF-8 nor GB18030")
    assert (letter.source_topic, letter.source_partition, letter.source_offset) == ("articles.raw", 0, 0)
    assert (letter.failed_at, letter.attempts, letter.state) == (EPOCH, 1, "new")
    assert letter.value_bytes == 7


async def test_an_extraction_that_was_sent_twice_and_refused_twice_is_kept_once(
    store: Store, connection: Any
) -> None:
    def refused(offset: int, raw: bytes = b"7", stage: ErrorStage = ErrorStage.WRITE) -> Any:
        value = b'{"article": {"article_id": "a", "text": "t"}}'
        headers = (("yinuo-schema", b"extraction/1"), ("yinuo-raw-offset", raw))
        return dead_letter(position(offset), key=b"a", value=value, headers=headers, stage=stage)

    await store.write_batch([], [refused(1), refused(2)])
    await store.write_batch([], [refused(3)])
    assert await connection.fetchval("SELECT count(*) FROM yinuo.dead_letters") == 1
    await store.write_batch([], [refused(4, raw=b"8"), refused(5, stage=ErrorStage.EXTRACT)])
    assert await connection.fetchval("SELECT count(*) FROM yinuo.dead_letters") == 3


async def test_a_repeat_is_kept_once(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    before = await versions(connection, ["dead_letters"])
    outcome = await store.write_batch([], [dead_letter(message="other words"), dead_letter()])
    assert (outcome.dead_letters_stored, outcome.dead_letters_repeated) == (0, 2)
    assert await versions(connection, ["dead_letters"]) == before


async def test_new_replayed_resolved(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    async with replaying(connection, IDENTITY) as letter:
        assert letter.replay_headers == (
            ("source", "福清".encode()),
            ("yinuo-replay-of", IDENTITY.encode()),
            ("yinuo-attempts", b"1"),
        )
        assert (letter.source_topic, letter.key, letter.value) == ("articles.raw", b"k", b"\xff\x00bytes")
    assert (await one(connection)).state == "replayed"
    again = message("a", raw=position(5), replay_of=IDENTITY)
    await store.write_batch([again])
    resolved = await one(connection)
    assert (resolved.state, resolved.resolved_by) == ("resolved", position(5).identity)
    before = await versions(connection, ["dead_letters"])
    await store.write_batch([again], [dead_letter()])
    assert await versions(connection, ["dead_letters"]) == before


async def test_a_replay_that_fails_is_new_again_in_the_same_row(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    await send_again(connection)
    changed = {"stage": ErrorStage.EXTRACT, "type": ErrorType.BUG, "message": "a bug", "attempts": 2}
    await fail_again(store, 5, **changed)
    letter = await one(connection)
    assert (letter.state, letter.attempts, letter.stage, letter.type) == ("new", 2, "extract", "bug")
    assert letter.message == "a bug"
    assert letter.headers == (("source", "福清".encode()),)
    assert len((await find_dead_letters(connection, DeadLetterFilter())).rows) == 1


async def test_a_failure_that_is_told_again_does_not_count_again(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    for offset in (5, 6):
        await send_again(connection)
        await fail_again(store, offset)
    await send_again(connection)
    before = await versions(connection, ["dead_letters"])
    await fail_again(store, 5)
    await fail_again(store, 6)
    await store.write_batch([], [dead_letter()])
    after = await one(connection)
    assert (after.state, after.attempts) == ("replayed", 3)
    assert [row[1] for row in (await versions(connection, ["dead_letters"]))["dead_letters"]] == [
        row[1] for row in before["dead_letters"]
    ]


async def test_a_message_read_again_from_its_own_place_resolves_its_dead_letter(
    store: Store, connection: Any
) -> None:
    await store.write_batch([], [dead_letter()])
    await store.write_batch([message("a", raw=position(0))])
    assert (await one(connection)).state == "resolved"


async def test_what_a_message_resolved_once_it_does_not_resolve_again(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    first = message("a", raw=position(5), replay_of=IDENTITY)
    await store.write_batch([first])
    await send_again(connection, force=True)
    await fail_again(store, 6)
    assert (await one(connection)).state == "new"
    await store.write_batch([first])
    assert (await one(connection)).state == "new"
    await store.write_batch([first, message("a", raw=position(7), replay_of=IDENTITY)])
    assert ((await one(connection)).state, (await one(connection)).resolved_by) == (
        "resolved",
        position(7).identity,
    )


async def test_a_failed_replay_of_a_letter_that_is_not_here_is_kept_as_its_own(
    store: Store, connection: Any
) -> None:
    await fail_again(store, 5)
    assert (await one(connection, position(5).identity)).state == "new"


async def test_a_replay_that_was_not_sent_leaves_the_letter_as_it_was(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    before = await one(connection)
    with pytest.raises(ConnectionError):
        async with replaying(connection, IDENTITY):
            raise ConnectionError("the broker is away")
    assert await one(connection) == before


async def test_the_writer_waits_until_it_is_noted_that_there_was_a_replay(
    store: Store, connection: Any
) -> None:
    """Else `replayed` could be noted over `resolved`."""
    await store.write_batch([], [dead_letter()])
    async with replaying(connection, IDENTITY):
        writing = asyncio.create_task(store.write_batch([message("a", raw=position(5), replay_of=IDENTITY)]))
        await asyncio.sleep(0.1)
        assert not writing.done()
    await writing
    assert (await one(connection)).state == "resolved"


async def test_what_is_not_new_is_replayed_by_force_only(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    await send_again(connection)
    with pytest.raises(Misuse, match="is replayed"):
        await send_again(connection)
    await send_again(connection, force=True)
    with pytest.raises(Misuse, match="no dead letter"):
        async with replaying(connection, "c1:articles.raw:0:99", force=True):
            pass


async def test_from_five_attempts_on_a_replay_is_refused_unless_forced(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    for offset in range(1, 5):
        await send_again(connection)
        await fail_again(store, offset)
    with pytest.raises(Misuse, match="5 times"):
        await send_again(connection)
    await send_again(connection, force=True)


async def test_ignoring(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter()])
    await ignore(connection, IDENTITY)
    await ignore(connection, IDENTITY)
    assert (await one(connection)).state == "ignored"
    with pytest.raises(Misuse, match="is ignored"):
        await send_again(connection)
    await store.write_batch([], [dead_letter()])
    assert (await one(connection)).state == "ignored"
    await store.write_batch([message("a", raw=position(0))])
    with pytest.raises(Misuse, match="is resolved"):
        await ignore(connection, IDENTITY)
    with pytest.raises(Misuse, match="no dead letter"):
        await ignore(connection, "nonsense")


ODD = {
    "no headers at all": UnreadableDeadLetter(
        position(3, topic="articles.dead"), None, None, (), "no headers"
    ),
    "NUL and surrogates": UnreadableDeadLetter(
        position(3, topic="articles.dead"), b"", b"\0", (("\0\ud800", b"\0"), ("", None)), "odd \0\udfff"
    ),
}


@pytest.mark.parametrize("odd", ODD)
async def test_what_cannot_be_read_is_kept_as_it_is(store: Store, connection: Any, odd: str) -> None:
    letter = ODD[odd]
    for times in (1, 0):
        assert (await store.write_batch([], [letter])).dead_letters_stored == times
    kept = await one(connection, position(3, topic="articles.dead").identity)
    assert (kept.key, kept.value, kept.headers) == (letter.key, letter.value, letter.headers)
    assert (kept.stage, kept.type, kept.state, kept.attempts) == (None, None, "new", 1)


async def test_a_dead_letter_with_an_impossible_position_is_refused_so_that_it_is_kept_as_unreadable(
    store: Store,
) -> None:
    with pytest.raises(RowRefused):
        await store.write_batch([], [dead_letter(position(2**70))])
    with pytest.raises(RowRefused):
        await store.write_batch([], [dead_letter(position(0, partition=2**40))])


async def test_texts_of_a_dead_letter_are_mended_not_refused(store: Store, connection: Any) -> None:
    await store.write_batch([], [dead_letter(position(0, cluster="c\0"), message="a\0b")])
    assert (await one(connection, "c\ufffd:articles.raw:0:0")).message == "a\ufffdb"


async def test_listing(store: Store, connection: Any) -> None:
    for offset in range(5):
        kind = ErrorType.JSON if offset % 2 else ErrorType.BUG
        await store.write_batch([], [dead_letter(position(offset), type=kind)])
    await ignore(connection, position(4).identity)

    async def offsets(**wanted: Any) -> list[int]:
        found = await find_dead_letters(connection, DeadLetterFilter(**wanted))
        return [row.source_offset for row in found.rows]

    assert await offsets() == [4, 3, 2, 1, 0]
    assert await offsets(states=("new",)) == [3, 2, 1, 0]
    assert await offsets(states=("ignored", "new"), type="bug") == [4, 2, 0]
    assert await offsets(stage="extract") == []
    assert await offsets(topic="articles.raw", limit=2) == [4, 3]
    assert (await find_dead_letters(connection, DeadLetterFilter(limit=2))).more
    assert not (await find_dead_letters(connection, DeadLetterFilter(limit=5))).more

"""What the store does when its surroundings fail: nothing is lost, nothing dead-lettered, the next call works."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import pytest

from storage.samples import TEXT, message, position
from storage.tables import ALL, contents
from yinuo.errors import Unavailable
from yinuo.storage import faults
from yinuo.storage.faults import SchemaMismatch
from yinuo.storage.incoming import ArticleState
from yinuo.storage.store import Store

OTHER_TEXT = "推进改革。"


async def states(store: Store, *messages: Any) -> list[ArticleState]:
    return [outcome.state for outcome in (await store.write_batch(messages)).articles]


async def until_it_waits(connection: Any) -> None:
    """Until another connection to this database waits for a lock."""
    for _ in range(1000):
        waiting = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        if waiting:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


async def test_a_connection_that_was_cut_is_opened_anew(store: Store, connection: Any) -> None:
    await store.write_batch([message("a")])
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    try:
        found = await states(store, message("b"))
    except Unavailable:
        found = await states(store, message("b"))
    assert found == [ArticleState.NEW]


async def test_a_connection_cut_in_a_batch_leaves_nothing_and_the_next_try_works(
    store: Store, connection: Any
) -> None:
    await connection.execute("BEGIN; LOCK TABLE yinuo.pledges")
    writing = asyncio.create_task(store.write_batch([message("a")]))
    await until_it_waits(connection)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with pytest.raises(Unavailable):
        await writing
    await connection.execute("COMMIT")
    assert await contents(connection) == {table: [] for table in ALL}
    assert await states(store, message("a")) == [ArticleState.NEW]


async def test_a_cancelled_batch_leaves_nothing_and_the_next_one_works(store: Store, connection: Any) -> None:
    await connection.execute("BEGIN; LOCK TABLE yinuo.pledges")
    writing = asyncio.create_task(store.write_batch([message("a")]))
    await until_it_waits(connection)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await connection.execute("COMMIT")
    assert await states(store, message("a")) == [ArticleState.NEW]


async def test_another_writer_of_the_same_new_article_goes_first(store: Store, connection: Any) -> None:
    await store.write_batch([message("a")])
    copied = [
        name
        for name in await connection.fetchval("SELECT array_agg(attname) FROM pg_attribute WHERE attnum > 0 AND "
                                              "attrelid = 'yinuo.articles'::regclass")
        if name not in ("article_id", "source_offset")
    ]  # fmt: skip
    names = ", ".join(copied)
    await connection.execute("BEGIN")
    await connection.execute(
        f"INSERT INTO yinuo.articles (article_id, source_offset, {names}) SELECT 'b', 50, {names} FROM yinuo.articles"
    )
    writing = asyncio.create_task(states(store, message("b", OTHER_TEXT, raw=position(1)), message("c")))
    await until_it_waits(connection)
    await connection.execute("COMMIT")
    assert await writing == [ArticleState.OLDER, ArticleState.NEW]


async def test_another_writer_changes_the_article_between_reading_and_locking(
    store: Store, connection: Any
) -> None:
    await store.write_batch([message("a")])
    await connection.execute("BEGIN; UPDATE yinuo.articles SET content_hash = 'other', source_offset = 50")
    late, newer = message("a", OTHER_TEXT, raw=position(1)), message("a", OTHER_TEXT, raw=position(60))
    writing = asyncio.create_task(states(store, late, newer))
    await until_it_waits(connection)
    await connection.execute("COMMIT")
    assert await writing == [ArticleState.OLDER, ArticleState.CHANGED]
    assert await connection.fetchval("SELECT content_hash FROM yinuo.article_history") == "other"


async def test_writers_at_the_same_time_do_not_deadlock_and_the_newest_stands(
    database: str, connection: Any
) -> None:
    names = [f"article-{number}" for number in range(12)]

    async def write(turn: int) -> None:
        async with Store(database) as store:
            for offset in range(turn, 30, 3):
                order = names if offset % 2 else names[::-1]
                await store.write_batch(
                    [message(name, f"{TEXT}{offset}", raw=position(offset, at=offset)) for name in order]
                )

    await asyncio.gather(*(write(turn) for turn in range(3)))
    assert {row["text"] for row in await connection.fetch("SELECT text FROM yinuo.articles")} == {f"{TEXT}29"}
    assert await connection.fetchval("SELECT count(*) FROM yinuo.pledges") == 2 * len(names)


async def test_a_read_only_server_is_waited_for(database: str, connection: Any) -> None:
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    async with Store(database) as store:
        with pytest.raises(Unavailable, match="takes writes"):
            await store.write_batch([message("a")])


async def test_a_table_that_is_gone_is_no_fault_of_the_article(store: Store, connection: Any) -> None:
    await connection.execute("DROP TABLE yinuo.passages CASCADE")
    with pytest.raises(SchemaMismatch, match="yinuo migrate"):
        await store.write_batch([message("a")])


async def test_a_store_refuses_a_database_that_is_not_migrated(empty_database: str) -> None:
    with pytest.raises(SchemaMismatch, match="run `yinuo migrate`"):
        await Store(empty_database).__aenter__()


async def test_a_closed_store_leaves_no_connection(database: str, connection: Any) -> None:
    async with Store(database) as store:
        await store.write_batch([message("a")])
    others = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert others == 0


@contextlib.asynccontextmanager
async def late_end(database: str) -> AsyncIterator[str]:
    """The database behind a relay that passes on the end of a connection half a second late."""
    address, _, options = database.partition("?")
    folder = parse_qs(options)["host"][0]

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: float) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
            await asyncio.sleep(late)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        await asyncio.gather(passed(reader, onward, 0), passed(there, writer, 0.5))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield address.replace("@/", f"@127.0.0.1:{port}/")
    finally:
        server.close()


def within_a_copy(monkeypatch: pytest.MonkeyPatch, what: Callable[[Any], Awaitable[None]]) -> None:
    """Let something happen once, when the client has asked for a table's columns and begins to copy into it."""
    prepare = asyncpg.Connection._prepare

    async def happens(self: Any, *arguments: Any, **named: Any) -> Any:
        prepared = await prepare(self, *arguments, **named)
        monkeypatch.undo()
        await what(self)
        return prepared

    monkeypatch.setattr(asyncpg.Connection, "_prepare", happens)


async def test_a_session_that_is_ended_within_a_copy(
    database: str, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ended(theirs: Any) -> None:
        await connection.execute("SELECT pg_terminate_backend($1)", theirs.get_server_pid())
        await asyncio.sleep(0.2)
        assert not theirs.is_closed()

    async with late_end(database) as address, Store(address) as behind:
        within_a_copy(monkeypatch, ended)
        with pytest.raises(Unavailable):
            await behind.write_batch([message("a")])
        assert await states(behind, message("a")) == [ArticleState.NEW]


async def test_two_calls_at_once_are_a_bug_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def two(theirs: Any) -> None:
        monkeypatch.setattr(faults, "ENDS_WITHIN_S", 0.1)
        await asyncio.gather(theirs.fetch("SELECT pg_sleep(0.2)"), theirs.fetch("SELECT 1"))

    within_a_copy(monkeypatch, two)
    with pytest.raises(asyncpg.InterfaceError):
        await store.write_batch([message("a")])

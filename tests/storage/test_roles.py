"""The three roles: each does its work, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from storage.samples import dead_letter, message, position
from yinuo.errors import Unavailable
from yinuo.storage.dead_letters import DeadLetterFilter, find_dead_letters, ignore, replaying
from yinuo.storage.incoming import ConsumedOffset
from yinuo.storage.outcomes import OutcomeWatch, Submitted
from yinuo.storage.queries import MetricFilter, PledgeFilter, connected, find_metrics, find_pledges
from yinuo.storage.store import Store

IDENTITY = position(0).identity
Login = Callable[[str], Any]


@pytest.fixture
async def logins(database: str) -> AsyncIterator[Callable[[str], Any]]:
    """The DSN of a user who has one of the roles."""
    admin = await asyncpg.connect(database)
    made: list[str] = []

    async def login(role: str) -> str:
        name, password = f"test_{secrets.token_hex(4)}", secrets.token_hex(8)
        await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {role}")
        made.append(name)
        address = urlsplit(database)
        return f"postgresql://{name}:{password}@{address.path}?{address.query}"

    yield login
    for name in made:
        await admin.execute(f"DROP ROLE {name}")
    await admin.close()


@pytest.fixture
async def filled(store: Store) -> None:
    await store.write_batch([message("a", raw=position(9))], [dead_letter()])


async def test_the_writer_writes_with_its_role(logins: Login, connection: Any) -> None:
    async with Store(await logins("yinuo_writer")) as store:
        await store.write_batch([message("a")], [dead_letter()], [ConsumedOffset("c1", "g", "t", 0, 1)])
        await store.write_batch([message("a", "改了。", raw=position(1))])
        await store.write_batch([message("a", "改了。", raw=position(1), digest="d2")])
        replay = (("yinuo-replay-of", IDENTITY.encode()),)
        await store.write_batch([], [dead_letter(position(5), headers=replay)])
        await store.write_batch([message("b", raw=position(6), replay_of=IDENTITY)])
        assert await store.stored_offsets("c1", "g") == {("t", 0): 1}
    assert await connection.fetchval("SELECT state FROM yinuo.dead_letters") == "resolved"


@pytest.mark.usefixtures("filled")
async def test_the_reader_reads_with_its_role(logins: Login) -> None:
    dsn = await logins("yinuo_reader")
    async with connected(dsn) as connection:
        assert (await find_pledges(connection, PledgeFilter())).rows
        assert (await find_metrics(connection, MetricFilter())).rows
        assert (await find_dead_letters(connection, DeadLetterFilter())).rows
        for view in ("article_evidence", "promisers", "current_pledges", "current_metrics"):
            assert await connection.fetch(f"SELECT * FROM yinuo.{view}")
    async with OutcomeWatch(dsn) as watch:
        watch.expect(Submitted("a", 0, "x", position(0)))
        await watch._read_off()
        assert watch.pending == 0
    async with Store(dsn) as store:
        with pytest.raises(Unavailable, match=r"permission denied.*roles"):
            await store.write_batch([message("b")])


@pytest.mark.usefixtures("filled")
async def test_the_operator_works_on_dead_letters_with_its_role(logins: Login) -> None:
    async with connected(await logins("yinuo_operator")) as connection:
        assert (await find_dead_letters(connection, DeadLetterFilter())).rows
        async with replaying(connection, IDENTITY) as letter:
            assert letter.value == b"\xff\x00bytes"
        await ignore(connection, IDENTITY)
        with pytest.raises(Unavailable):
            await find_pledges(connection, PledgeFilter())


DENIED = {
    "yinuo_reader": [
        "SELECT value FROM yinuo.dead_letters",
        "SELECT key FROM yinuo.dead_letters",
        "SELECT headers FROM yinuo.dead_letters",
        "SELECT * FROM yinuo.dead_letters",
        "SELECT encode(value, 'hex') FROM yinuo.dead_letters",
        "UPDATE yinuo.dead_letters SET state = 'ignored'",
        "DELETE FROM yinuo.pledges",
        "INSERT INTO yinuo.ingest_offsets VALUES ('c', 'g', 't', 0, 0)",
        "UPDATE yinuo.articles SET title = ''",
        "UPDATE yinuo.schema_version SET checksum = ''",
        "CREATE TABLE yinuo.mine ()",
        "TRUNCATE yinuo.articles CASCADE",
    ],
    "yinuo_writer": [
        "SELECT value FROM yinuo.dead_letters",
        "DELETE FROM yinuo.dead_letters",
        "UPDATE yinuo.dead_letters SET value = ''",
        "DELETE FROM yinuo.articles",
        "DELETE FROM yinuo.article_history",
        "UPDATE yinuo.pledge_history SET quote = ''",
        "UPDATE yinuo.pledges SET quote = ''",
        "DELETE FROM yinuo.ingest_offsets",
        "INSERT INTO yinuo.schema_version (file, checksum) VALUES ('x', 'x')",
        "DROP TABLE yinuo.pledges",
        "CREATE TABLE yinuo.mine ()",
    ],
    "yinuo_operator": [
        "SELECT * FROM yinuo.articles",
        "SELECT * FROM yinuo.current_pledges",
        "DELETE FROM yinuo.dead_letters",
        "UPDATE yinuo.dead_letters SET value = ''",
        "UPDATE yinuo.dead_letters SET attempts = 1",
        "INSERT INTO yinuo.dead_letters (identity) VALUES ('x')",
        "SELECT * FROM yinuo.ingest_offsets",
        "CREATE TABLE yinuo.mine ()",
    ],
}


@pytest.mark.parametrize("role", DENIED)
async def test_what_a_role_may_not(connection: Any, role: str) -> None:
    for statement in DENIED[role]:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {role}")
            try:
                async with connection.transaction():
                    await connection.execute(statement)
            except asyncpg.InsufficientPrivilegeError:
                continue
        pytest.fail(f"{role} may: {statement}")


async def test_others_may_nothing(connection: Any) -> None:
    await connection.execute("CREATE ROLE somebody")
    try:
        await connection.execute("SET ROLE somebody")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT * FROM yinuo.current_pledges")
        await connection.execute("RESET ROLE")
        await connection.execute("GRANT USAGE ON SCHEMA yinuo TO somebody; SET ROLE somebody")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT * FROM yinuo.current_pledges")
    finally:
        await connection.execute("RESET ROLE; DROP OWNED BY somebody; DROP ROLE somebody")

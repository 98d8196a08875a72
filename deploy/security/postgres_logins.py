#!/usr/bin/env python3
"""Postgres logins for yinuo, one a role, each with the rights of that role and no other. Run it again at will.

    YINUO_DATABASE_URL=postgresql://owner@host/db?sslmode=verify-full postgres_logins.py --passwords DIR

Run `yinuo migrate` first: it makes the roles. DIR gets one file a login, its password in it, readable by you alone
(one that is there is kept): yinuo_writing (the writer), yinuo_reading (people and programs that read) and
yinuo_operating (dead letters). Others may not even connect to the database afterwards. The server is told a SCRAM
verifier, never a password, so that none stands in its log. Exit codes: 0 done, 1 the server refuses, 2 bad use.
"""

# ruff: noqa: T201 (a command-line script; names are our own, the verifier is quoted below)
from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import os
import secrets
import sys
from pathlib import Path

from yinuo.errors import Misuse, YinuoError
from yinuo.storage.connection import Connection, opened
from yinuo.storage.faults import told_apart

LOGINS = {
    "yinuo_writing": "yinuo_writer",
    "yinuo_reading": "yinuo_reader",
    "yinuo_operating": "yinuo_operator",
}
ITERATIONS = 4096


def main() -> int:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passwords", required=True, type=Path, metavar="DIR")
    folder = parser.parse_args().passwords
    try:
        asyncio.run(_make_all(_dsn(), folder))
    except Misuse as error:
        print(f"postgres_logins: {error}", file=sys.stderr)
        return 2
    except YinuoError as error:
        print(f"postgres_logins: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"postgres_logins: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for login in LOGINS:
        print(f"{login}: password in {folder / login}")
    return 0


def _dsn() -> str:
    dsn = os.environ.get("YINUO_DATABASE_URL")
    if not dsn:
        raise Misuse("set YINUO_DATABASE_URL to the database, as its owner")
    return dsn


async def _make_all(dsn: str, folder: Path) -> None:
    async with opened(dsn) as connection:
        with told_apart(connection):
            async with connection.transaction():
                for login, role in LOGINS.items():
                    await _make(connection, login, role, password_in(folder / login))
                await connection.execute(
                    "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); "
                    "EXECUTE format('GRANT CONNECT ON DATABASE %I TO yinuo_writer, yinuo_reader, "
                    "yinuo_operator', current_database()); END $$"
                )


async def _make(connection: Connection, login: str, role: str, password: str) -> None:
    if not await connection.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", login):
        await connection.execute(f"CREATE ROLE {login} LOGIN")
    # base64, $ and : alone: nothing in it could end the literal.
    await connection.execute(f"ALTER ROLE {login} LOGIN PASSWORD '{verifier(password)}'")
    await connection.execute(f"GRANT {role} TO {login}")


def password_in(file: Path) -> str:
    """The password in the file; a new one where there is none."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(36) + "\n")
    return file.read_text().strip()


def verifier(password: str) -> str:
    """What PostgreSQL stores of a password (RFC 5803)."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    coded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{coded[0]}${coded[1]}:{coded[2]}"


if __name__ == "__main__":
    sys.exit(main())

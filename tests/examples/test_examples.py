"""The examples in deploy/examples do what they say, against a real database."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import IO, Any
from urllib.parse import urlsplit

import asyncpg
import pytest

import servers
from storage.samples import message, position
from yinuo.storage.store import Store

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
PATIENCE_SECONDS = 60


def lines_of(stream: IO[str]) -> Queue[str]:
    """The stream's lines as they come."""
    found: Queue[str] = Queue()

    def read() -> None:
        for line in stream:
            found.put(line.rstrip("\n"))

    threading.Thread(target=read, daemon=True).start()
    return found


@pytest.fixture
def following(database: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, EXAMPLES / "follow.py", database], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


async def test_follow_tells_of_each_article_and_comes_back(
    following: subprocess.Popen[str], database: str
) -> None:
    assert following.stdout is not None
    assert following.stderr is not None
    told, said = lines_of(following.stdout), lines_of(following.stderr)
    assert said.get(timeout=PATIENCE_SECONDS) == "listening to yinuo_articles"
    async with Store(database) as store:
        await store.write_batch([message("a"), message("b", raw=position(1))])
        rows = [json.loads(told.get(timeout=PATIENCE_SECONDS)) for _ in range(4)]
        assert [row["article_id"] for row in rows] == ["a", "a", "b", "b"]
        assert rows[0]["quote"] == "确保2025年建成3所学校"
        assert rows[0]["due"] == "2025-12-31"
        await _cut(database)
        await store.close()
        await store.write_batch([message("c", raw=position(2))])
    seen = set()
    while "c" not in seen:
        seen.add(json.loads(told.get(timeout=PATIENCE_SECONDS))["article_id"])


async def _cut(database: str) -> None:
    """End every other connection, as a restart of the server would."""
    admin = await asyncpg.connect(database)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'yinuo'"
    )
    await admin.close()


async def test_the_reading_login_reads_and_is_bounded(
    postgres_server: servers.PostgresServer, database: str
) -> None:
    psql = servers.DEBIAN_15 / "psql"
    if not psql.exists():
        servers.missing("psql is not installed: apt-get install postgresql-client")
    name, password = f"analyst_{secrets.token_hex(4)}", secrets.token_hex(8)
    done = await asyncio.to_thread(
        subprocess.run, [psql, "-X", "-v", "ON_ERROR_STOP=1", "-v", f"name={name}", "-v", f"password={password}",
         "-f", EXAMPLES / "reader.sql", database],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    address = urlsplit(database)
    admin = await asyncpg.connect(database)
    reader: Any = await asyncpg.connect(f"postgresql://{name}:{password}@{address.path}?{address.query}")
    try:
        assert await reader.fetchval("SHOW statement_timeout") == "30s"
        assert await reader.fetch("SELECT * FROM due_pledges") == []
        await reader.execute("SET statement_timeout = 50")
        with pytest.raises(asyncpg.QueryCanceledError):
            await reader.execute("SELECT pg_sleep(30)")
        await reader.execute("SET default_transaction_read_only = off")
        for forbidden in (
            "DELETE FROM articles",
            "SELECT value FROM dead_letters",
            "CREATE TABLE yinuo.x ()",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await reader.execute(forbidden)
    finally:
        await reader.close()
        await admin.execute(f"DROP ROLE {name}")
        await admin.close()

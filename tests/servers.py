"""Servers that tests share: embedded and Apache Kafka, embedded and Debian's Postgres. The fixtures are in conftest.py.

All listen on free ports or on sockets in temporary folders, end with the test process, and leave nothing behind.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest

from yinuo.runtime.embedded_postgres import EmbeddedPostgres

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
TEMPLATE = "yinuo_template"


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker: `kind` is `embedded` or `apache`."""

    kind: str
    bootstrap: str
    cluster_id: str


class PostgresServer:
    """A running Postgres that hands out fresh databases, cloned from a template that is migrated once."""

    def __init__(self, kind: str, server: EmbeddedPostgres) -> None:
        self.kind = kind
        self.server = server
        self._numbers = itertools.count(1)
        self._template_made = False

    @property
    def version(self) -> str:
        return self.server.version

    def dsn_for(self, database: str) -> str:
        return self.server.dsn_for(database)

    def new_database(self, *, migrated: bool = True) -> str:
        """The name of a new database; not migrated: with nothing in it."""
        if migrated and not self._template_made:
            self._create(TEMPLATE, "template0")
            apart(lambda: _migrate(self.dsn_for(TEMPLATE)))
            self._template_made = True
        name = f"test_{next(self._numbers)}"
        self._create(name, TEMPLATE if migrated else "template0")
        return name

    def drop(self, name: str) -> None:
        apart(lambda: self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def _create(self, name: str, template: str) -> None:
        apart(lambda: self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))

    async def _execute(self, sql: str) -> None:
        connection = await asyncpg.connect(self.server.dsn)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


async def _migrate(dsn: str) -> None:
    from yinuo.storage.migrate import migrate

    await migrate(dsn)


T = TypeVar("T")


def apart(work: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine in a thread with its own loop: fixtures must not touch the loop the tests run in."""
    results: list[T] = []
    errors: list[BaseException] = []

    async def awaited() -> T:
        return await work()

    def run() -> None:
        try:
            results.append(asyncio.run(awaited()))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def missing(what: str) -> None:
    """Skip the test with one line that says how to get what is missing; under CI=true that is a failure."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"CI=true, and {what}", pytrace=False)
    pytest.skip(what)


def postgres_binaries(kind: str) -> Path | None:
    """The `bin` folder of a kind of server; None: the wheel's own."""
    if kind == "embedded18":
        return None
    assert kind == "debian15", kind
    if not (DEBIAN_15 / "postgres").exists():
        missing("PostgreSQL 15 is not installed: apt-get install postgresql-15")
    return DEBIAN_15

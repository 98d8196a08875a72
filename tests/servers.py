"""Servers that tests share: embedded and Apache Kafka, embedded and Debian's Postgres. The fixtures are in conftest.py.

All listen on free ports or on sockets in temporary folders, end with the test process, and leave nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest

from yinuo.runtime.embedded_kafka import cluster_id_at
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.runtime.processes import GuardedProcess, Program, Rung, last_lines, wait_until

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
KAFKA_LOCAL = Path(__file__).parents[1] / "deploy" / "kafka-local" / "kafka_local.py"
MISSING = 3
"""kafka_local.py's exit code where Java, Maven or the network is not there."""
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


@contextlib.contextmanager
def apache_kafka(folder: Path) -> Iterator[Broker]:
    """One node of Apache Kafka on a free port, its files in `folder`; missing() when Java or Maven is not there."""
    _fetch_apache_kafka()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    program = Program(
        argv=[sys.executable, KAFKA_LOCAL, "run", folder, "--port", "0"],
        env=os.environ,
        cwd=folder,
        stop=(Rung(signal.SIGTERM, 15.0),),
        orphan=(),
        log=log,
    )
    with GuardedProcess(program) as process:
        if not wait_until(lambda: _address_in(log) is not None, process, seconds=60):
            pytest.fail(f"Apache Kafka did not start: {last_lines(log, 3)}", pytrace=False)
        bootstrap = _address_in(log)
        assert bootstrap is not None
        if not wait_until(lambda: cluster_id_at(bootstrap) is not None, process, seconds=60):
            pytest.fail(f"Apache Kafka does not answer: {last_lines(log, 3)}", pytrace=False)
        yield Broker("apache", bootstrap, cluster_id_at(bootstrap) or "")


def _fetch_apache_kafka() -> None:
    fetched = subprocess.run([sys.executable, KAFKA_LOCAL, "fetch"], capture_output=True, text=True)
    line = fetched.stderr.strip().splitlines()[-1:] or ["it did not say why"]
    if fetched.returncode == MISSING:
        missing(line[0])
    if fetched.returncode != 0:
        pytest.fail(line[0], pytrace=False)


def _address_in(log: Path) -> str | None:
    found = re.match(r"127\.0\.0\.1:\d+$", log.read_text(errors="replace"), re.MULTILINE)
    return found[0] if found else None


def apart(work: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine in a thread with its own loop: fixtures must not touch the loop the tests run in."""
    results: list[T] = []
    errors: list[BaseException] = []

    async def awaited() -> T:
        return await work()

    def run() -> None:
        try:
            results.append(asyncio.run(awaited()))
        except BaseException as error:  # noqa: BLE001 (raised again in the caller's thread)
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

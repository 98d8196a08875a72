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
import socket
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
ROOM_IN_MEMORY = 4 * 2**30
"""Bytes that must be free in a memory folder before tests put their servers' files there; they take a tenth of it."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker: `kind` is `embedded` or `apache`."""

    kind: str
    bootstrap: str
    cluster_id: str


def memory_folder() -> Path | None:
    """A folder in memory for servers' files, where there is a roomy one; None: the ordinary temporary folder.

    A database is three hundred small files: on a busy disk making them costs more than all that is tested with them.
    """
    folder = Path("/dev/shm")
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    roomy = found.f_bavail * found.f_frsize >= ROOM_IN_MEMORY
    usable = os.access(folder, os.W_OK | os.X_OK) and not found.f_flag & os.ST_NOEXEC
    return folder if roomy and usable else None


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
        # As files: the usual way writes each page into the log, which takes several times as long.
        apart(lambda: self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'))

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


class ApacheKafka:
    """One node of Apache Kafka, its files in `folder`; after `stop` it starts again on its port and with its data."""

    kind = "apache"

    def __init__(self, folder: Path, port: int = 0) -> None:
        """Port 0 takes a free one at the first start. missing() when Java or Maven is not there."""
        require_apache_kafka()
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._port = port
        self._process: GuardedProcess | None = None
        self.bootstrap = f"127.0.0.1:{port}" if port else ""
        self.cluster_id = ""

    def start(self) -> None:
        """Start it and wait until it answers."""
        log = self._folder / "log"
        log.unlink(missing_ok=True)
        process = self._process = GuardedProcess(
            Program(
                argv=[sys.executable, KAFKA_LOCAL, "run", self._folder, "--port", str(self._port)],
                env=os.environ,
                cwd=self._folder,
                stop=(Rung(signal.SIGTERM, 15.0),),
                orphan=(),
                log=log,
            )
        )
        if not wait_until(lambda: _address_in(log) is not None, process, seconds=60):
            pytest.fail(f"Apache Kafka did not start: {last_lines(log, 3)}", pytrace=False)
        self.bootstrap = _address_in(log) or ""
        self._port = int(self.bootstrap.rpartition(":")[2])
        if not wait_until(lambda: cluster_id_at(self.bootstrap) is not None, process, seconds=60):
            pytest.fail(f"Apache Kafka does not answer: {last_lines(log, 3)}", pytrace=False)
        self.cluster_id = cluster_id_at(self.bootstrap) or ""

    def kill(self) -> None:
        """End it without goodbye and wait."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """Stop it and wait; does nothing when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()
            process.wait()


@contextlib.contextmanager
def apache_kafka(folder: Path) -> Iterator[Broker]:
    """A running node on a free port."""
    node = ApacheKafka(folder)
    try:
        node.start()
        yield Broker("apache", node.bootstrap, node.cluster_id)
    finally:
        node.stop()


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require_apache_kafka() -> None:
    """Download it when it is not there; missing() where that cannot be."""
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

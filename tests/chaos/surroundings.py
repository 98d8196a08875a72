"""One Apache Kafka and one Postgres for a whole run, each behind a proxy for the services and open to the run itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

import servers
from chaos.proxy import Proxy, Streams
from chaos.small_disk import SmallDisk
from yinuo.errors import Unavailable
from yinuo.runtime.embedded_kafka import cluster_id_at
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.runtime.processes import GuardedProcess, Program, Rung, last_lines, wait_until
from yinuo.storage.migrate import migrate

NODE = Path(__file__).with_name("kafka_node.py")
CONNECTIONS = 20
"""What Postgres is told to take at most, so that they can be used up."""
PATIENCE = 60.0
TEMPLATE = "chaos_template"


class Kafka:
    """The broker. Methods block; after `kill` or `stop` it starts again on its ports with its data."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._process: GuardedProcess | None = None
        self.port, self.behind = servers.free_port(), servers.free_port()
        self.proxy = Proxy(self._connect)
        self.cluster_id = ""

    @property
    def bootstrap(self) -> str:
        """The node itself, past the proxy."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where the services look for it."""
        return f"127.0.0.1:{self.proxy.port}"

    def start(self) -> None:
        log = self._folder / "log"
        process = self._process = GuardedProcess(
            Program(
                argv=[sys.executable, NODE, self._folder, str(self.port), str(self.behind), str(self.proxy.port)],
                env=os.environ, cwd=self._folder, stop=(Rung(signal.SIGTERM, 20.0),), orphan=(), log=log,
            )
        )  # fmt: skip
        if not wait_until(lambda: cluster_id_at(self.bootstrap) is not None, process, seconds=90):
            raise Unavailable(f"Apache Kafka did not start: {last_lines(log, 3)}")
        self.cluster_id = cluster_id_at(self.bootstrap) or ""

    def kill(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        """End it in no time; its data are not needed any more."""
        if self._process is not None:
            self._process.stop_quickly()
            self._process.wait()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.stop()
            process.wait()

    async def _connect(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self.behind, limit=2**20)


class Postgres:
    """The database server. Methods that are not coroutines block."""

    def __init__(self, folder: Path, binaries: Path | None) -> None:
        self.server = EmbeddedPostgres(folder, binaries=binaries)
        self._folder = folder
        self.proxy, self.second = Proxy(self._connect), Proxy(self._connect)

    def url(self, database: str, *, hosts: int = 1) -> str:
        """Where the services look for a database: at one address, or at two."""
        address, _, _ = self.server.dsn_for(database).partition("?")
        ports = (self.proxy.port, self.second.port)[:hosts]
        return address.replace("@/", "@" + ",".join(f"127.0.0.1:{port}" for port in ports) + "/")

    def at_once(self) -> None:
        """Stop it as an operator in panic does: sessions are cut, the log is replayed at the next start."""
        os.kill(self.server.pid, signal.SIGQUIT)
        self.server.stop()

    def copy(self) -> None:
        """Keep what it holds now, as a standby does that then hears no more."""
        self.server.stop()
        copy = self._folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        subprocess.run(["cp", "-a", self._folder / "data", copy], check=True)
        self.server.start()

    def copy_takes_over(self) -> None:
        """Kill it, and let what it held at the time of the copy stand in its place."""
        self.at_once()
        shutil.rmtree(self._folder / "data")
        (self._folder / "copy").rename(self._folder / "data")
        self.server.start()

    def onto_small_disk(self) -> SmallDisk:
        """Go on on a disk that is nearly full."""
        self.server.stop()
        disk = SmallDisk(self._folder / "data")
        disk.mount()
        self.server.start()
        return disk

    def back_from(self, disk: SmallDisk) -> None:
        """Go on on the disk from before, with what is stored by now."""
        self.server.stop()
        disk.unmount()
        self.server.start()

    def found_no_room(self) -> int:
        """How often its log says that its disk is full."""
        return (self._folder / "log").read_text(errors="replace").count("No space left on device")

    async def run(self, *statements: str, database: str = "yinuo") -> None:
        connection = await asyncpg.connect(self.server.dsn_for(database))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def asked(self, database: str, sql: str, *parameters: object) -> list[asyncpg.Record]:
        """The answer to a question of the run's own, past the proxy, asked again while the server is away."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                connection = await asyncpg.connect(self.server.dsn_for(database))
                try:
                    return list(await connection.fetch(sql, *parameters))
                finally:
                    await connection.close()
            except (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError):
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.2)

    async def prepare(self) -> None:
        """The template that each database is a copy of, and few connections."""
        await self.run(f"CREATE DATABASE {TEMPLATE}", f"ALTER SYSTEM SET max_connections = {CONNECTIONS}")
        await migrate(self.server.dsn_for(TEMPLATE))
        await asyncio.to_thread(self.server.stop)
        await asyncio.to_thread(self.server.start)

    async def _connect(self) -> Streams:
        return await asyncio.open_unix_connection(self.server.socket_folder / ".s.PGSQL.5432", limit=2**20)


@dataclass(frozen=True, slots=True)
class Surroundings:
    folder: Path
    kafka: Kafka
    postgres: Postgres


@contextlib.asynccontextmanager
async def surroundings(folder: Path, binaries: Path | None = None) -> AsyncIterator[Surroundings]:
    """Both servers running; they end with the block."""
    kafka, postgres = Kafka(folder / "kafka"), Postgres(folder / "postgres", binaries)
    async with kafka.proxy, postgres.proxy, postgres.second:
        try:
            await asyncio.to_thread(kafka.start)
            await asyncio.to_thread(postgres.server.start)
            await postgres.prepare()
            yield Surroundings(folder, kafka, postgres)
        finally:
            # In the event loop's thread: a cancelled run must not leave them to another one.
            postgres.server.stop(quickly=True)
            kafka.end()

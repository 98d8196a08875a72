"""The processes behind `yinuo up` and `yinuo demo`: broker, database, services; started, kept, drained, ended.

Not for signals and exit codes (`supervisor.py`). What the settings name elsewhere is used, not started. Laws: an
article in the embedded broker is safe only once it is in Postgres, so the end waits (a bounded time) until both
services have nothing left, and says what they had; a service that ends loudly ends everything.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from pydantic import SecretStr

from yinuo.errors import Misuse, Unavailable
from yinuo.runtime.daily import Daily
from yinuo.runtime.embedded_kafka import EmbeddedKafka, cluster_id_at
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.runtime.processes import FolderRemover, last_lines
from yinuo.runtime.run_file import RunFile, RunningUp
from yinuo.runtime.service_process import ServiceProcess
from yinuo.runtime.settings import Settings
from yinuo.runtime.socket_folder import socket_folder
from yinuo.runtime.web_address import OFF, url_of, usable_bind
from yinuo.storage.connection import opened
from yinuo.storage.forgetting import Expiry, expire
from yinuo.storage.migrate import migrate

SERVICES = ("extractor", "writer")
READY_WITHIN_S = 30.0
POLL_S = 0.05
COUNTED_WITHIN_S = 2.0
"""A service that was just given its partitions knows within so long how much stands in them."""
BROKER_END_S = 1.0
MOST_RESTARTS, RESTARTS_WITHIN_S = 5, 60.0
EXIT_MISUSED = 2

log = structlog.get_logger("yinuo.up")


@dataclass(frozen=True, slots=True)
class Step:
    """One part that stands: `kafka`, `postgres`, `migrate` or `services`, and how long it took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Leftover:
    """What was in the embedded broker at the end, by the services' own count; None: they could not say."""

    unread: int | None
    unwritten: int | None

    def line(self) -> str | None:
        """What was lost, in words; None for nothing."""
        parts = [
            f"{'an unknown number of' if count is None else count} {what}"
            for count, what in (
                (self.unread, "articles not read"),
                (self.unwritten, "results not in Postgres"),
            )
            if count != 0
        ]
        if not parts:
            return None
        return (
            f"stopped with {' and '.join(parts)}: the embedded broker has forgotten them, submit them again"
        )


class Stack:
    """The process tree on one data directory. Every method blocks; call them from one thread."""

    def __init__(
        self,
        settings: Settings,
        data_dir: Path,
        *,
        on_step: Callable[[Step], None],
        durable: bool = True,
        quiet: bool = False,
        shield: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        """`durable` False: for temporary data. `quiet`: what the services say goes to files in the directory.

        `shield` is put around what no exception out of a signal handler may break into: an event loop swallows it.
        """
        self._settings = settings
        self._data_dir = data_dir
        self._on_step = on_step
        self._durable = durable
        self._quiet = quiet
        self._shield = shield
        self._kafka: EmbeddedKafka | None = None
        self._postgres: EmbeddedPostgres | None = None
        self._services: dict[str, ServiceProcess] = {}
        self._sockets = Path()
        self._restarts: deque[float] = deque()
        self._ending = contextlib.ExitStack()
        self._run_file: RunFile | None = None
        self._started_at = datetime.now(UTC)
        self._forgetting = Daily(self._forget_expired)

    # --- starting

    def start(self) -> RunningUp:
        """Start everything and wait until articles flow; where it can be reached.

        Misuse and Unavailable say in one line what is in the way; what was started by then is stopped.
        """
        try:
            self._run_file = RunFile(self._data_dir)
            self._ending.callback(self._run_file.release)
            # Said before anything is started; the pages' own process then listens there.
            self._settings = self._settings.model_copy(update={"web_bind": usable_bind(self._settings)})
            self._sockets, temporary = socket_folder(self._data_dir / "services", "extractor.sock", None)
            if temporary is not None:
                self._ending.callback(FolderRemover(temporary).close)
            self._timed("kafka", self._start_kafka)
            # The extractor needs no database: it starts up while that is made.
            self._start_service("extractor")
            self._timed("postgres", self._start_postgres)
            self._timed("migrate", self._migrate)
            self._start_service("writer")
            if self._settings.web_bind != OFF:
                self._start_service("web")
            self._timed("services", self._wait_until_ready)
            # Only now can commands find it, so that an end before this loses nobody's articles.
            self._publish()
        except BaseException:
            self.stop(quickly=True)
            raise
        return self.running

    @property
    def running(self) -> RunningUp:
        """Where it can be reached now."""
        return RunningUp(
            pid=os.getpid(),
            bootstrap=self.settings.kafka_url or "",
            cluster_id=self._kafka.cluster_id if self._kafka else cluster_id_of(self.settings),
            started_at=self._started_at.isoformat(timespec="seconds"),
            dsn=self.settings.database_url.get_secret_value() if self.settings.database_url else "",
            web="" if self._settings.web_bind == OFF else url_of(self._settings.web_bind),
        )

    @property
    def settings(self) -> Settings:
        """The settings with the addresses of what was started filled in."""
        changes: dict[str, object] = {"data_dir": self._data_dir}
        if self._kafka is not None:
            changes |= {"kafka_url": self._kafka.bootstrap, "kafka_security_protocol": "PLAINTEXT"}
            changes |= {"kafka_group_instance_id": None, "kafka_create_topics": True}
        if self._postgres is not None:
            changes["database_url"] = SecretStr(self._postgres.dsn)
        return self._settings.model_copy(update=changes)

    @property
    def services(self) -> dict[str, ServiceProcess]:
        """The services that were started, by name."""
        return dict(self._services)

    def _timed(self, name: str, work: Callable[[], None]) -> None:
        begun = time.monotonic()
        work()
        self._on_step(Step(name, time.monotonic() - begun))

    def _start_kafka(self) -> None:
        if self._settings.kafka_url is None:
            kafka = EmbeddedKafka(port=self._settings.embedded_kafka_port, log=self._data_dir / "kafka.log")
            kafka.start()
            self._kafka = kafka

    def _start_postgres(self) -> None:
        if self._settings.database_url is None:
            postgres = EmbeddedPostgres(self._data_dir / "postgres", durable=self._durable)
            postgres.start()
            self._postgres = postgres

    def _migrate(self) -> None:
        """Bring the schema up to date; a database of the operator's own that is away is waited for."""
        said = ""
        while True:
            try:
                with self._shield():
                    report = asyncio.run(migrate(self.running.dsn, timezone=self._settings.timezone))
                self._forget_expired()
            except Unavailable as error:
                if self._postgres is not None:
                    raise
                if str(error) != said:
                    log.warning("waiting for the database", reason=str(error))
                said = str(error)
                time.sleep(1.0)
                continue
            if report.sql_for_admin is not None:
                log.warning("the roles of yinuo could not be made: `yinuo migrate` shows the SQL for it")
            return

    def _forget_expired(self) -> None:
        """What has had its time goes, in our own database: an operator's own is purged by the operator."""
        if self._postgres is not None:
            with self._shield():
                asyncio.run(self._expire())

    async def _expire(self) -> None:
        due = Expiry.after_days(
            datetime.now(UTC),
            history=self.settings.keep_history_days,
            dead_letters=self.settings.keep_dead_letters_days,
        )
        async with opened(self.running.dsn) as connection:
            async for counts in expire(connection, due):
                log.info("kept long enough", **counts)

    def _start_service(self, name: str) -> None:
        output = self._data_dir / f"{name}.log" if self._quiet else None
        self._services[name] = ServiceProcess(name, self.settings, self._data_dir, self._sockets, output)

    def _publish(self) -> None:
        assert self._run_file is not None
        self._run_file.publish(self.running)

    def _wait_until_ready(self) -> None:
        """Wait until both services have their partitions; one that waits for something goes on by itself later."""
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            self.check()
            if all(service.state().ready for service in self._services.values()):
                return
            time.sleep(POLL_S)
        for service in self._services.values():
            state = service.state()
            if not state.ready:
                log.warning("not ready yet, waiting goes on", service=service.name, reason=state.reason)

    # --- keeping

    def check(self) -> None:
        """Look after everything once: start again what was killed. Raises when something ended for a reason.

        Unavailable: a service or server ended by itself, or dies again and again. Misuse: a service refused to run.
        """
        if self._kafka is not None and (code := self._kafka.poll()) is not None:
            self._replace_kafka(code)
        if self._postgres is not None and (code := self._postgres.poll()) is not None:
            self._may_restart("the embedded Postgres", code)
            self._postgres.stop()
            self._postgres.start()
        for name, service in list(self._services.items()):
            if (code := service.poll()) is None:
                continue
            if self._kafka is not None and (ended := self._kafka.wait(BROKER_END_S)) is not None:
                # Services end with the embedded broker, and may be seen before it.
                self._replace_kafka(ended)
                return
            self._replace_service(name, code)
        self._forgetting.look()

    def _replace_service(self, name: str, code: int) -> None:
        if 0 < code < 128:
            line = f"the {name} has stopped with exit code {code}: {self._last_words(name)}"
            raise Misuse(line) if code == EXIT_MISUSED else Unavailable(line)
        self._may_restart(f"the {name}", code)
        self._start_service(name)

    def _replace_kafka(self, code: int) -> None:
        """A new broker is a new, empty cluster: the services begin anew with it."""
        assert self._kafka is not None
        self._may_restart("the embedded broker, and with it every article not yet in Postgres,", code)
        for service in self._services.values():
            service.kill()
        self._kafka.stop()
        port = int(self._kafka.bootstrap.rpartition(":")[2])
        self._kafka = EmbeddedKafka(port=port, log=self._data_dir / "kafka.log")
        self._kafka.start()
        for name in list(self._services):
            self._start_service(name)
        self._publish()

    def _may_restart(self, what: str, code: int) -> None:
        ended = f"was ended by signal {code - 128}" if code > 128 else f"ended with exit code {code}"
        now = time.monotonic()
        while self._restarts and now - self._restarts[0] > RESTARTS_WITHIN_S:
            self._restarts.popleft()
        if len(self._restarts) >= MOST_RESTARTS:
            raise Unavailable(f"{what} {ended}, the {MOST_RESTARTS + 1}th end within a minute: giving up")
        self._restarts.append(now)
        log.error(f"{what} {ended}; starting it again")

    def _last_words(self, name: str) -> str:
        said = last_lines(self._data_dir / f"{name}.log") if self._quiet else ""
        return said or "its reason stands above"

    # --- ending

    def drain(self, hurry: Callable[[], bool] = lambda: False) -> Leftover:
        """Let the extractor, then the writer finish and end; what they could not finish in the embedded broker.

        Takes at most 30 s; once `hurry()` is true what still runs is killed. No command finds this stack any more.
        """
        if self._run_file is not None:
            self._run_file.withdraw()
        left = [self._finished(self._services.get(name), hurry) for name in SERVICES]
        return Leftover(*left) if self._kafka is not None else Leftover(0, 0)

    def _finished(self, service: ServiceProcess | None, hurry: Callable[[], bool]) -> int | None:
        """End a service; how many messages it leaves behind by its last count, None when it never had one."""
        if service is None:
            return 0
        lag = self._known_lag(service, hurry)
        service.ask_to_stop()
        while service.poll() is None:
            if hurry():
                service.kill()
            elif (known := service.state().lag) is not None:
                # While it leaves its group it has no partitions and no count: the one before stands.
                lag = known
            time.sleep(POLL_S)
        return lag

    def _known_lag(self, service: ServiceProcess, hurry: Callable[[], bool]) -> int | None:
        """How much it has to do; one that has just begun gets a moment to find out."""
        deadline = time.monotonic() + COUNTED_WITHIN_S
        while service.poll() is None:
            lag = service.state().lag
            if lag is not None or hurry() or time.monotonic() > deadline:
                return lag
            time.sleep(POLL_S)
        return None

    def stop(self, *, quickly: bool = False) -> None:
        """End what still runs, services first, at once, then broker, then database. May be called again."""
        for service in self._services.values():
            service.kill()
        self._services.clear()
        if self._kafka is not None:
            self._kafka.stop()
            self._kafka = None
        if self._postgres is not None:
            self._postgres.stop(quickly=quickly)
            self._postgres = None
        self._ending.close()


def cluster_id_of(settings: Settings) -> str:
    """The id of the operator's own cluster, as far as an unencrypted connection tells; else empty."""
    if settings.kafka_url is None or settings.kafka_security_protocol != "PLAINTEXT":
        return ""
    return cluster_id_at(settings.kafka_url.split(",")[0]) or ""

"""The services of a round as processes, and who starts them again when they end, as a cluster's scheduler would.

Every process ends with the run, whatever ends that. An end that nobody asked for is written down: a service waits for
its surroundings, it does not leave.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import servers
from chaos import clock
from yinuo.runtime.processes import GuardedProcess, Program, Rung, last_lines
from yinuo.runtime.service_process import _UnixConnection

TESTS = Path(__file__).parents[1]
EXTRACTOR, WRITER, UP = "extractor", "writer", "up"
SET_CLOCK = "CHAOS_CLOCK"
"""In a round's settings: its services get a clock that can be set."""
ENDS_WITHIN = 30.0
READY_WITHIN = 90.0


class NeverThere(Exception):
    """A process did not do what the fault needs: the run proves nothing."""


class Worker:
    """One extractor or writer, or `yinuo up` with both. `kept`: it is started again when it ends.

    `settings` are those that it has beside the round's.
    """

    _numbers = itertools.count()

    def __init__(
        self,
        name: str,
        environment: Mapping[str, str],
        folder: Path,
        handler: str,
        settings: Mapping[str, str],
        *,
        kept: bool = True,
    ) -> None:
        self.name, self.kept, self.handler, self.settings = name, kept, handler, settings
        self._folder = folder
        self._environment = {**environment, **settings}
        self.expected = False
        self.code: int | None = None
        self.start()

    def start(self) -> None:
        stem = self._folder / f"{self.name[0]}{next(self._numbers)}"
        self.log, self._orders, self._socket = (stem.with_suffix(f".{kind}") for kind in ("log", "at", "s"))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("YINUO_")}
        environment |= self._environment
        self._port = servers.free_port() if self.name == UP else 0
        environment |= {
            "YINUO_HEALTH_BIND": f"127.0.0.1:{self._port}" if self._port else f"unix:{self._socket}",
            "YINUO_DATA_DIR": str(self._folder),
            "CHAOS_ORDERS": str(self._orders), "PYTHONPATH": str(TESTS),
        }  # fmt: skip
        if SET_CLOCK in environment:
            environment |= clock.environment(self._folder / "clock")
        arguments = ("yinuo.cli.main", UP) if self.name == UP else ("chaos.worker", self.name, self.handler)
        self.expected, self.code = False, None
        self.process = GuardedProcess(
            Program(
                argv=[sys.executable, "-P", "-m", *arguments],
                env=environment, cwd=self._folder, stop=(Rung(signal.SIGTERM, 25.0),), orphan=(), log=self.log,
            )
        )  # fmt: skip

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    async def die_at(self, point: str) -> None:
        """Let it die when it next comes to a point; NeverThere when it does not."""
        before = self.process
        self._orders.write_text(point)
        self._signal(signal.SIGUSR1)
        await _until(lambda: before.poll() is not None, ENDS_WITHIN, f"{self.name} never came {point}")

    def _signal(self, number: signal.Signals) -> None:
        self.expected = True
        if self.process.poll() is None:
            os.kill(self.process.pid, number)

    async def ready(self) -> None:
        await _until(
            self._is_ready, READY_WITHIN, f"{self.name} does not get ready: {last_lines(self.log, 2)}"
        )

    def said(self, words: str) -> int:
        """How often the words stand in its log."""
        return self.log.read_text(errors="replace").count(words)

    def _is_ready(self) -> bool:
        connection = (
            HTTPConnection("127.0.0.1", self._port, timeout=2)
            if self._port
            else _UnixConnection(self._socket)
        )
        try:
            connection.request("GET", "/readyz")
            return bool(json.loads(connection.getresponse().read())["ready"])
        except (OSError, ValueError, HTTPException):
            return False
        finally:
            connection.close()


class Crew:
    """The workers of a round. As a context manager it keeps them running, and ends them all."""

    def __init__(self, environment: Mapping[str, str], folder: Path, handler: str) -> None:
        self._environment, self._folder, self._handler = environment, folder, handler
        self.clock = folder / "clock"
        self.workers: list[Worker] = []
        self.surprises: list[str] = []

    async def __aenter__(self) -> Crew:
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._keeper.cancel()
        for worker in self.workers:
            worker.process.stop_quickly()
        for worker in self.workers:
            worker.process.wait()

    def add(self, name: str, *, handler: str = "", kept: bool = True, **settings: str) -> Worker:
        worker = Worker(name, self._environment, self._folder, handler or self._handler, settings, kept=kept)
        self.workers.append(worker)
        return worker

    def of(self, name: str) -> list[Worker]:
        return [worker for worker in self.workers if worker.name == name]

    async def ready(self) -> None:
        for worker in list(self.workers):
            await worker.ready()

    async def leave(self, worker: Worker) -> int:
        """Ask one to end for good; its exit code."""
        worker.kept = False
        worker.terminate()
        await ended(worker)
        self.workers.remove(worker)
        return worker.process.poll() or 0

    async def _keep(self) -> None:
        while True:
            for worker in self.workers:
                code = worker.process.poll()
                if code is None or not worker.kept:
                    continue
                if not worker.expected:
                    self.surprises.append(
                        f"{worker.name} ended by itself ({code}): {last_lines(worker.log, 1)[:300]}"
                    )
                worker.start()
            await asyncio.sleep(0.05)


async def ended(worker: Worker) -> None:
    process = worker.process
    await _until(lambda: process.poll() is not None, ENDS_WITHIN, f"{worker.name} does not end")


async def _until(true: object, seconds: float, otherwise: str) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not true():  # type: ignore[operator]
        if asyncio.get_running_loop().time() > deadline:
            raise NeverThere(otherwise)
        await asyncio.sleep(0.02)

"""One service of `yinuo up`, extractor or writer, as a child process, and what its health endpoint says.

Not for deciding what happens when it ends (`stack.py`). Settings and secrets reach it through its environment; it
runs in the data directory, so that no `.env` of the caller is read a second time.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from yinuo.runtime.processes import GuardedProcess, Program, Rung
from yinuo.runtime.settings import PREFIX, Settings, as_environment

ENTRY = ("-P", "-m", "yinuo.cli.main")
"""-P: what lies in the working directory is not imported."""
ASK_SECONDS = 2.0
STOP_SECONDS = 13.0
"""On the embedded broker a service goes on after SIGTERM until nothing has come for a moment, at most 12 s."""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What a service says of itself. `lag`: messages not done, None when unknown."""

    ready: bool
    reason: str
    lag: int | None


SILENT = ServiceState(ready=False, reason="it does not answer", lag=None)


class ServiceProcess:
    """One running service. `settings` must name its broker and database."""

    def __init__(self, name: str, settings: Settings, folder: Path, sockets: Path, log: Path | None) -> None:
        """Start it in `folder`, its health endpoint in `sockets`. `log` None: its output is ours."""
        self.name = name
        self._socket = sockets / f"{name}.sock"
        environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        environment |= as_environment(settings.model_copy(update={"health_bind": f"unix:{self._socket}"}))
        program = Program(
            argv=[sys.executable, *ENTRY, name],
            env=environment,
            cwd=folder,
            stop=(Rung(signal.SIGTERM, STOP_SECONDS),),
            # Every message is safe in a topic or a table at each moment: nothing is lost by an end without goodbye.
            orphan=(),
            log=log,
        )
        self._process = GuardedProcess(program)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def poll(self) -> int | None:
        """None while it runs; else its exit code (128 + n after signal n)."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Ask it to finish and end; it is killed when that takes longer than STOP_SECONDS."""
        self._process.stop()

    def kill(self) -> None:
        """End it at once and wait for that."""
        self._process.stop_quickly()
        self._process.wait()

    def state(self) -> ServiceState:
        """Where it stands; SILENT when it does not answer."""
        answer = self.ask("/readyz")
        try:
            said = json.loads(answer or "")
            lag = said["lag"]
            return ServiceState(bool(said["ready"]), str(said["reason"]), None if lag is None else int(lag))
        except (ValueError, KeyError, TypeError):
            return SILENT

    def ask(self, path: str) -> str | None:
        """The body its health endpoint answers, whatever the status; None without an answer in time."""
        connection = _UnixConnection(self._socket)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ASK_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(ASK_SECONDS)
        self.sock.connect(os.fspath(self._path))

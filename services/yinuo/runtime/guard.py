"""The guard between yinuo and one server or service it starts: a small process that outlives yinuo by moments only.

It holds the reading end of a pipe (its stdin) whose writing end only yinuo has. Whatever ends yinuo, SIGKILL
included, closes that pipe, and the guard then ends the program, kills what is left of its process group and removes
the temporary folders it was given. On Linux the program also dies with the guard (PR_SET_PDEATHSIG).
Run as a script (`python -I -S guard.py`), never imported by yinuo; standard library only, so that it starts in
milliseconds. The program's command and environment come through the pipe, so that no secret stands in a command line.

The pipe's first line is a JSON object: argv, env, cwd, uid, gid, stop, orphan, parent_death_signal, remove (null for
what does not apply). Later bytes are orders: `s` stop, `q` stop quickly. `stop` and `orphan` are ladders:
[[signal number, seconds until the next rung], …]. Without argv the guard only waits for the end and removes.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

PR_SET_PDEATHSIG = 1
LIFELINE = 0
REMOVE_FOR_S = 20.0


class Lifeline:
    """The pipe from yinuo, and the signals that reach the guard, as one stream of orders."""

    def __init__(self) -> None:
        """Take over the signals; stdin is the pipe."""
        self._wake, wake_end = os.pipe()
        for end in (self._wake, wake_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._unread = b""
        self.closed = False

    def specification(self) -> dict[str, Any] | None:
        """The first line; None when yinuo died before it was written."""
        while b"\n" not in self._unread:
            chunk = os.read(LIFELINE, 65536)
            if not chunk:
                return None
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        value: dict[str, Any] = json.loads(line)
        return value

    def order(self, seconds: float | None) -> str | None:
        """The next order within the time (None: no limit): stop, orphan, or None when the time or a child ended."""
        if not self._unread:
            watched = [self._wake] if self.closed else [LIFELINE, self._wake]
            ready, _, _ = select.select(watched, [], [], seconds)
            if LIFELINE in ready:
                self._unread = os.read(LIFELINE, 4096)
                self.closed = not self._unread
                if self.closed:
                    return "orphan"
            if self._wake in ready and signal.SIGTERM in os.read(self._wake, 4096):
                return "stop"
        taken, self._unread = self._unread[:1], self._unread[1:]
        return {b"s": "stop", b"q": "orphan"}.get(taken)


def main(status: int) -> int:
    """Run the program of the pipe's first line; its exit code, 128 + n for signal n. Reports its pid on `status`."""
    lifeline = Lifeline()
    spec = lifeline.specification()
    if spec is None:
        return 0
    code = 0
    if spec["argv"]:
        program = _started(spec, status)
        code = _watched(program, lifeline, spec) if program is not None else 127
    else:
        _report(status, {})
        while not lifeline.closed:
            if lifeline.order(None) is not None:
                break
    for folder in spec["remove"]:
        _removed(folder)
    return code


def _started(spec: dict[str, Any], status: int) -> subprocess.Popen[bytes] | None:
    try:
        program = _spawned(spec)
    except (OSError, subprocess.SubprocessError) as error:
        _report(status, {"error": str(error), "errno": getattr(error, "errno", None)})
        return None
    _report(status, {"pid": program.pid})
    return program


def _spawned(spec: dict[str, Any]) -> subprocess.Popen[bytes]:
    executable = spec["argv"][0]
    with contextlib.ExitStack() as stack:
        held = os.open(executable, os.O_RDONLY)
        stack.callback(os.close, held)
        try:
            return _popen(spec, executable, ())
        except PermissionError:
            # The folder above is closed to the program's user; the opened file itself need not be.
            if spec["uid"] is None or not sys.platform.startswith("linux"):
                raise
            return _popen(spec, f"/proc/self/fd/{held}", (held,))


def _popen(spec: dict[str, Any], executable: str, passed: tuple[int, ...]) -> subprocess.Popen[bytes]:
    identity: dict[str, Any] = {}
    if spec["uid"] is not None:
        identity = {"user": spec["uid"], "group": spec["gid"], "extra_groups": []}
    return subprocess.Popen(  # noqa: S603 (an argument list, no shell)
        spec["argv"],
        executable=executable,
        env=spec["env"],
        cwd=spec["cwd"],
        stdin=subprocess.DEVNULL,
        process_group=0,
        umask=0o077,
        pass_fds=passed,
        preexec_fn=_child_setup(spec["parent_death_signal"]),
        **identity,
    )


def _child_setup(parent_death_signal: int) -> Any:
    """What the child does between fork and exec, after it changed its user (which would undo PDEATHSIG)."""
    guard = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None

    def setup() -> None:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, parent_death_signal, 0, 0, 0)
            if os.getppid() != guard:
                os._exit(127)

    return setup


def _report(status: int, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        os.write(status, json.dumps(message).encode() + b"\n")
    os.close(status)


def _watched(program: subprocess.Popen[bytes], lifeline: Lifeline, spec: dict[str, Any]) -> int:
    """Wait for the program's end, climbing the ladder that was ordered; kill what its group left behind."""
    ladder: list[tuple[int, float]] = []
    next_rung: float | None = None
    while program.poll() is None:
        pause = None if next_rung is None else max(0.0, next_rung - time.monotonic())
        order = lifeline.order(pause)
        if order is not None:
            ladder = [*spec[order], (int(signal.SIGKILL), 5.0)]
            next_rung = 0.0
        if next_rung is not None and ladder and time.monotonic() >= next_rung:
            number, seconds = ladder.pop(0)
            _signal(program, number)
            next_rung = time.monotonic() + seconds
        elif not ladder:
            next_rung = None
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    code = program.returncode
    return code if code >= 0 else 128 - code


def _signal(program: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if number == signal.SIGKILL:
            os.killpg(program.pid, number)
        program.send_signal(number)


def _removed(folder: str) -> None:
    """Remove the folder, again while others that are just ending still write into it."""
    deadline = time.monotonic() + REMOVE_FOR_S
    while os.path.lexists(folder) and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))

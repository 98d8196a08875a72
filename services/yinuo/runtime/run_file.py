"""How commands find a running `yinuo up`: a lock and a state file in its data directory.

The lock is the kernel's (flock): it ends with the process, so a state file left by a killed `up` is never believed.
Standard library only, for commands that must start at once. The state file holds the database's password and is
readable by its owner alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from yinuo.errors import Misuse
from yinuo.runtime.private_file import write_private

LOCK = "up.lock"
STATE = "up.json"
POLL_SECONDS = 0.05
LOCK_PATIENCE_SECONDS = 1.0
"""A reader holds the lock for a moment to see whether it is free; a start may not fail for that."""


@dataclass(frozen=True, slots=True)
class RunningUp:
    """Where a running `yinuo up` can be reached. `started_at`: RFC 3339, UTC. `dsn` holds a password.

    `web` is the address of the pages, "" where there are none.
    """

    pid: int
    bootstrap: str
    cluster_id: str
    started_at: str
    dsn: str = field(repr=False)
    web: str = ""


class RunFile:
    """The lock of one `up` on its data directory, and its state file."""

    def __init__(self, data_dir: Path) -> None:
        """Take the lock; Misuse when another `up` has it. The directory must exist."""
        self._data_dir = data_dir
        self._lock = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
        while not _locked(self._lock, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                holder = _holder(self._lock)
                os.close(self._lock)
                raise Misuse(
                    f"another `yinuo up`{holder} runs on {data_dir}: stop it, or set YINUO_DATA_DIR to another directory"
                )
            time.sleep(POLL_SECONDS)
        os.truncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()}\n".encode())
        self.withdraw()

    def publish(self, running: RunningUp) -> None:
        """Let commands find this `up`."""
        write_private(self._data_dir / STATE, json.dumps(asdict(running)) + "\n")

    def withdraw(self) -> None:
        """No longer let commands find it; the lock stays."""
        (self._data_dir / STATE).unlink(missing_ok=True)

    def release(self) -> None:
        """Give the directory free."""
        self.withdraw()
        os.close(self._lock)


def find_running(data_dir: Path, *, patience_seconds: float = 0.0) -> RunningUp | None:
    """The `up` that runs on this data directory, None when there is none or it is ending.

    With patience, one that is just starting is waited for. Misuse when it belongs to another user.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            alive = _is_locked(data_dir / LOCK)
            running = _read_state(data_dir / STATE) if alive else None
        except PermissionError:
            raise Misuse(
                f"{data_dir} belongs to another user: run this as that user, or set YINUO_DATA_DIR, or "
                "YINUO_KAFKA_URL and YINUO_DATABASE_URL"
            ) from None
        except OSError as error:
            raise Misuse(
                f"the data directory {data_dir} cannot be looked into ({error.strerror}): set YINUO_DATA_DIR to another"
            ) from None
        if running is not None or not alive or time.monotonic() >= deadline:
            return running
        time.sleep(POLL_SECONDS)


def _is_locked(lock: Path) -> bool:
    try:
        opened = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        return not _locked(opened, fcntl.LOCK_SH)
    finally:
        os.close(opened)


def _locked(opened: int, kind: int) -> bool:
    try:
        fcntl.flock(opened, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: int) -> str:
    text = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
    return f" (process {text})" if text.isdecimal() else ""


def _read_state(state: Path) -> RunningUp | None:
    with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
        return RunningUp(**json.loads(state.read_text("utf-8")))
    return None

"""Fixtures of the runtime's tests: short folders, parents that can be killed, and what is left of their children."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import servers

GONE_WITHIN_S = 20.0


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder of ours directly below the temporary folder: short enough for sockets, its parent open to others."""
    folder = Path(tempfile.mkdtemp(prefix="yt-", dir=servers.memory_folder()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Parent:
    """A Python process that runs the given code, prints one line when it is set up, and sleeps."""

    def __init__(self, code: str, environment: dict[str, str]) -> None:
        script = textwrap.dedent(code) + "\nimport time\ntime.sleep(600)\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ | environment
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().split()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def parent_of() -> Iterator[Callable[..., Parent]]:
    """Make a parent of the code; all are killed at the end."""
    parents: list[Parent] = []

    def make(code: str, **environment: str) -> Parent:
        parents.append(Parent(code, environment))
        return parents[-1]

    yield make
    for parent in parents:
        parent.kill()
        assert parent.process.stdout is not None
        parent.process.stdout.close()


def is_alive(pid: int) -> bool:
    """True while a process with this id exists and is no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc/self").exists()


@pytest.fixture
def gone() -> Callable[..., bool]:
    """Wait until all these processes are gone and all these paths do not exist; False when that does not happen."""

    def wait(*things: int | Path) -> bool:
        deadline = time.monotonic() + GONE_WITHIN_S
        while time.monotonic() < deadline:
            if not any(is_alive(thing) if isinstance(thing, int) else thing.exists() for thing in things):
                return True
            time.sleep(0.02)
        return False

    return wait


@pytest.fixture
def alive() -> Callable[[int], bool]:
    return is_alive


OTHER_USER = 65534


@pytest.fixture
def as_other_user() -> Callable[[Callable[[], object]], str]:
    """Call a function as another, unprivileged user (root only); what it returned or raised, as text."""

    def call(function: Callable[[], object]) -> str:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(OTHER_USER)
                os.setuid(OTHER_USER)
                said = repr(function())
            except BaseException as error:  # noqa: BLE001 (told to the parent process)
                said = f"{type(error).__name__}: {error}"
            os.write(writing, said.encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            said = answer.read()
        os.waitpid(child, 0)
        return said

    return call

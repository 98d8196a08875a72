"""`yinuo up` and `yinuo demo` as processes that a test starts, watches, interrupts, and looks behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

COMMAND = [sys.executable, "-m", "yinuo.cli.main"]
PATIENCE_SECONDS = 60.0
"""Generous: a slow machine is no failure."""


def until(found: Callable[[], object], what: str) -> None:
    """Wait until `found()` is true; fails with `what` was waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:g} s: {what}"
        time.sleep(0.005)


class Living:
    """A command that runs until it is ended; what it says goes to files beside `folder`."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._out, self._err = folder / "stdout", folder / "stderr"
        self.folder = folder
        self.environment: dict[str, str] = {}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                env={**environment, "LC_TEST_OF": str(folder)},
            )

    @property
    def said(self) -> str:
        return self._out.read_text(errors="replace")

    @property
    def remarked(self) -> str:
        return self._err.read_text(errors="replace")

    def says(self, words: str) -> None:
        """Wait until the words stand on stdout or stderr."""
        until(lambda: words in self.said + self.remarked or self.process.poll() is not None, words)
        assert words in self.said + self.remarked, self.remarked

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """The signal, as a terminal sends it, and the exit code that follows."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def survivors(self) -> list[str]:
        """Processes that it started, or that work in its folder, and that still run."""
        return [line for line in _command_lines() if str(self.folder) in line]

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _command_lines() -> Iterator[str]:
    """Command, environment and working folder of each process but ours."""
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            if "Z" in re.findall(r"^State:\t(\w)", (process / "status").read_text(), re.MULTILINE):
                continue
            parts = [(process / name).read_bytes() for name in ("cmdline", "environ")]
            yield " ".join(
                [
                    process.name,
                    *(part.replace(b"\0", b" ").decode(errors="replace") for part in parts),
                    str((process / "cwd").readlink()),
                ]
            )
        except OSError:
            continue


@contextmanager
def living(arguments: list[str], environment: Mapping[str, str], folder: Path) -> Iterator[Living]:
    """The command, killed at the end if the test has not ended it."""
    command = Living(arguments, environment, folder)
    try:
        yield command
    finally:
        command.kill()

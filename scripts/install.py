"""Installs one lock file, and the project itself, into the environment this runs in; shows how far it is.

Used by the Makefile. Hashes are demanded of every file; nothing is built but the project; only the standard
library is used, because nothing else is there yet. pip's own output names indexes and addresses, so that a
counter stands in its place; what pip says is shown when it fails.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

PIP = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"]
LOCKED = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==", re.MULTILINE)
ARRIVED = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+==\S+)")
TAIL = 12
"""Lines of pip's output that are shown when it fails."""


def main() -> int:
    """Install the lock named on the command line, then the project; pip's exit code."""
    lock = Path(sys.argv[1])
    progress = Progress()
    began = time.monotonic()
    code = install(
        progress,
        ["-r", str(lock), "--require-hashes", "--only-binary", ":all:"],
        len(LOCKED.findall(lock.read_text())),
    )
    if code == 0:
        code = install(progress, ["--no-deps", "--no-build-isolation", "--editable", "."], 0)
    if code == 0:
        progress.say(f"{lock.name}: installed in {time.monotonic() - began:.0f} s", last=True)
    return code


def install(progress: Progress, arguments: list[str], expected: int) -> int:
    """Run `pip install`, counting the packages that arrive; show the end of its output if it fails."""
    lines: list[str] = []
    arrived = 0
    with subprocess.Popen(  # noqa: S603 (this interpreter's own pip)
        [*PIP, "install", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines.append(line.rstrip())
            package = ARRIVED.match(line)
            if package and expected:
                arrived += 1
                progress.say(f"packages {arrived}/{expected}: {package[1]}")
            elif line.startswith("Installing collected packages"):
                progress.say("unpacking ...")
    if pip.returncode:
        progress.say("pip failed; it said:", last=True)
        sys.stderr.write("\n".join([*lines[-TAIL:], ""]))
    return pip.returncode


class Progress:
    """How far it is: one line that renews itself on a terminal, else a line of its own now and then."""

    _said_at = 0.0

    def say(self, what: str, *, last: bool = False) -> None:
        """Show `what`; the last thing said stays."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{what}" + ("\n" if last else ""))
        elif last or time.monotonic() - self._said_at > 2:
            sys.stderr.write(what + "\n")
            self._said_at = time.monotonic()
        sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

"""A wall clock for the services that can be set while they run: libfaketime, of Debian's package `faketime`.

Set is what a wrong time server would set: the wall clock alone. Monotonic clocks go on, as they do on a real machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

_LIBRARY = "faketime/libfaketimeMT.so.1"
_PLACES = ("/usr/lib", "/usr/local/lib")
RIGHT = "+0"


def environment(file: Path) -> dict[str, str]:
    """What a process is started with whose clock `set_to` sets through this file."""
    library = _library()
    assert library is not None
    return {
        "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def set_to(file: Path, shift: str) -> None:
    """`+1d`, `-1d`, or RIGHT; the processes see it within a second."""
    new = file.with_name(file.name + ".new")
    new.write_text(shift + "\n")
    new.replace(file)


def is_used_by(pid: int) -> bool:
    """Whether a process has the library loaded."""
    return _LIBRARY in Path(f"/proc/{pid}/maps").read_text()


def missing(folder: Path) -> str:
    """Why a clock cannot be set, "" if it can: it is tried on a process."""
    if _library() is None:
        return "libfaketime is not installed: apt-get install faketime"
    file = folder / "tried"
    set_to(file, "+1d")
    asked = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env=os.environ | environment(file),
        capture_output=True,
        text=True,
    )
    try:
        ahead = float(asked.stdout) - time.time()
    except ValueError:
        return f"libfaketime does not work here: {asked.stderr.strip()[-200:]}"
    return (
        "" if 80_000 < ahead < 90_000 else f"libfaketime sets no clock here: {ahead:.0f} s instead of a day"
    )


def _library() -> Path | None:
    found = (path for place in _PLACES for path in Path(place).glob(f"**/{_LIBRARY}"))
    return next(found, None)

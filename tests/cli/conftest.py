"""The command line as a user has it: a process of its own, in an empty folder and an empty home."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Finished = subprocess.CompletedProcess[bytes]
COMMAND = [sys.executable, "-m", "yinuo.cli.main"]
SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment without settings, with a home, temporary and data folder of its own, 80 columns wide."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("YINUO_", "XDG_"))}
    for folder in ("home", "tmp"):
        (tmp_path / folder).mkdir()
    return {
        **kept,
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "YINUO_DATA_DIR": str(tmp_path / "data"),
        "COLUMNS": "80",
    }


@pytest.fixture
def yinuo(bare: dict[str, str], tmp_path: Path) -> Callable[..., Finished]:
    """Runs `yinuo ARGUMENTS…`; `stdin` is bytes, `settings` further environment variables."""
    work = tmp_path / "work"
    work.mkdir()

    def run(*arguments: str | Path, stdin: bytes = b"", settings: dict[str, str] | None = None) -> Finished:
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=work,
            env=bare | (settings or {}),
            timeout=60,
        )

    return run


def one_line(finished: Finished) -> str:
    """The only line on stderr; fails on none, on several and on a traceback."""
    error = finished.stderr.decode("utf-8")
    assert error.endswith("\n"), f"no whole line on stderr: {error!r}"
    lines = error.splitlines()
    assert len(lines) == 1, error
    assert lines[0].startswith("yinuo: "), lines[0]
    assert "Traceback" not in error
    return lines[0]

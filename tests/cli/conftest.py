"""The command line as a user has it: a process of its own, in an empty folder and an empty home."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import servers

from .living import COMMAND, Living, living

Finished = subprocess.CompletedProcess[bytes]
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


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder, short enough for sockets, that the servers of a test may pass (pytest's own is closed)."""
    folder = Path(tempfile.mkdtemp(prefix="yc-", dir=servers.memory_folder()))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def own(bare: dict[str, str], open_folder: Path) -> dict[str, str]:
    """As `bare`, with a data and a temporary folder that embedded servers can work in, and a free port."""
    (open_folder / "tmp").mkdir()
    (open_folder / "tmp").chmod(0o711)
    return {
        **bare,
        "TMPDIR": str(open_folder / "tmp"),
        "YINUO_DATA_DIR": str(open_folder / "data"),
        "YINUO_EMBEDDED_KAFKA_PORT": "0",
        "YINUO_WEB_BIND": "127.0.0.1:0",
    }


@pytest.fixture(scope="session")
def up() -> Iterator[Living]:
    """One `yinuo up` that the tests of the commands share; `up.environment` leads to it."""
    folder = Path(tempfile.mkdtemp(prefix="yu-", dir=servers.memory_folder()))
    folder.chmod(0o711)
    settings = {"YINUO_DATA_DIR": str(folder / "data"), "YINUO_EMBEDDED_KAFKA_PORT": "0"}
    settings["YINUO_WEB_BIND"] = "127.0.0.1:0"
    with living(["up"], {**os.environ, **settings}, folder / "work") as running:
        running.environment = settings
        running.says("yinuo is up")
        yield running
        assert running.interrupt() == 0
    shutil.rmtree(folder)


def one_line(finished: Finished) -> str:
    """The only line on stderr; fails on none, on several and on a traceback."""
    error = finished.stderr.decode("utf-8")
    assert error.endswith("\n"), f"no whole line on stderr: {error!r}"
    lines = error.splitlines()
    assert len(lines) == 1, error
    assert lines[0].startswith("yinuo: "), lines[0]
    assert "Traceback" not in error
    return lines[0]

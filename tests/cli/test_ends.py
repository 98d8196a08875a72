"""Every way a command can end: its exit code, one line on stderr or none, never a traceback, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMMAND, SEEDS, Finished, one_line

Yinuo = Callable[..., Finished]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["extract"], "Missing argument 'PATH'; see `yinuo extract --help`"),
        (["extract", "a.txt", "--colour"], "No such option: --colour"),
        (["exract", "a.txt"], "Did you mean 'extract'"),
        (["extract", "nowhere.txt"], "nowhere.txt"),
        (
            ["extract", SEEDS, "--published-on", "2023-2-1"],
            "--published-on 2023-2-1: a date is written YYYY-MM-DD",
        ),
        (["extract", SEEDS, "--published-on", "2023-02-30"], "--published-on 2023-02-30"),
        (["extract", SEEDS, "--revision", "-1"], "--revision -1"),
        (["extract", SEEDS, "--revision", "many"], "--revision"),
        (["extract", SEEDS, "--explain", "--json"], "--explain"),
        (["parse", "--reference-date", "gestern", "今年"], "--reference-date gestern"),
    ],
)
def test_bad_use_is_one_line_and_exit_code_2(yinuo: Yinuo, arguments: list[str], said: str) -> None:
    finished = yinuo(*arguments)
    assert finished.returncode == 2
    assert finished.stdout == b""
    assert said in one_line(finished)


def test_a_bug_is_one_line_that_says_where_the_details_are(yinuo: Yinuo, tmp_path: Path) -> None:
    broken = "import sys; from yinuo.cli import main, extract; extract.article_fields = None; sys.exit(main.run(sys.argv[1:]))"
    finished = _run_python(broken, tmp_path, "extract", "-")
    assert finished.returncode == 1
    line = one_line(finished)
    assert "this is a bug in yinuo (TypeError" in line
    report = Path(line.rpartition(" ")[2])
    assert "Traceback" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600
    report.unlink()


def test_a_bug_shows_itself_at_debug(tmp_path: Path) -> None:
    broken = "import sys; from yinuo.cli import main, extract; extract.article_fields = None; sys.exit(main.run(sys.argv[1:]))"
    finished = _run_python(broken, tmp_path, "extract", "-", YINUO_LOG_LEVEL="DEBUG")
    assert finished.returncode == 1
    assert b"Traceback" in finished.stderr
    assert b"this is a bug in yinuo" in finished.stderr.splitlines()[-1]
    assert not list(tmp_path.glob("yinuo-bug-*"))


def _run_python(code: str, tmp: Path, *arguments: str, **settings: str) -> Finished:
    environment = os.environ | {"TMPDIR": str(tmp)} | settings
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], input=b"", capture_output=True, env=environment
    )


def test_a_reader_that_leaves_is_no_failure(bare: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "extract", str(SEEDS / "000_6db2fce664966d35.txt"), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=bare,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_stdout_closed_from_the_start(bare: dict[str, str]) -> None:
    finished = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "parse", "20个"], stderr=subprocess.PIPE, env=bare
    )
    assert finished.stderr == b""
    assert finished.returncode == 0


@pytest.mark.parametrize("arguments", [["extract", "-"], ["parse", "-"]])
def test_stdin_closed(bare: dict[str, str], arguments: list[str]) -> None:
    finished = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, *arguments], capture_output=True, env=bare
    )
    assert finished.returncode == 2
    assert "standard input is closed" in one_line(finished)


@pytest.mark.parametrize("arguments", [["extract", "-"], ["parse", "-"], ["extract", "-", "--out", "out"]])
def test_ctrl_c_ends_quietly_with_130(bare: dict[str, str], tmp_path: Path, arguments: list[str]) -> None:
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=bare,
        cwd=tmp_path,
    ) as process:
        wait_until_reading(process.pid)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (130, b"", b"")
    assert not (tmp_path / "out").exists()
    assert not list((tmp_path / "tmp").iterdir())


def wait_until_reading(pid: int) -> None:
    """Return once the process waits for its standard input."""
    for _ in range(600):
        if "pipe" in Path(f"/proc/{pid}/wchan").read_text() or _reads_stdin(pid):
            return
        time.sleep(0.05)
    raise AssertionError("it never read its input")


def _reads_stdin(pid: int) -> bool:
    call = Path(f"/proc/{pid}/syscall").read_text().split()
    return call[:2] == ["0", "0x0"]

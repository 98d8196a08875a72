"""`make` finds a Python that will do, or says in one line what is missing and how to mend it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "find_python.sh"
TOOLS = ("sh", "sed", "printf")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder that is the whole search path: the tools of the script, and what a test puts there."""
    for tool in TOOLS:
        found = shutil.which(tool)
        if found:
            (tmp_path / tool).symlink_to(found)
    return tmp_path


def put(path: Path, name: str, body: str) -> None:
    """A program of that name; `body` is shell, `$3` what `-I -c` is given."""
    (path / name).write_text(f"#!/bin/sh\n{body}\n")
    (path / name).chmod(0o755)


def answering(version: str, *, ensurepip: bool = True) -> str:
    """The body of a stand-in that behaves like CPython of that version."""
    minor = int(version.split(".")[1])
    return f"""case "$3" in
    *ensurepip*) exit {0 if ensurepip else 1};;
    *implementation.name,*) echo "cpython {version}";;
    *sys.exit*) exit {0 if 11 <= minor <= 13 else 1};;
    *) echo "$0";;
esac"""


def find(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [path / "sh", SCRIPT, *arguments], env={"PATH": str(path)}, capture_output=True, text=True
    )


def test_the_newest_that_will_do_is_taken(path: Path) -> None:
    put(path, "python3.12", answering("3.12.1"))
    put(path, "python3.11", answering("3.11.2"))
    put(path, "python3", answering("3.9.2"))
    assert find(path).stdout.strip() == str(path / "python3.12")


def test_this_python_really_passes(path: Path) -> None:
    (path / "python3").symlink_to(sys.executable)
    found = find(path)
    assert found.returncode == 0
    assert Path(found.stdout.strip()).exists()


@pytest.mark.parametrize(
    ("programs", "said"),
    [
        ({}, "no python3 is on the path"),
        ({"python3": answering("3.9.2")}, "python3 is cpython 3.9.2"),
        ({"python3": answering("3.14.0")}, "python3 is cpython 3.14.0"),
        ({"python3.13": "echo 'pyenv: command not found' >&2; exit 127"}, "python3.13 does not run"),
        ({"python3.11": answering("3.11.2", ensurepip=False)}, "apt install python3.11-venv"),
    ],
)
def test_what_is_missing_is_one_line(path: Path, programs: dict[str, str], said: str) -> None:
    for name, body in programs.items():
        put(path, name, body)
    found = find(path)
    assert (found.returncode, found.stdout) == (1, "")
    (line,) = found.stderr.splitlines()
    assert said in line
    assert "make PYTHON=" in line


def test_a_named_python_is_taken_or_refused_never_replaced(path: Path) -> None:
    put(path, "python3.12", answering("3.12.1"))
    put(path, "mine", answering("3.8.0"))
    assert find(path, "python3.12").stdout.strip() == str(path / "python3.12")
    assert "mine is cpython 3.8.0" in find(path, "mine").stderr
    assert "nowhere is not there" in find(path, "nowhere").stderr

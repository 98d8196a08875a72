"""`make setup PYTHON=…`: the Python that is asked for is the one in .venv; without a word what stands there stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = ROOT / ".venv" / ".made-at"


def planned(*arguments: str) -> str:
    """What `make setup` would do; nothing is done."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "-n", "setup", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture(autouse=True)
def _in_its_own_environment() -> None:
    assert MADE.exists(), "run the tests by `make test`: they look at the .venv that it makes"


def test_what_stands_stays() -> None:
    assert "-m venv" not in planned()
    assert "-m venv" not in planned(f"PYTHON={sys.executable}")


def test_another_python_makes_it_anew(tmp_path: Path) -> None:
    other = tmp_path / "python3"
    other.write_text('#!/bin/sh\necho "/another (3, 12)"\n')
    other.chmod(0o755)
    assert f"find_python.sh {other}" in planned(f"PYTHON={other}")
    assert "-m venv --clear" in planned(f"PYTHON={other}")

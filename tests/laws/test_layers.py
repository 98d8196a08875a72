"""Law: who may import whom. The import linter says so on the code, and catches each planted break of a contract."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from laws.repository import ROOT

PLANTED = {
    "The contract imports nothing of the services": (
        "schemas/yinuo_schemas/article.py",
        "import yinuo.errors",
    ),
    "Extraction is pure": ("services/yinuo/extraction/extract.py", "import time"),
    "Nobody imports the command line": ("services/yinuo/intake/__init__.py", "import yinuo.cli"),
    "Pages stand on top": ("services/yinuo/runtime/__init__.py", "import yinuo.web"),
    "Storage knows no streaming": ("services/yinuo/storage/__init__.py", "import aiokafka"),
}


def lint(root: Path) -> tuple[int, str]:
    """Exit code and output of the import linter on the packages below `root`."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root / 'services'}{os.pathsep}{root / 'schemas'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def test_layers_hold() -> None:
    code, output = lint(ROOT)
    assert code == 0, output


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_is_caught(contract: str, tmp_path: Path) -> None:
    for folder in ("services", "schemas/yinuo_schemas"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    name, line = PLANTED[contract]
    path = tmp_path / name
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")
    code, output = lint(tmp_path)
    assert code == 1
    broken = [text for text in output.splitlines() if text.rstrip().endswith("BROKEN")]
    assert [text for text in broken if text.startswith(contract)], output

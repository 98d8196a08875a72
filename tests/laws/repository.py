"""The repository as the laws see it: its tracked files, and the strings of a Python file that are no docstrings."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tracked_files() -> list[Path]:
    """Every file that git knows, those not yet committed but not ignored included; paths from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    return sorted(path for path in paths if (ROOT / path).is_file())


def python_files(*folders: str) -> list[Path]:
    """The Python files below these folders, from the root."""
    return [p for p in tracked_files() if p.suffix == ".py" and p.as_posix().startswith(folders)]


def strings(source: str) -> list[tuple[int, str]]:
    """Line and value of every string constant but docstrings; parts of an f-string one by one."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]

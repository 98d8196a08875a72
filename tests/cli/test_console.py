"""How the command line speaks of itself, and that a sign of waiting is for terminals alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from yinuo.cli.console import program, waiting


def test_a_command_is_called_as_one_can_call_it_from_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{ours}{os.pathsep}/usr/bin")
    assert program() == "yinuo"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(ours.parent)
    assert program() == f"{ours.name}/yinuo"
    monkeypatch.chdir(tmp_path)
    assert program() == str(ours / "yinuo")
    (tmp_path / "yinuo").write_text("#!/bin/sh\n")
    (tmp_path / "yinuo").chmod(0o755)
    assert program() == str(ours / "yinuo"), "another yinuo stands first on the path"


def test_a_sign_of_waiting_is_for_terminals_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with waiting("reading"):
        pass
    assert capfd.readouterr() == ("", "")

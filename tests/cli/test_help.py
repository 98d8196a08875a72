"""Every command and every option is explained, with examples, in eighty columns."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest
import typer
from rich.cells import cell_len

from yinuo.cli.app import app
from yinuo.cli.main import run


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command with the words that name it, groups included."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


ALL = list(commands(typer.main.get_command(app)))


def help_of(path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    out = io.StringIO()
    with redirect_stdout(out):
        assert run([*path, "--help"]) == 0
    return out.getvalue()


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) or "yinuo" for path, _ in ALL])
def test_help_has_examples_and_names_every_option(
    path: tuple[str, ...], command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = help_of(path, monkeypatch)
    # The usage line begins with the same words; an example is indented further.
    examples = re.findall(
        rf"^   (?:(?:\S+=\S+ )+|.*\| )?{' '.join(['yinuo', *path])}\b.*", shown, re.MULTILINE
    )
    assert examples, "no example of its own"
    for parameter in command.params:
        assert parameter.help, f"{parameter.name} has no word of explanation"
        for flag in getattr(parameter, "opts", []):
            if flag.startswith("--"):
                assert flag in shown
    assert all(cell_len(line) <= 80 for line in shown.splitlines())
    assert "<bool>" not in shown


def test_every_command_of_the_contract_is_there() -> None:
    assert {path[0] for path, _ in ALL if path} >= {"extract", "parse"}


def test_bare_yinuo_shows_its_help(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        assert run([]) == 0
    assert out.getvalue().strip() == help_of((), monkeypatch).strip()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert re.fullmatch(
        r"yinuo \d+\.\d+\.\d+ \(rules .*, digest [0-9a-f]{12}; Python 3.*\)\n", capsys.readouterr().out
    )

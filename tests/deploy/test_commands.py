"""The commands in compose.yaml are commands that yinuo has, with options that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from deploy.dockerfile import stages
from yinuo.cli.app import app

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
COMMANDS = {
    name: service["command"]
    for name, service in SERVICES.items()
    if "command" in service and service["image"].startswith("${YINUO_IMAGE")
}
OFFERED: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def fault(words: list[str]) -> str | None:
    """Why the words are no command line of yinuo; None where it would start."""
    name, *options = words
    if name not in OFFERED:
        return f"no command {name}"
    command = OFFERED[name]
    try:
        command.make_context(name, list(options))
    except Exception as error:  # noqa: BLE001 (click's own tree is not typer's to name)
        return f"{name}: {error}"
    return None


def test_four_services_run_yinuo() -> None:
    assert COMMANDS == {
        "migrate": ["migrate"],
        "extractor": ["extractor"],
        "writer": ["writer"],
        "web": ["web"],
    }
    entry = [
        i for i in stages((ROOT / "deploy" / "Dockerfile").read_text("utf-8"))[-1] if i.name == "ENTRYPOINT"
    ]
    assert [i.exec_form() for i in entry] == [["yinuo"]]


@pytest.mark.parametrize("service", COMMANDS)
def test_the_command_is_taken(service: str) -> None:
    assert fault(COMMANDS[service]) is None


@pytest.mark.parametrize("planted", [["extrakt"], ["extract", "--jsn", "x"], ["extract"]])
def test_a_wrong_command_is_found(planted: list[str]) -> None:
    assert fault(planted)

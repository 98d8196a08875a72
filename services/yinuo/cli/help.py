"""The look of `--help`: flags and arguments without Python's types, prose flowing freely, examples as written."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

if TYPE_CHECKING:
    from typer._click.core import Context, Parameter


class Command(TyperCommand):
    """A command whose help shows `--json` and PATH, not `--json <bool>` and PATH <list[str]>."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """As typer makes it, with its help reflowed."""
        super().__init__(*arguments, **{**named, "help": reflowed(named.get("help") or "")})

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The parameters, help option included."""
        return [_without_type(parameter) for parameter in super().get_params(ctx)]


class Group(TyperGroup):
    """A group of commands with the same look."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """As typer makes it, with its help reflowed."""
        super().__init__(*arguments, **{**named, "help": reflowed(named.get("help") or "")})

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The parameters, help option included."""
        return [_without_type(parameter) for parameter in super().get_params(ctx)]


def reflowed(text: str) -> str:
    """The text with each paragraph on one line (the terminal breaks it); indented ones stay as they are."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        paragraph if paragraph.startswith(" ") else paragraph.replace("\n", " ") for paragraph in paragraphs
    )


def _without_type(parameter: Parameter) -> Parameter:
    if isinstance(parameter, TyperOption) and parameter.is_flag:
        parameter.metavar = ""
    elif isinstance(parameter, TyperArgument):
        # typer has no switch for it.
        parameter.display_type_rich = _no_type  # type: ignore[method-assign]  # on this one object, on purpose
    return parameter


def _no_type(ctx: Context) -> str:
    return ""

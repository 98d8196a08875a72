"""The look of `--help`: flags and arguments without the types that Python has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

if TYPE_CHECKING:
    from typer._click.core import Context, Parameter


class Command(TyperCommand):
    """A command whose help shows `--json` and PATH, not `--json <bool>` and PATH <list[str]>."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The parameters, help option included."""
        return [_without_type(parameter) for parameter in super().get_params(ctx)]


class Group(TyperGroup):
    """A group of commands with the same look."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The parameters, help option included."""
        return [_without_type(parameter) for parameter in super().get_params(ctx)]


def _without_type(parameter: Parameter) -> Parameter:
    if isinstance(parameter, TyperOption) and parameter.is_flag:
        parameter.metavar = ""
    elif isinstance(parameter, TyperArgument):
        # typer has no switch for it.
        parameter.display_type_rich = _no_type  # type: ignore[method-assign]
    return parameter


def _no_type(ctx: Context) -> str:
    return ""

"""`yinuo completion`: the script that makes a shell complete commands, flags and their words."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from yinuo.cli.exit_codes import DONE


class Shell(StrEnum):
    """Shells that typer has a script for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.", show_default=False)],
) -> int:
    """Print the script that makes a shell complete commands, flags and words.

    Examples:

      yinuo completion bash >> ~/.bash_completion
      yinuo completion zsh > ~/.zfunc/_yinuo
      yinuo completion fish > ~/.config/fish/completions/yinuo.fish

    Nothing is installed: put the script where your shell looks for it, and open a new shell.
    """
    from typer._completion_shared import get_completion_script

    from yinuo.cli.console import print_line
    from yinuo.cli.main import COMPLETION_VARIABLE

    print_line(get_completion_script(prog_name="yinuo", complete_var=COMPLETION_VARIABLE, shell=shell.value))
    return DONE


def completed(command: Any, instruction: str) -> int:
    """What a shell is told when its completion script asks; the exit code that the script expects."""
    from typer._completion_classes import completion_init
    from typer.completion import shell_complete

    from yinuo.cli.main import COMPLETION_VARIABLE

    completion_init()
    code: int = shell_complete(command, {}, "yinuo", COMPLETION_VARIABLE, instruction)
    return code

"""The console script: runs the command line and turns every way it can end into an exit code and one line.

0 done · 1 an input or service failed · 2 bad use · 130 Ctrl-C. Never a traceback. Imports are held back until
`main` runs, so that Ctrl-C while they load ends as quietly as later.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence

from yinuo.cli.exit_codes import DONE, INTERRUPTED

COMPLETION_VARIABLE = "_YINUO_COMPLETE"
"""Set by a shell's completion script, which then calls us to ask what may follow."""

UNTIL_INTERRUPTED = frozenset({"up", "extractor", "writer", "web"})
"""Commands that run until a signal ends them, so that Ctrl-C is their ordinary end, however early it comes."""


def main() -> None:
    """Run the command line with the process's own arguments and leave with its exit code."""
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = _interrupted(sys.argv[1:])
    # What is left is Python's own end: Ctrl-C would kill it there by the signal, whatever the code.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code of it. Whatever it raises becomes one line on stderr."""
    try:
        _open_missing_streams()
        _hush_libraries()
        sys.unraisablehook = _interrupting_again
        code = _invoke(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _forget_stdout()
        return _interrupted(arguments)
    except BrokenPipeError:
        # The reader (| head) has seen enough: no failure, and nobody to tell.
        _forget_stdout()
        return DONE
    except Exception as error:  # noqa: BLE001 (the last resort: no traceback reaches a user)
        from yinuo.cli.failures import explain

        return explain(error)
    return code


def _interrupted(arguments: Sequence[str]) -> int:
    """The exit code of Ctrl-C: for what runs until it comes, the ordinary one."""
    return DONE if UNTIL_INTERRUPTED.intersection(arguments[:1]) else INTERRUPTED


def _invoke(arguments: Sequence[str]) -> int:
    import typer

    from yinuo.cli.app import app

    # Not command.main(): it turns a closed pipe into exit code 1 and Ctrl-C into its own.
    command = typer.main.get_command(app)
    if COMPLETION_VARIABLE in os.environ:
        from yinuo.cli.completion import completed

        return completed(command, os.environ[COMPLETION_VARIABLE])
    with command.make_context("yinuo", list(arguments)) as context:
        result = command.invoke(context)
    return result if isinstance(result, int) else DONE


def _hush_libraries() -> None:
    """A command's one line is its own: what libraries log goes nowhere until a service sets its logging up."""
    logging.getLogger().addHandler(logging.NullHandler())


def _open_missing_streams() -> None:
    """Python leaves None where the parent closed stdout or stderr; a command may then print into nothing.

    The descriptors 0 to 2 are taken, too: a pipe to a child that got one of their numbers would become its stdin.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 (lives as long as the process)
        elif hasattr(stream, "reconfigure"):
            # A terminal that cannot show a character gets a stand-in, not an error.
            stream.reconfigure(errors="replace")


def _interrupting_again(lost: sys.UnraisableHookArgs) -> None:
    """Ctrl-C that came in a finaliser or a callback of the import system, where Python drops it: once more."""
    if not isinstance(lost.exc_value, KeyboardInterrupt):
        # An event loop that Ctrl-C stopped in mid-step complains when it is freed; that is for nobody to read.
        if not str(getattr(lost.object, "__module__", "")).startswith("asyncio"):
            sys.__unraisablehook__(lost)
        return
    import threading

    again = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT))
    again.daemon = True
    again.start()


def _forget_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's own flush at exit has nothing to complain about."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    finally:
        os.close(nothing)


if __name__ == "__main__":
    main()

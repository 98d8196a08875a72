"""What a command that failed says: one line on stderr, what is wrong and how to mend it, and an exit code.

Not for services: what stops those is theirs to log (`yinuo.runtime.logging`).
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from importlib import metadata
from pathlib import Path

from yinuo.cli.exit_codes import FAILED, INTERRUPTED, MISUSED


def complain(message: str) -> None:
    """One line on stderr, whatever line breaks and control characters the message holds."""
    print(f"yinuo: {one_line(message)}", file=sys.stderr)  # noqa: T201


def one_line(message: str) -> str:
    """The message with line breaks and control characters as single spaces, safe for a terminal."""
    cleaned = "".join(character if character.isprintable() else " " for character in message)
    return " ".join(cleaned.split())


def explain(error: Exception) -> int:
    """Say in one line what became of the command; the exit code that goes with it."""
    from typer.exceptions import Abort, Exit, TyperException

    from yinuo.errors import Misuse, YinuoError

    match error:
        case Exit():
            return error.exit_code
        case Abort():
            return INTERRUPTED
        case Misuse():
            complain(str(error))
            return MISUSED
        case YinuoError():
            complain(str(error))
            return FAILED
        case TyperException():
            complain(_usage_line(error))
            return error.exit_code
        case OSError() if error.filename is not None:
            complain(f"{error.filename}: {error.strerror}")
            return FAILED
    complain(_bug_line(error))
    return FAILED


def _usage_line(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "yinuo"
    message = getattr(error, "format_message", error.__str__)().rstrip(". \n").replace("Value error, ", "")
    return f"{message}; see `{path} --help`"


def _bug_line(error: Exception) -> str:
    """A line for what nobody foresaw: its name, and where the details are."""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if os.environ.get("YINUO_LOG_LEVEL", "").upper() == "DEBUG":
        traceback.print_exception(error)
        return f"this is a bug in yinuo ({what}); please report it with the lines above"
    where = _written_report(error)
    details = f"the details are in {where}" if where else "YINUO_LOG_LEVEL=DEBUG shows the details"
    return f"this is a bug in yinuo ({what}); {details}"


def _written_report(error: Exception) -> Path | None:
    """The file (readable by its owner alone) that holds the traceback, or None where none can be written."""
    versions = f"yinuo {metadata.version('yinuo')}, Python {sys.version}\n"
    report = versions + "".join(traceback.format_exception(error))
    try:
        handle, name = tempfile.mkstemp(prefix="yinuo-bug-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(report)
    except OSError:
        return None
    return Path(name)

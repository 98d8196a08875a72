"""The error tree of yinuo, in one file, as a map of what happens to each.

BadInput     → the message goes to the dead letters, or the command names the input and exits 1.
Unavailable  → a fault of the surroundings: wait, retry, go on.
Misuse       → the user asked for what cannot be: one line, exit 2.
anything else is a bug and stops the service (contract §2 says how an article's own bug is held).
"""

from __future__ import annotations

from yinuo_schemas.dead_letter import ErrorStage, ErrorType


class YinuoError(Exception):
    """Base of all errors that carry a line for people: what is wrong and how to mend it."""


class BadInput(YinuoError):
    """An article that cannot be read, whatever one does to the surroundings."""

    def __init__(self, stage: ErrorStage, error_type: ErrorType, message: str) -> None:
        """`message` is one line for people."""
        super().__init__(message)
        self.stage = stage
        self.error_type = error_type


class Unavailable(YinuoError):
    """Broker, database or file system is away or refuses: the same thing may work later."""


class Misuse(YinuoError):
    """A command or setting that cannot mean anything: nothing was done."""

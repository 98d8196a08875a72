"""The process that reads articles for an extractor: messages come in on stdin, what to send goes out on stdout.

Not started by people. It exists so that a long article blocks no heartbeat and a runaway one can be ended. Law: it
ends with its parent, whatever happens to that.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from yinuo.intake.decode import Limits
from yinuo.pipeline.handle import bug_line
from yinuo.pipeline.messages import Outgoing, RawMessage, dead_letter_message, extraction_message
from yinuo_schemas import DeadLetter, Extraction

LENGTH_BYTES = 8
Handler = Callable[[RawMessage, Limits, datetime], Extraction | DeadLetter]


@dataclass(frozen=True, slots=True)
class Bug:
    """The handler raised: one line for people, and the traceback for the log."""

    line: str
    details: str


def main() -> None:
    """Answer each message with an Outgoing or a Bug until stdin ends."""
    die_with_parent()
    handler, max_text_chars, max_message_bytes = sys.argv[1:]
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Whatever an extraction might print must not fall into the answers.
    os.dup2(2, 1)
    limits = Limits(int(max_text_chars), int(max_message_bytes))
    answer_all(requests, answers, named_handler(handler), limits)


def answer_all(requests: BinaryIO, answers: BinaryIO, handler: Handler, limits: Limits) -> None:
    """The process's loop. First an empty answer: it has loaded all it needs."""
    _write(answers, b"")
    while (request := read_frame(requests)) is not None:
        raw: RawMessage = pickle.loads(request)  # noqa: S301 (from our own parent, over a pipe of our own)
        _write(answers, pickle.dumps(_answer(raw, handler, limits)))


def _answer(raw: RawMessage, handler: Handler, limits: Limits) -> Outgoing | Bug:
    try:
        result = handler(raw, limits, datetime.now(UTC))
        if isinstance(result, DeadLetter):
            return dead_letter_message(result)
        return extraction_message(result, raw)
    except Exception as error:  # noqa: BLE001 (contract: a bug in reading an article is held, not fatal by itself)
        return Bug(bug_line(error), traceback.format_exc())


def named_handler(reference: str) -> Handler:
    """The function that `module:function` names."""
    module, _, function = reference.partition(":")
    handler: Handler = getattr(importlib.import_module(module), function)
    return handler


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next message on the pipe, or None where it ends."""
    length = stream.read(LENGTH_BYTES)
    if len(length) < LENGTH_BYTES:
        return None
    return stream.read(int.from_bytes(length, "big"))


def _write(stream: BinaryIO, content: bytes) -> None:
    stream.write(len(content).to_bytes(LENGTH_BYTES, "big") + content)
    stream.flush()


def die_with_parent() -> None:
    """Ctrl-C is the parent's business; its death, even by SIGKILL, is ours (Linux; elsewhere the pipe's end)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    # Under its own name, so that a pickled Bug names a module that the parent can import, and not __main__.
    from yinuo.pipeline.reader_process import main as named_main

    named_main()

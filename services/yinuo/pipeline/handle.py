"""One raw message to an extraction or a dead letter: a plain function, the same wherever it runs.

Not for Kafka, not for waiting. Law: only bad input becomes a dead letter here; any other exception is a bug and is
left to rise (contract: it is held until one knows whether the article or the release is at fault).
"""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

from yinuo.errors import BadInput
from yinuo.extraction_api import extract_article
from yinuo.intake.decode import Limits, decode_article
from yinuo.pipeline.messages import RawMessage
from yinuo_schemas import DeadLetter, Extraction
from yinuo_schemas.dead_letter import ErrorStage, ErrorType


def handle(raw: RawMessage, limits: Limits, now: datetime) -> Extraction | DeadLetter:
    """What the article says, or why it cannot be read. `now` is when it fails, if it does. A bug raises."""
    try:
        article = decode_article(raw.key, raw.value, raw.headers, limits)
    except BadInput as error:
        return dead_letter(raw, error.stage, error.error_type, str(error), now)
    return extract_article(article)


def dead_letter(
    raw: RawMessage, stage: ErrorStage, error_type: ErrorType, message: str, now: datetime
) -> DeadLetter:
    """A dead letter of this message: its key, bytes and headers as they are, and the reason."""
    return DeadLetter(
        key=raw.key,
        value=raw.value,
        headers=raw.headers,
        stage=stage,
        type=error_type,
        message=message,
        source=raw.source,
        failed_at=now,
        attempts=raw.attempt,
    )


def bug_letter(raw: RawMessage, what: str, now: datetime) -> DeadLetter:
    """The dead letter of an article that a bug keeps from being read; `what` is `bug_line`'s or the like."""
    return dead_letter(
        raw, ErrorStage.EXTRACT, ErrorType.BUG, f"{what}; please report it with the article", now
    )


def bug_line(error: BaseException) -> str:
    """Name and place of a bug, one line: `IndexError in pledges.py:120`. Its text may quote the article: left out."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"

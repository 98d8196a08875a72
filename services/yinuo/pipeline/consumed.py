"""What the writer reads: messages of `articles.extracted` and `articles.dead` to values that storage takes.

Pure functions. Laws: a newer major schema is never guessed at; whatever else cannot be read is said as BadInput, and
what cannot be read on `articles.dead` itself is kept as it is.
"""

from __future__ import annotations

from pydantic import ValidationError

from yinuo.errors import BadInput, YinuoError
from yinuo.intake.decode import shown
from yinuo.pipeline.messages import Headers, RawMessage, last_header
from yinuo.storage.incoming import IncomingExtraction, UnreadableDeadLetter
from yinuo_schemas import DeadLetter, Extraction, SourcePosition
from yinuo_schemas.dead_letter import ErrorStage, ErrorType
from yinuo_schemas.extraction import SCHEMA_HEADER, SCHEMA_MAJOR, SCHEMA_NAME, SCHEMA_VERSION

_SOURCE_PREFIX = "yinuo-source-"
_KEPT_PREFIX = "yinuo-raw-"


class NewerSchema(YinuoError):
    """A message of a newer major schema: this release must wait for its successor."""


def read_extraction(raw: RawMessage) -> IncomingExtraction:
    """The extraction in a message of `articles.extracted`; BadInput or NewerSchema."""
    _check_schema(raw.headers)
    if not raw.value:
        raise BadInput(
            ErrorStage.DECODE, ErrorType.EMPTY, "the message is empty: it should hold an extraction"
        )
    try:
        extraction = Extraction.model_validate_json(raw.value)
    except ValidationError as error:
        raise _not_an_extraction(error) from None
    if extraction.article.article_id is None:
        raise BadInput(
            ErrorStage.VALIDATE, ErrorType.BAD_ID, "article.article_id is missing in the extraction"
        )
    return IncomingExtraction(extraction, _raw_position(raw.headers), raw.replay_of)


def read_dead_letter(raw: RawMessage) -> DeadLetter | UnreadableDeadLetter:
    """The dead letter in a message of `articles.dead`, or the message itself where it is none of ours."""
    try:
        return DeadLetter.from_message(raw.key, raw.value, raw.headers)
    except ValidationError as error:
        return unreadable(raw, f"no dead letter of ours: {_first(error)}")


def unreadable(raw: RawMessage, message: str) -> UnreadableDeadLetter:
    """The message as it is, under its own position."""
    return UnreadableDeadLetter(raw.source, raw.key, raw.value, raw.headers, message)


def keeping_source(raw: RawMessage) -> RawMessage:
    """The same message, where the article came from under other names.

    A dead letter's own source headers would replace them, and a replay could not give them back.
    """
    headers = tuple(
        (_KEPT_PREFIX + name.removeprefix(_SOURCE_PREFIX), value)
        if name.startswith(_SOURCE_PREFIX)
        else (name, value)
        for name, value in raw.headers
    )
    return RawMessage(raw.key, raw.value, headers, raw.source)


def _check_schema(headers: Headers) -> None:
    written = last_header(headers, SCHEMA_HEADER) or b""
    name, _, major = written.decode("utf-8", "replace").partition("/")
    if name != SCHEMA_NAME or not (major.isascii() and major.isdigit() and len(major) < 9):
        raise BadInput(
            ErrorStage.VALIDATE,
            ErrorType.WRONG_TYPE,
            f"the header {SCHEMA_HEADER} is {shown(written.decode('utf-8', 'replace'))}, not {SCHEMA_VERSION}",
        )
    if int(major) > SCHEMA_MAJOR:
        raise NewerSchema(
            f"{SCHEMA_HEADER} is {name}/{major}, this release reads up to {SCHEMA_VERSION}: "
            "start a newer release; nothing is skipped"
        )


def _raw_position(headers: Headers) -> SourcePosition:
    """Where the raw message stands; in a replayed message under the names that `keeping_source` gives."""
    restored = tuple(
        (_SOURCE_PREFIX + name.removeprefix(_KEPT_PREFIX), value)
        for name, value in headers
        if name.startswith(_KEPT_PREFIX)
    )
    try:
        return SourcePosition.from_headers([*restored, *headers])
    except ValidationError as error:
        raise BadInput(
            ErrorStage.VALIDATE,
            ErrorType.WRONG_TYPE,
            f"the headers do not say where the article came from: {_first(error)}",
        ) from None


def _not_an_extraction(error: ValidationError) -> BadInput:
    if error.errors(include_url=False)[0]["type"] == "json_invalid":
        return BadInput(ErrorStage.DECODE, ErrorType.JSON, f"the extraction is no JSON: {_first(error)}")
    return BadInput(ErrorStage.VALIDATE, ErrorType.WRONG_TYPE, f"no extraction: {_first(error)}")


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(shown(str(part), quoted=False) for part in first["loc"])
    what = shown(first["msg"], 120, quoted=False)
    return f"{place}: {what}" if place else what

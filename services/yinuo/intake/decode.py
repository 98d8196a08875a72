"""Bytes, headers and key of one message to an `Article`, or to one clear line why it is none.

Not for finding inputs (`files.py`) nor for reading what an article says. Law: decoding drops one leading byte
order mark and changes nothing else (line ends, widths, blanks), so that offsets mean the same to everyone.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from yinuo.errors import BadInput
from yinuo_schemas.article import MAX_TEXT_CHARS, Article, binary_character, check_article_id
from yinuo_schemas.dead_letter import ErrorStage, ErrorType

Headers = Sequence[tuple[str, bytes | None]]
Form = Literal["json", "text"]

METADATA_FIELDS = tuple(name for name in Article.model_fields if name != "text")
_BOM = "\ufeff"
_BLANK_BYTES = b" \t\r\n\f\v"
_FORBIDDEN_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")
_ID_RULE = "an id has 1 to 200 printable characters, no blank and no '/'"


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest message, in bytes, and the longest text, in characters (code points)."""

    max_text_chars: int = MAX_TEXT_CHARS
    max_message_bytes: int = 8 * 1024 * 1024


def decode_article(
    key: bytes | None,
    value: bytes | None,
    headers: Headers = (),
    limits: Limits | None = None,
    *,
    defaults: Mapping[str, object] | None = None,
    as_text: str = "send the header content-type: text/plain",
    what: str = "message",
) -> Article:
    """The article in a message on `articles.raw`; its id is the field or header, else the key, else derived.

    `defaults` are fields for what the message does not say itself. `as_text` tells in an error how to have text
    that looks like JSON taken as text, `what` it is that was read. Raises BadInput with stage `decode` or `validate`.
    """
    limits = limits or Limits()
    content = _content(value, limits, what)
    if _form(content, headers) == "json":
        fields = _json_fields(content, as_text, what)
        text = fields.get("text")
        if isinstance(text, str):
            fields["text"] = text.removeprefix(_BOM)
    else:
        fields = _header_fields(headers) | {"text": _plain_text(content)}
    for name, default in (defaults or {}).items():
        if fields.get(name) in (None, ""):
            fields[name] = default
    if fields.get("article_id") in (None, "") and key:
        fields["article_id"] = _key_as_id(key)
    return _validated(fields, limits)


def _validated(fields: Mapping[str, Any], limits: Limits) -> Article:
    """The article with these fields, its id filled in; BadInput (stage `validate`) names the first wrong."""
    _check_text(fields.get("text"), limits)
    # "" and null mean absent; the model says so itself for every field whose type could hold them.
    given = {name: value for name, value in fields.items() if name != "revision" or value not in ("", None)}
    try:
        return Article.model_validate(given).with_id()
    except ValidationError as error:
        raise _bad_field(error.errors(include_url=False, include_context=False)) from None


def _content(value: bytes | None, limits: Limits, what: str) -> bytes:
    if not value:
        raise _refusal("empty", f"the {what} is empty: send the text of an article")
    if len(value) > limits.max_message_bytes:
        raise _refusal(
            "too_large",
            f"the {what} has more than {limits.max_message_bytes:,} bytes: "
            f"send one article a {what}, or raise YINUO_MAX_MESSAGE_BYTES",
        )
    return value


def _form(content: bytes, headers: Headers) -> Form:
    """What the header content-type says; without it, a first non-blank `{` means JSON."""
    declared = _last_header(headers, "content-type")
    if not declared:
        start = content.removeprefix(codecs.BOM_UTF8).lstrip(_BLANK_BYTES)
        return "json" if start.startswith(b"{") else "text"
    media_type = declared.decode("ascii", "replace").partition(";")[0].strip().lower()
    match media_type:
        case "application/json":
            return "json"
        case "text/plain":
            return "text"
    raise _refusal(
        "wrong_type",
        f"content-type {shown(media_type)} is neither application/json nor text/plain: send one or none",
    )


def _json_fields(content: bytes, as_text: str, what: str) -> dict[str, Any]:
    try:
        text = content.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise _refusal(
            "encoding",
            f"the JSON is not UTF-8 at byte {error.start}: send UTF-8, or, if it is a text, {as_text}",
        ) from None
    try:
        document = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _refusal(
            "json",
            f"the JSON does not parse ({shown(reason, 120, quoted=False)}): mend it or, if it is a text, {as_text}",
        ) from None
    if not isinstance(document, dict):
        raise _refusal(
            "json",
            f"the JSON is no object: send one article, {{…}}, a {what} or, if it is a text, {as_text}",
        )
    return document


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members; ValueError when a key stands twice, since one of the values would be lost."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"the key {shown(name)} stands twice")
        members[name] = value
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _plain_text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _refusal("encoding", "the text is UTF-16: save it as UTF-8 and send it again")
    found = _FORBIDDEN_BYTES.search(content)
    if found:
        raise _refusal(
            "binary",
            f"byte {found.start()} is 0x{found[0][0]:02X}, which stands in no text: send the page's text, "
            "UTF-8 or GB18030",
        )
    text = _decoded(content).removeprefix(_BOM)
    if not text.strip():
        raise _refusal("blank", "the text is blank: send the text of an article")
    return text


def _decoded(content: bytes) -> str:
    good = []
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            good.append(error.start)
    raise _refusal(
        "encoding",
        f"the text is neither UTF-8 (good until byte {good[0]}) nor GB18030 (until byte {good[1]}): "
        "save it as UTF-8 and send it again",
    )


def _header_fields(headers: Headers) -> dict[str, Any]:
    """Metadata of a plain text: headers named as the fields, the last of a name, unknown ones ignored."""
    fields: dict[str, Any] = {}
    for name in METADATA_FIELDS:
        value = _last_header(headers, name)
        if not value:
            continue
        try:
            fields[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            raise _refusal(
                "encoding", f"the header {name} is not UTF-8: send headers in UTF-8, whatever the text is in"
            ) from None
    revision = fields.get("revision")
    if isinstance(revision, str) and re.fullmatch(r"[0-9]{1,20}", revision):
        fields["revision"] = int(revision)
    return fields


def _last_header(headers: Headers, name: str) -> bytes | None:
    return next((value for header, value in reversed(headers) if header.lower() == name), None)


def _key_as_id(key: bytes) -> str:
    try:
        return check_article_id(key.decode("utf-8"))
    except ValueError:
        written = shown(key.decode("utf-8", "backslashreplace"))
        raise BadInput(
            ErrorStage.VALIDATE,
            ErrorType.BAD_ID,
            f"the key {written} would be the article_id and is none: {_ID_RULE}; send another key, or none",
        ) from None


def _check_text(text: Any, limits: Limits) -> None:
    """What the model cannot name by type: blank, binary, and this deployment's own length."""
    if not isinstance(text, str):
        return
    if len(text) > limits.max_text_chars:
        raise BadInput(
            ErrorStage.VALIDATE,
            ErrorType.TOO_LARGE,
            f"text has {len(text):,} characters, more than {limits.max_text_chars:,}: "
            "split it, or raise YINUO_MAX_TEXT_CHARS",
        )
    if not text.strip():
        raise BadInput(ErrorStage.VALIDATE, ErrorType.BLANK, "text is blank: send the text of an article")
    at = binary_character(text)
    if at is not None:
        raise BadInput(
            ErrorStage.VALIDATE,
            ErrorType.BINARY,
            f"text holds U+{ord(text[at]):04X} at character {at}, which stands in no text: take it out",
        )


def _bad_field(errors: Sequence[ErrorDetails]) -> BadInput:
    """The first thing wrong as one line; how many more there are is said at its end."""
    first = errors[0]
    name = ".".join(shown(str(part), quoted=False) for part in first["loc"]) or "article"
    kind = _error_type(first)
    line = f"{name}: {_advice(name, kind, first)}"
    if len(errors) > 1:
        line += f" (and {len(errors) - 1} more)"
    return BadInput(ErrorStage.VALIDATE, kind, line)


_BY_FIELD = {"article_id": ErrorType.BAD_ID, "published_on": ErrorType.BAD_DATE}
_BY_PYDANTIC = {
    "extra_forbidden": ErrorType.UNKNOWN_FIELD,
    "string_too_long": ErrorType.TOO_LARGE,
    "string_unicode": ErrorType.BINARY,
    "value_error": ErrorType.BINARY,  # left over: a control character in a metadata field
}


def _error_type(error: ErrorDetails) -> ErrorType:
    field = str(error["loc"][0]) if error["loc"] else ""
    if field in _BY_FIELD:
        return _BY_FIELD[field]
    return _BY_PYDANTIC.get(error["type"], ErrorType.WRONG_TYPE)


def _advice(name: str, kind: ErrorType, error: ErrorDetails) -> str:
    value = error["input"]
    match kind:
        case ErrorType.UNKNOWN_FIELD:
            return f"no such field; an article has text, {', '.join(METADATA_FIELDS)}"
        case ErrorType.BAD_DATE:
            return f"{shown(value)} is no day; write it YYYY-MM-DD"
        case ErrorType.BAD_ID:
            return f"{shown(value)} is no id; {_ID_RULE}"
        case ErrorType.TOO_LARGE:
            return f"{len(value):,} characters are too many; it has at most 2,000"
        case ErrorType.BINARY:
            return f"{shown(value)} holds a control character or half a surrogate pair; take it out"
    if error["type"] == "missing":
        return "is missing; every article has it"
    if name == "revision":
        return f"{shown(value)} is no revision; it is a whole number from 0 to {2**31 - 1}"
    return f"{shown(value)} is no text; send it in quotes"


def shown(value: object, width: int = 40, *, quoted: bool = True) -> str:
    """A value for a message: one printable line, cut to `width` characters, safe to encode and to print."""
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:
        text = "…"
    if len(text) > width:
        text = text[: width - 1] + "…"
    safe = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
    return f"'{safe}'" if quoted and isinstance(value, str) else safe


def _refusal(kind: str, message: str) -> BadInput:
    return BadInput(ErrorStage.DECODE, ErrorType(kind), message)

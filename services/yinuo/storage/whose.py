"""Which article a message that could not be read is of, and which newspaper's: what key, headers and bytes tell.

Not for reading articles (`intake/decode.py`). It takes what it can get, since a purge of that article must find the
message; what is no id of an article is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from yinuo.errors import BadInput
from yinuo.intake.decode import Limits, decode_article
from yinuo_schemas.article import check_article_id

_NO_LIMITS = Limits(max_text_chars=2**31 - 1, max_message_bytes=2**31 - 1)
_LONGEST_SOURCE = 2000


@dataclass(frozen=True, slots=True)
class Whose:
    """The article's id and its newspaper or site; None: unknown."""

    article_id: str | None = None
    source: str | None = None


def whose(key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = ()) -> Whose:
    """What the parts of a message tell. A whole article names itself; else field, header and key in that order."""
    fields = _json_fields(value)
    if isinstance(fields.get("article"), dict):
        # An extraction that could not be stored.
        fields = fields["article"]
    last = dict(headers)
    given = fields.get("article_id") or last.get("article_id") or key
    return Whose(
        _as_id(given) if given else _derived(value, headers),
        _as_source(fields.get("source") or last.get("source")),
    )


def _json_fields(value: bytes | None) -> dict[str, Any]:
    if value is None or not value.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return {}
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _derived(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> str | None:
    """The id that a message without one has, where it is an article after all (a bug kept it from being read)."""
    try:
        return decode_article(None, value, headers, _NO_LIMITS).article_id
    except BadInput:
        return None


def _as_id(text: object) -> str | None:
    try:
        text = text.decode() if isinstance(text, bytes) else text
        return check_article_id(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _as_source(text: object) -> str | None:
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if not isinstance(text, str) or not text:
        return None
    cleaned = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return cleaned[:_LONGEST_SOURCE]

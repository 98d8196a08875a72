"""What goes in: the article model, its limits and its derived id. Knows nothing of who reads it."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

MAX_TEXT_CHARS = 200_000
"""Code points in one article's text; `YINUO_MAX_TEXT_CHARS` may lower or raise it for a deployment."""

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff]")


def binary_character(text: str) -> int | None:
    """Offset of the first character that no article may hold (NUL, C0 control, lone surrogate), or None.

    Tab, newline, carriage return and form feed are allowed.
    """
    found = _FORBIDDEN.search(text)
    return found.start() if found else None


def derive_article_id(
    *, source: str | None, published_on: str | None, title: str | None, page: str | None, text: str
) -> str:
    """First 16 hex digits of the sha256 over the JSON array of the identifying fields, absent ones null.

    The wire contract fixes the formula: `json.dumps([…], ensure_ascii=False, separators=(",", ":"))`, UTF-8.
    """
    identity = json.dumps(
        [source, published_on, title, page, text], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def check_article_id(value: str) -> str:
    """The id unchanged; ValueError unless it is 1–200 printable characters without blanks and `/`."""
    if not 1 <= len(value) <= 200:
        raise ValueError("an article_id has 1 to 200 characters")
    if not value.isprintable() or "/" in value or any(character.isspace() for character in value):
        raise ValueError("an article_id is printable and holds no blank and no '/'")
    return value


def _absent_when_empty(value: Any) -> Any:
    return None if value == "" else value


def _only_iso_text(value: Any) -> Any:
    """Refuse what pydantic would coerce (timestamps, datetimes): a date on the wire is YYYY-MM-DD."""
    if isinstance(value, str) and not _ISO_DATE.match(value):
        raise ValueError("a date is written YYYY-MM-DD")
    if value is not None and not isinstance(value, str) and type(value) is not date:
        raise ValueError("a date is written YYYY-MM-DD")
    return value


def _no_controls(value: str) -> str:
    if binary_character(value) is not None:
        raise ValueError("holds a control character")
    return value


# What the validators below do, said in the schemas: "" is absent on the way in and is never written.
_ID_SCHEMA = {"type": "string", "pattern": r"^[^\s/]{1,200}$"}
_DAY_SCHEMA = {"type": "string", "format": "date"}

OptionalText = Annotated[
    Annotated[str, Field(strict=True, max_length=2000), AfterValidator(_no_controls)] | None,
    BeforeValidator(_absent_when_empty),
]
OptionalId = Annotated[
    Annotated[str, Field(strict=True), AfterValidator(check_article_id)] | None,
    BeforeValidator(_absent_when_empty),
    WithJsonSchema({"anyOf": [_ID_SCHEMA, {"const": ""}, {"type": "null"}]}, mode="validation"),
    WithJsonSchema({"anyOf": [_ID_SCHEMA, {"type": "null"}]}, mode="serialization"),
]
OptionalDay = Annotated[
    date | None,
    BeforeValidator(_only_iso_text),
    BeforeValidator(_absent_when_empty),
    WithJsonSchema({"anyOf": [_DAY_SCHEMA, {"const": ""}, {"type": "null"}]}, mode="validation"),
]


class Article(BaseModel):
    """One article as it is read: its text, unchanged, and what is known about it.

    Offsets everywhere in yinuo are Unicode code points into `text`, `[start, end)`. One leading BOM is
    dropped when the bytes are decoded; nothing else is changed. Unknown fields are an error, `""` means
    absent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(
        strict=True,
        min_length=1,
        description="The article's text; offsets are code points into it.",
        json_schema_extra={"pattern": r"\S"},
    )
    article_id: OptionalId = Field(
        None, description="1–200 printable characters; derived from the content if absent."
    )
    title: OptionalText = Field(None, description="The headline, where it is known apart from the text.")
    source: OptionalText = Field(None, description="The newspaper or site.")
    published_on: OptionalDay = Field(None, description="Day of publication, YYYY-MM-DD.")
    url: OptionalText = Field(None, description="Where the article was found.")
    page: OptionalText = Field(None, description="The page it stands on.")
    author: OptionalText = Field(None, description="Who wrote it.")
    region: OptionalText = Field(None, description="Name or GB/T 2260 code of the place it is about.")
    revision: int = Field(
        0, strict=True, ge=0, le=2**31 - 1, description="A higher revision replaces a lower one."
    )

    @model_validator(mode="after")
    def _text_is_readable(self) -> Self:
        if not self.text.strip():
            raise ValueError("text is blank")
        at = binary_character(self.text)
        if at is not None:
            raise ValueError(f"text holds U+{ord(self.text[at]):04X} at offset {at}: it is not text")
        return self

    def with_id(self) -> Article:
        """This article with its id filled in: the given one, else the derived one."""
        if self.article_id is not None:
            return self
        derived = derive_article_id(
            source=self.source,
            published_on=self.published_on.isoformat() if self.published_on else None,
            title=self.title,
            page=self.page,
            text=self.text,
        )
        return self.model_copy(update={"article_id": derived})

    def content_hash(self) -> str:
        """sha256 (hex) over all fields, revision included: equal hashes mean that nothing changed."""
        content = self.model_dump(mode="json")
        return hashlib.sha256(
            json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()

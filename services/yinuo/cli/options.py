"""Flags that several commands share, and the readings of their values. A wrong one is `Misuse`, one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from yinuo.errors import Misuse

INPUTS_HELP = "Files, folders, .jsonl files (one article a line), or - for standard input."
Inputs = Annotated[list[str], typer.Argument(metavar="PATH", help=INPUTS_HELP, show_default=False)]

_METADATA = "What is known about the articles"


def _metadata(flag: str, metavar: str, meaning: str) -> object:
    return typer.Option(flag, metavar=metavar, help=meaning, rich_help_panel=_METADATA, show_default=False)


PublishedOn = Annotated[
    str | None, _metadata("--published-on", "DATE", "Day of publication, YYYY-MM-DD: what 今年 counts from.")
]
Source = Annotated[str | None, _metadata("--source", "NAME", "The newspaper or site.")]
Title = Annotated[str | None, _metadata("--title", "TEXT", "The headline, where known apart from the text.")]
Region = Annotated[str | None, _metadata("--region", "PLACE", "Name or GB/T 2260 code of the place.")]
Url = Annotated[str | None, _metadata("--url", "URL", "Where the article was found.")]
Page = Annotated[str | None, _metadata("--page", "TEXT", "The page it stands on.")]
Author = Annotated[str | None, _metadata("--author", "NAME", "Who wrote it.")]
ArticleId = Annotated[
    str | None,
    _metadata("--article-id", "ID", "Its id, for a single input; else derived from the content."),
]
Revision = Annotated[
    int | None, _metadata("--revision", "N", "A higher revision replaces a lower one; 0 if absent.")
]


def article_fields(**flags: str | int | None) -> dict[str, object]:
    """The given metadata under the names of `Article`'s fields; Misuse names the first wrong flag."""
    given: dict[str, object] = {name: value for name, value in flags.items() if value not in (None, "")}
    _check_fields(given)
    return given


def _check_fields(given: dict[str, object]) -> None:
    from pydantic import ValidationError

    from yinuo_schemas import Article

    try:
        Article.model_validate({"text": "-", **given})
    except ValidationError as error:
        wrong = error.errors()[0]
        flag = "--" + str(wrong["loc"][0]).replace("_", "-")
        raise Misuse(f"{flag} {wrong['input']}: {wrong['msg'].removeprefix('Value error, ')}") from None


def day(flag: str, value: str | None) -> date | None:
    """The day written YYYY-MM-DD; None for none. Misuse names the flag."""
    if value is None:
        return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise Misuse(f"{flag} {value}: there is no such day in the calendar") from None
    raise Misuse(f"{flag} {value}: a date is written YYYY-MM-DD")


def words(flag: str, given: Sequence[str] | None, allowed: type[StrEnum]) -> tuple[str, ...]:
    """The given words, if they all are members; Misuse names the wrong one and the right ones."""
    right = [word.value for word in allowed]
    for word in given or ():
        if word not in right:
            raise Misuse(f"{flag} {word}: may be {', '.join(right)}")
    return tuple(given or ())

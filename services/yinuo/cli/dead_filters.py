"""The flags that say which dead letters are meant: the same for listing, sending again and setting aside."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yinuo.cli.words import DeadState

if TYPE_CHECKING:
    from yinuo.runtime.settings import Settings
    from yinuo.storage.dead_letters import DeadLetterFilter


def _filter(flag: str, metavar: str, meaning: str) -> Any:
    return typer.Option(
        flag, metavar=metavar, help=meaning, rich_help_panel="Which dead letters", show_default=False
    )


State = Annotated[
    DeadState | None, _filter("--state", "WORD", "new (if not given), replayed, resolved, ignored, or all.")
]
Stage = Annotated[str | None, _filter("--stage", "WORD", "decode, validate, extract or write.")]
ErrorType = Annotated[str | None, _filter("--type", "WORD", "The reason: empty, encoding, json, bug …")]
Topic = Annotated[str | None, _filter("--topic", "NAME", "The topic that the message stood in.")]
Source = Annotated[str | None, _filter("--source", "NAME", "The newspaper or site: part of the name.")]
Since = Annotated[str | None, _filter("--since", "DATE", "Stored on that day or later, YYYY-MM-DD.")]
Until = Annotated[str | None, _filter("--until", "DATE", "Stored on that day or before, YYYY-MM-DD.")]


def letter_filter(
    settings: Settings,
    *,
    state: DeadState | None,
    stage: str | None,
    error_type: str | None,
    topic: str | None,
    source: str | None,
    since: str | None,
    until: str | None,
    limit: int | None = None,
) -> DeadLetterFilter:
    """What the flags mean; Misuse names the first wrong one. Days are those of YINUO_TIMEZONE, both included."""
    from yinuo.cli.options import day, words
    from yinuo.cli.purge import day_begins
    from yinuo.storage.dead_letters import DeadLetterFilter
    from yinuo_schemas import dead_letter

    first, last = day("--since", since), day("--until", until)
    state = state or DeadState.NEW
    return DeadLetterFilter(
        states=() if state == DeadState.ALL else (state.value,),
        stage=next(iter(words("--stage", [stage] if stage else [], dead_letter.ErrorStage)), None),
        type=next(iter(words("--type", [error_type] if error_type else [], dead_letter.ErrorType)), None),
        topic=topic,
        source=source or None,
        since=None if first is None else day_begins(first, settings),
        before=None if last is None else day_begins(last + timedelta(days=1), settings),
        limit=limit,
    )

"""`yinuo dead`: what could not be read, out of Postgres: list it, look at it, send it again, or set it aside."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from yinuo.cli.dead_filters import (
    ErrorType,
    Since,
    Source,
    Stage,
    State,
    Topic,
    Until,
    letter_filter,
)  # fmt: skip
from yinuo.cli.exit_codes import DONE, FAILED
from yinuo.cli.help import Command, Group
from yinuo.cli.words import Format
from yinuo.errors import Misuse, YinuoError

if TYPE_CHECKING:
    from rich.text import Text

    from yinuo.storage.connection import Connection
    from yinuo.storage.dead_letters import DeadLetterFilter, DeadLetterSummary, StoredDeadLetter
    from yinuo.storage.found import Found

    Outcomes = dict[str, YinuoError | None]
    Do = Callable[[Sequence[str]], Awaitable[Outcomes]]

app = typer.Typer(
    name="dead",
    cls=Group,
    rich_markup_mode="rich",
    help="""Messages that could not be read: list, show, replay, ignore.

Examples:

  yinuo dead list
  yinuo dead show CLUSTER:articles.raw:0:17
  yinuo dead replay --type bad_date --since 2026-01-01

A dead letter keeps its key, bytes and headers; docs/fields.md explains the reasons.""",
)

ROOM_FOR_THE_REST = 70
"""Cells that state, type and a readable message want beside an id."""
ID_HELP = "CLUSTER:TOPIC:PARTITION:OFFSET, as `yinuo dead list` shows it."
Identity = Annotated[str, typer.Argument(metavar="ID", help=ID_HELP, show_default=False)]
Identities = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help=ID_HELP, show_default=False)]
GROUP = 200
"""So many dead letters are handled over one connection."""


@app.command("list", cls=Command)
def list_them(
    state: State = None,
    stage: Stage = None,
    error_type: ErrorType = None,
    topic: Topic = None,
    source: Source = None,
    since: Since = None,
    until: Until = None,
    form: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.TABLE,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many; 0 for all.")] = 50,
) -> int:
    """List dead letters, the latest first.

    Examples:

      yinuo dead list
      yinuo dead list --state all --type encoding
      yinuo dead list --source 西海岸报 --since 2026-01-01 --until 2026-01-31
      yinuo dead list --format jsonl --limit 0

    No dead letter is no error.
    """
    import asyncio

    from yinuo.cli.console import waiting
    from yinuo.cli.formats import print_found
    from yinuo.runtime.settings import load_settings
    from yinuo.storage.dead_letters import DeadLetterSummary

    wanted = letter_filter(
        load_settings(), state=state, stage=stage, error_type=error_type, topic=topic, source=source,
        since=since, until=until, limit=limit or None,
    )  # fmt: skip
    with waiting("asking the database"):
        found = asyncio.run(_found(wanted))
    rows = [letter.as_dict() for letter in found.rows]
    columns = [field.name for field in dataclasses.fields(DeadLetterSummary)]
    print_found(rows, columns, form, more=found.more, table=lambda width: _table(found.rows, width))
    return DONE


@app.command("show", cls=Command)
def show(
    identity: Identity,
    raw: Annotated[
        bool, typer.Option("--raw", help="The message's bytes alone, unchanged, on standard output.")
    ] = False,
) -> int:
    """Show one dead letter: why, where it stood, its headers and its bytes.

    Examples:

      yinuo dead show CLUSTER:articles.raw:0:17
      yinuo dead show CLUSTER:articles.raw:0:17 --raw > message.bin

    Bytes that are no UTF-8 are shown as \\xNN.
    """
    import asyncio

    from yinuo.cli.console import results, waiting

    with waiting("asking the database"):
        letter = asyncio.run(_letter(identity))
    if letter is None:
        raise Misuse(f"no dead letter {identity}; `yinuo dead list --state all` names those there are")
    if raw:
        sys.stdout.buffer.write(letter.value or b"")
        return DONE
    console = results()
    for line in _description(letter):
        console.print(line, soft_wrap=True)
    return DONE


@app.command("replay", cls=Command)
def replay(
    identities: Identities = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also from the fifth attempt on, and whatever its state.")
    ] = False,
    state: State = None,
    stage: Stage = None,
    error_type: ErrorType = None,
    topic: Topic = None,
    source: Source = None,
    since: Since = None,
    until: Until = None,
) -> int:
    """Send dead letters again to the topic they stood in: same key, bytes and headers.

    Examples:

      yinuo dead replay CLUSTER:articles.raw:0:17
      yinuo dead replay --type bug
      yinuo dead replay --type bad_date --source 西海岸报 --since 2026-01-01

    Give IDs or filters. One that fails again is a dead letter again, its attempts counted on; run the same line again
    and only what is new is sent. What cannot be sent is named, exit code 1.
    """
    from yinuo.cli.connections import database_address, with_broker
    from yinuo.pipeline.dead_letters import replay as send_again
    from yinuo.runtime.settings import load_settings

    settings = load_settings()
    wanted = letter_filter(
        settings, state=state, stage=stage, error_type=error_type, topic=topic, source=source, since=since,
        until=until,
    )  # fmt: skip
    filters = (state, stage, error_type, topic, source, since, until)
    _check_named(identities, any(filters))
    broker, address = with_broker(settings), database_address(settings)

    async def send(some: Sequence[str]) -> Outcomes:
        return await send_again(broker, address, some, force=force)

    return _each(identities, wanted, send, "sent again")


@app.command("ignore", cls=Command)
def ignore(
    identities: Identities = None,
    state: State = None,
    stage: Stage = None,
    error_type: ErrorType = None,
    topic: Topic = None,
    source: Source = None,
    since: Since = None,
    until: Until = None,
) -> int:
    """Set dead letters aside: they stay, and are no longer listed as new.

    Examples:

      yinuo dead ignore CLUSTER:articles.raw:0:17
      yinuo dead ignore --type empty --until 2025-12-31

    Give IDs or filters. Replay with --force brings one back.
    """
    from yinuo.runtime.settings import load_settings

    wanted = letter_filter(
        load_settings(), state=state, stage=stage, error_type=error_type, topic=topic, source=source,
        since=since, until=until,
    )  # fmt: skip
    filters = (state, stage, error_type, topic, source, since, until)
    _check_named(identities, any(filters))
    return _each(identities, wanted, _ignored, "set aside")


def _check_named(identities: Sequence[str] | None, filtered: bool) -> None:
    if identities and filtered:
        raise Misuse("give IDs or filters, not both")
    if not identities and not filtered:
        raise Misuse("Missing argument 'ID': name dead letters, or say which by filters; `--help` lists them")


def _each(identities: Sequence[str] | None, wanted: DeadLetterFilter, do: Do, done: str) -> int:
    """Do it to the named ones, or to those that pass the filter, group by group; the exit code."""
    import asyncio

    from yinuo.cli.console import remarks, waiting
    from yinuo.cli.failures import complain

    async def all_groups() -> tuple[int, int]:
        tried = refused = 0
        async for group in _groups(identities, wanted):
            outcomes = await do(group)
            errors = [error for error in outcomes.values() if error is not None]
            for error in errors:
                complain(str(error))
            tried, refused = tried + len(outcomes), refused + len(errors)
        return tried, refused

    with waiting("working on the dead letters"):
        tried, refused = asyncio.run(all_groups())
    remarks().print(f"{tried - refused} of {tried} {done}")
    return FAILED if refused else DONE


async def _groups(identities: Sequence[str] | None, wanted: DeadLetterFilter) -> AsyncIterator[list[str]]:
    from yinuo.storage.dead_letters import find_identities

    if identities:
        yield list(identities)
        return
    group: list[str] = []
    async with _database() as connection:
        async for identity in find_identities(connection, wanted):
            group.append(identity)
            if len(group) == GROUP:
                yield group
                group = []
        if group:
            yield group


async def _found(wanted: DeadLetterFilter) -> Found[DeadLetterSummary]:
    from yinuo.storage.dead_letters import find_dead_letters

    async with _database() as connection:
        return await find_dead_letters(connection, wanted)


async def _letter(identity: str) -> StoredDeadLetter | None:
    from yinuo.storage.dead_letters import dead_letter

    async with _database() as connection:
        return await dead_letter(connection, identity)


async def _ignored(identities: Sequence[str]) -> dict[str, YinuoError | None]:
    """Each identity with why it was not set aside; None: it was."""
    from yinuo.storage.dead_letters import ignore

    outcomes: dict[str, YinuoError | None] = {}
    async with _database() as connection:
        for identity in identities:
            try:
                await ignore(connection, identity)
            except Misuse as error:
                outcomes[identity] = error
            else:
                outcomes[identity] = None
    return outcomes


def _database() -> AbstractAsyncContextManager[Connection]:
    from yinuo.cli.connections import database_address
    from yinuo.runtime.settings import load_settings
    from yinuo.storage.queries import connected

    return connected(database_address(load_settings()))


def _table(letters: Sequence[DeadLetterSummary], width: int) -> Text:
    from rich.cells import cell_len
    from rich.text import Text

    from yinuo.cli.tables import Column, lined_up

    rows = [[one.identity, one.state, one.type or "-", one.message] for one in letters]
    whole = max(cell_len(one.identity) for one in letters)
    # Never cut, since it is what the other commands are given; it has a line of its own where it leaves no room.
    message = Column("message", least=16, takes_rest=True)
    columns = [Column("id", whole, whole), Column("state", 5, 8), Column("type", 6, 13), message]
    if whole + ROOM_FOR_THE_REST <= width:
        return lined_up(columns, rows, width)
    below = lined_up(columns[1:], [row[1:] for row in rows], width).split("\n")
    pairs = [
        part for letter, line in zip(letters, below[2:], strict=True) for part in (letter.identity, line)
    ]
    return Text("\n", no_wrap=True).join([Text("id", "bold"), *below[:2], *map(_as_text, pairs)])


def _as_text(part: str | Text) -> Text:
    from rich.text import Text

    return Text(part) if isinstance(part, str) else part


def _description(letter: StoredDeadLetter) -> Iterator[Text]:
    """Why and where, then headers and bytes as far as they are text."""
    from rich.text import Text

    from yinuo.cli.tables import showable

    failed_at = letter.failed_at.isoformat(timespec="seconds") if letter.failed_at else "unknown"
    for name, value in (
        ("id", letter.identity),
        ("state", f"{letter.state}, {letter.attempts} attempt{'' if letter.attempts == 1 else 's'}"),
        ("replayed", f"{letter.replays} times, last {letter.replayed_at:%Y-%m-%d %H:%M} UTC")
        if letter.replayed_at
        else ("replayed", "never"),
        ("article", letter.article_id or "unknown"),
        ("reason", f"{letter.stage or 'unknown'}/{letter.type or 'unknown'}: {letter.message}"),
        ("failed at", failed_at),
        ("key", _text_of(letter.key)),
        *((f"header {header}", _text_of(content)) for header, content in letter.headers),
        ("bytes", str(letter.value_bytes if letter.value_bytes is not None else "none")),
    ):
        yield Text.assemble((f"{name}: ", "bold"), showable(value))
    yield Text(showable(_text_of(letter.value)))


def _text_of(content: bytes | None) -> str:
    return "(none)" if content is None else content.decode("utf-8", "backslashreplace")

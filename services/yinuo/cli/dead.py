"""`yinuo dead`: what could not be read, out of Postgres: list it, look at it, send it again, or set it aside."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from yinuo.cli.exit_codes import DONE, FAILED
from yinuo.cli.help import Command, Group
from yinuo.cli.words import DeadState, Format
from yinuo.errors import Misuse, YinuoError

if TYPE_CHECKING:
    from rich.text import Text

    from yinuo.storage.connection import Connection
    from yinuo.storage.dead_letters import DeadLetterFilter, DeadLetterSummary, StoredDeadLetter
    from yinuo.storage.found import Found

app = typer.Typer(
    name="dead",
    cls=Group,
    rich_markup_mode="rich",
    help="""Messages that could not be read: list, show, replay, ignore.

Examples:

  yinuo dead list
  yinuo dead show CLUSTER:articles.raw:0:17
  yinuo dead replay CLUSTER:articles.raw:0:17

A dead letter keeps its key, bytes and headers; docs/fields.md explains the reasons.""",
)

ROOM_FOR_THE_REST = 70
"""Cells that state, type and a readable message want beside an id."""
ID_HELP = "CLUSTER:TOPIC:PARTITION:OFFSET, as `yinuo dead list` shows it."
Identity = Annotated[str, typer.Argument(metavar="ID", help=ID_HELP, show_default=False)]
Identities = Annotated[list[str], typer.Argument(metavar="ID", help=ID_HELP, show_default=False)]


@app.command("list", cls=Command)
def list_them(
    state: Annotated[
        DeadState,
        typer.Option("--state", metavar="WORD", help="new, replayed, resolved, ignored, or all of them."),
    ] = DeadState.NEW,
    stage: Annotated[
        str | None, typer.Option("--stage", metavar="WORD", help="decode, validate, extract or write.")
    ] = None,
    error_type: Annotated[
        str | None, typer.Option("--type", metavar="WORD", help="The reason: empty, encoding, json, bug …")
    ] = None,
    topic: Annotated[
        str | None, typer.Option("--topic", metavar="NAME", help="The topic that the message stood in.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.TABLE,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many; 0 for all.")] = 50,
) -> int:
    """List dead letters, the latest first.

    Examples:

      yinuo dead list
      yinuo dead list --state all --type encoding
      yinuo dead list --format jsonl --limit 0

    No dead letter is no error.
    """
    import asyncio

    from yinuo.cli.console import waiting
    from yinuo.cli.formats import print_found
    from yinuo.cli.options import words
    from yinuo.storage.dead_letters import DeadLetterFilter, DeadLetterSummary
    from yinuo_schemas.dead_letter import ErrorStage, ErrorType

    wanted = DeadLetterFilter(
        states=() if state == DeadState.ALL else (state.value,),
        stage=next(iter(words("--stage", [stage] if stage else [], ErrorStage)), None),
        type=next(iter(words("--type", [error_type] if error_type else [], ErrorType)), None),
        topic=topic,
        limit=limit or None,
    )
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
    identities: Identities,
    force: Annotated[
        bool, typer.Option("--force", help="Also from the fifth attempt on, and whatever its state.")
    ] = False,
) -> int:
    """Send dead letters again to the topic they stood in: same key, bytes and headers.

    Examples:

      yinuo dead replay CLUSTER:articles.raw:0:17
      yinuo dead list --format jsonl | jq -r .identity | xargs yinuo dead replay

    One that fails again is a dead letter again, its attempts counted on. What cannot be sent is named, exit code 1.
    """
    import asyncio

    from yinuo.cli.connections import database_address, with_broker
    from yinuo.cli.console import waiting
    from yinuo.pipeline.dead_letters import replay as send_again
    from yinuo.runtime.settings import load_settings

    settings = load_settings()
    broker, address = with_broker(settings), database_address(settings)
    with waiting("sending"):
        outcomes = asyncio.run(send_again(broker, address, identities, force=force))
    return _said(outcomes, "sent again")


@app.command("ignore", cls=Command)
def ignore(identities: Identities) -> int:
    """Set dead letters aside: they stay, and are no longer listed as new.

    Examples:

      yinuo dead ignore CLUSTER:articles.raw:0:17

    Replay with --force brings one back.
    """
    import asyncio

    from yinuo.cli.console import waiting

    with waiting("asking the database"):
        outcomes = asyncio.run(_ignored(identities))
    return _said(outcomes, "set aside")


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


def _said(outcomes: Mapping[str, YinuoError | None], done: str) -> int:
    """Name on stderr what was refused, and say how many were not; the exit code."""
    from yinuo.cli.console import remarks
    from yinuo.cli.failures import complain

    refused = [error for error in outcomes.values() if error is not None]
    for error in refused:
        complain(str(error))
    remarks().print(f"{len(outcomes) - len(refused)} of {len(outcomes)} {done}")
    return FAILED if refused else DONE


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

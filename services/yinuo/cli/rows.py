"""`yinuo pledges`, `metrics` and `due`: rows out of Postgres, filtered, as a table or for programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yinuo.cli.exit_codes import DONE
from yinuo.cli.options import day, words
from yinuo.cli.words import Format, Kind, Light

if TYPE_CHECKING:
    from rich.text import Text

    from yinuo.storage.connection import Connection
    from yinuo.storage.found import Found

Table = Callable[..., "Text"]
Find = Callable[["Connection", Any], Awaitable["Found[Any]"]]
_FILTERS, _OUTPUT = "Which rows", "How they are shown"


def _filter(flag: str, metavar: str, meaning: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=meaning, rich_help_panel=_FILTERS, show_default=False)


Promiser = Annotated[str | None, _filter("--promiser", "NAME", "Whose pledge it is: part of the name.")]
Speaker = Annotated[str | None, _filter("--speaker", "NAME", "Who says it: part of the name.")]
Source = Annotated[str | None, _filter("--source", "NAME", "The newspaper or site: part of the name.")]
Region = Annotated[
    str | None, _filter("--region", "PLACE", "The place: part of its name, or its GB/T 2260 code.")
]
Words = Annotated[str | None, _filter("--text", "WORDS", "What the quote holds.")]
ArticleId = Annotated[str | None, _filter("--article", "ID", "One article's rows.")]
DueBy = Annotated[str | None, _filter("--due-by", "DATE", "Due on that day or before, YYYY-MM-DD.")]
DueFrom = Annotated[str | None, _filter("--due-from", "DATE", "Due on that day or after, YYYY-MM-DD.")]
Firm = Annotated[
    list[str] | None, _filter("--firmness", "WORD", "guarantee, commitment, aim, effort or rhetoric.")
]
Form = Annotated[Format, typer.Option("--format", help="How rows are printed.", rich_help_panel=_OUTPUT)]
Limit = Annotated[
    int, typer.Option("--limit", min=0, help="At most so many rows; 0 for all.", rich_help_panel=_OUTPUT)
]


def pledges(
    promiser: Promiser = None,
    speaker: Speaker = None,
    due_from: DueFrom = None,
    due_by: DueBy = None,
    firmness: Firm = None,
    kind: Annotated[
        Kind, typer.Option("--kind", help="Pledges, aspirations or both.", rich_help_panel=_FILTERS)
    ] = Kind.PLEDGE,
    source: Source = None,
    region: Region = None,
    text: Words = None,
    article: ArticleId = None,
    form: Form = Format.TABLE,
    limit: Limit = 50,
) -> int:
    """Show what was promised: by whom, until when, how firmly.

    Examples:

      yinuo pledges
      yinuo pledges --promiser 琅琊镇 --due-by 2023-12-31
      yinuo pledges --firmness guarantee --firmness commitment
      yinuo pledges --kind all --text 停车场 --limit 0
      yinuo pledges --format csv > pledges.csv

    Filters given together must all hold; a flag given twice means either. No match is no error.
    """
    from yinuo.cli.row_tables import pledge_table
    from yinuo.storage.queries import PledgeFilter, find_pledges
    from yinuo.storage.view_rows import PledgeRow
    from yinuo_schemas.extraction import Firmness

    wanted = PledgeFilter(
        promiser=promiser,
        speaker=speaker,
        due_from=day("--due-from", due_from),
        due_by=day("--due-by", due_by),
        firmness=words("--firmness", firmness, Firmness),
        kind=None if kind == Kind.ALL else kind.value,
        source=source,
        region=region,
        text=text,
        article=article,
        limit=limit or None,
    )
    return _show(find_pledges, wanted, pledge_table, form, PledgeRow)


def metrics(
    promiser: Annotated[
        str | None, _filter("--promiser", "NAME", "Whose number or pledge it is: part of the name.")
    ] = None,
    speaker: Speaker = None,
    due_from: DueFrom = None,
    due_by: DueBy = None,
    firmness: Firm = None,
    status: Annotated[
        list[str] | None,
        _filter("--status", "WORD", "target, achieved, expected, baseline or threshold."),
    ] = None,
    source: Source = None,
    region: Region = None,
    text: Words = None,
    article: ArticleId = None,
    form: Form = Format.TABLE,
    limit: Limit = 50,
) -> int:
    """Show the numbers: of what, compared how, in which unit, reached or aimed at.

    Examples:

      yinuo metrics
      yinuo metrics --status target --text 旅游
      yinuo metrics --promiser 琅琊镇 --due-by 2023-12-31
      yinuo metrics --format jsonl --limit 0 > metrics.jsonl

    Speaker, firmness and due day are those of the pledge that aims at the number; filters given together must all
    hold. No match is no error.
    """
    from yinuo.cli.row_tables import metric_table
    from yinuo.storage.queries import MetricFilter, find_metrics
    from yinuo.storage.view_rows import MetricRow
    from yinuo_schemas.extraction import Firmness, MetricStatus

    wanted = MetricFilter(
        promiser=promiser,
        speaker=speaker,
        due_from=day("--due-from", due_from),
        due_by=day("--due-by", due_by),
        firmness=words("--firmness", firmness, Firmness),
        status=words("--status", status, MetricStatus),
        source=source,
        region=region,
        text=text,
        article=article,
        limit=limit or None,
    )
    return _show(find_metrics, wanted, metric_table, form, MetricRow)


def due(
    promiser: Promiser = None,
    speaker: Speaker = None,
    light: Annotated[
        list[str] | None, _filter("--light", "WORD", "past, due_30, due_90, later or undated.")
    ] = None,
    due_from: DueFrom = None,
    due_by: DueBy = None,
    firmness: Firm = None,
    kind: Annotated[
        Kind, typer.Option("--kind", help="Pledges, aspirations or both.", rich_help_panel=_FILTERS)
    ] = Kind.PLEDGE,
    source: Source = None,
    region: Region = None,
    text: Words = None,
    article: ArticleId = None,
    form: Form = Format.TABLE,
    limit: Limit = 50,
) -> int:
    """Show what is due next: first what lies ahead, the nearest first, then what has gone by, the latest first.

    Examples:

      yinuo due
      yinuo due --light due_30 --light due_90
      yinuo due --light past --promiser 琅琊镇
      yinuo due --due-by 2025-12-31 --format csv > due.csv

    Days are counted from today in the time zone that the database has noted (YINUO_TIMEZONE). That a day has gone by
    does not say that the promise was broken. Filters given together must all hold; a flag given twice means either.
    """
    from yinuo.cli.row_tables import due_table
    from yinuo.storage.queries import DueFilter, find_due
    from yinuo.storage.view_rows import DueRow
    from yinuo_schemas.extraction import Firmness

    wanted = DueFilter(
        promiser=promiser,
        speaker=speaker,
        lights=words("--light", light, Light),
        due_from=day("--due-from", due_from),
        due_by=day("--due-by", due_by),
        firmness=words("--firmness", firmness, Firmness),
        kind=None if kind == Kind.ALL else kind.value,
        source=source,
        region=region,
        text=text,
        article=article,
        limit=limit or None,
    )
    return _show(find_due, wanted, due_table, form, DueRow)


def _show(find: Find, wanted: Any, table: Table, form: Format, row_type: type) -> int:
    """Find the rows and print them; what the limit cut off, or what would match instead, is said after them."""
    import asyncio

    from yinuo.cli.console import remarks, waiting
    from yinuo.cli.formats import print_found

    with waiting("asking the database"):
        found, instead = asyncio.run(_found(find, wanted))
    rows = [row.as_dict() for row in found.rows]
    columns = [field.name for field in dataclasses.fields(row_type)]
    print_found(
        rows, columns, form, more=found.more, table=lambda width: table(rows, width, with_article=True)
    )
    for line in instead:
        remarks().print(line, soft_wrap=True)
    return DONE


async def _found(find: Find, wanted: Any) -> tuple[Found[Any], list[str]]:
    """The rows, and where there are none, lines about what would match."""
    from yinuo.cli.connections import database_address
    from yinuo.cli.no_match import lines
    from yinuo.runtime.settings import load_settings
    from yinuo.storage.queries import connected

    async with connected(database_address(load_settings())) as connection:
        found = await find(connection, wanted)
        return found, [] if found.rows else await lines(connection, wanted, find)

"""`yinuo export`: a whole view as CSV, JSON lines or Parquet, streaming: memory does not grow with the rows."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from yinuo.cli.exit_codes import DONE
from yinuo.cli.words import ExportFormat

if TYPE_CHECKING:
    from yinuo.cli.export_files import RowWriter


def export(
    view: Annotated[
        str,
        typer.Argument(
            metavar="VIEW", help="A view of schema yinuo, as current_pledges.", show_default=False
        ),
    ],
    form: Annotated[ExportFormat, typer.Option("--format", help="How it is written.")] = ExportFormat.CSV,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="A file to write; - is standard output.")
    ] = "-",
) -> int:
    """Write a whole view to standard output or a file.

    Examples:

      yinuo export current_pledges > pledges.csv
      yinuo export due_pledges --format jsonl | head
      yinuo export pledge_targets --format parquet -o targets.parquet

    All rows are of one moment. Numbers stay exact, days and moments are ISO 8601, lists are JSON. A file is there
    under its name only once it is whole. Parquet needs `pip install 'yinuo[parquet]'`.
    """
    import asyncio

    from yinuo.cli.export_files import row_writer

    make = row_writer(form)
    with _stream(output, form) as stream:
        asyncio.run(_exported(view, lambda columns: make(stream, columns)))
        stream.flush()
    return DONE


async def _exported(view: str, make: MakeWriter) -> None:
    from yinuo.cli.connections import database_address
    from yinuo.runtime.settings import load_settings
    from yinuo.storage.exporting import view_reading
    from yinuo.storage.queries import connected

    async with (
        connected(database_address(load_settings())) as connection,
        view_reading(connection, view) as reading,
    ):
        with make(reading.columns) as writer:
            async for block in reading.blocks:
                writer.write(block)


@contextlib.contextmanager
def _stream(output: str, form: ExportFormat) -> Iterator[BinaryIO]:
    """Standard output, or a file that takes its name when everything stands in it."""
    from yinuo.errors import Misuse

    if output == "-":
        if form == ExportFormat.PARQUET and sys.stdout.isatty():
            raise Misuse("Parquet is no text for a terminal: write it to a file with -o FILE")
        sys.stdout.flush()
        yield sys.stdout.buffer
        return
    path = Path(output)
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as stream:
            yield stream
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yinuo.storage.exporting import ViewColumn

    MakeWriter = Callable[[Sequence[ViewColumn]], RowWriter]

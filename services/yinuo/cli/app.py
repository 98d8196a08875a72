"""Puts the commands together. Imports what `--help` needs; a command imports its own when it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from yinuo.cli import (
    completion,
    database,
    dead,
    demo,
    doctor,
    export,
    extract,
    parse,
    purge,
    reextract,
    rows,
    search,
    services,
    show,
    submit,
    up,
    web,
)
from yinuo.cli.help import Command, Group

HELP = """Read pledges and metrics out of Chinese public-affairs articles.

Read one page, with nothing running:

  yinuo extract page.txt

Run the whole path, Kafka and Postgres included, feed it, and ask it:

  yinuo up
  yinuo submit page.txt
  yinuo pledges --due-by 2025-12-31

Each command has examples in its own help: yinuo extract --help"""

app = typer.Typer(
    name="yinuo",
    cls=Group,
    help=HELP,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback(invoke_without_command=True)
def entry(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and the rules' digest, and end.")
    ] = False,
) -> None:
    """What happens before any command: `--version`, and help for a bare `yinuo`."""
    if version:
        from yinuo.cli.version import version_line

        typer.echo(version_line())
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


_READ, _RUN, _ASK, _KEEP = "Read articles", "Run the path", "Ask what is stored", "Keep it well"


def _add(name: str, function: Callable[..., int], panel: str) -> None:
    app.command(name, cls=Command, rich_help_panel=panel)(function)


_add("extract", extract.extract, _READ)
_add("parse", parse.parse, _READ)
_add("demo", demo.demo, _RUN)
_add("up", up.up, _RUN)
_add("submit", submit.submit, _RUN)
_add("pledges", rows.pledges, _ASK)
_add("metrics", rows.metrics, _ASK)
_add("due", rows.due, _ASK)
_add("search", search.search, _ASK)
_add("show", show.show, _ASK)
_add("export", export.export, _ASK)
_add("completion", completion.completion, _KEEP)
app.add_typer(dead.app, rich_help_panel=_KEEP)
_add("reextract", reextract.reextract, _KEEP)
_add("purge", purge.purge, _KEEP)
_add("doctor", doctor.doctor, _KEEP)
_add("migrate", database.migrate, _KEEP)
_add("web", web.web, _KEEP)
_add("extractor", services.extractor, _KEEP)
_add("writer", services.writer, _KEEP)

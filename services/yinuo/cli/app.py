"""Puts the commands together. Imports what `--help` needs; a command imports its own when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from yinuo.cli import (
    database,
    dead,
    demo,
    doctor,
    extract,
    parse,
    rows,
    services,
    submit,
    up,
)

HELP = """Read pledges and metrics out of Chinese public-affairs articles.

Try it on one page, with nothing running:

  yinuo extract page.txt

Run the whole path, Kafka and Postgres included, and feed it:

  yinuo up
  yinuo submit page.txt
  yinuo pledges --due-by 2025-12-31
"""

app = typer.Typer(
    name="yinuo",
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


_READ, _RUN, _KEEP = "Read articles", "Run the path", "Keep it well"

app.command("extract", rich_help_panel=_READ)(extract.extract)
app.command("parse", rich_help_panel=_READ)(parse.parse)
app.command("up", rich_help_panel=_RUN)(up.up)
app.command("submit", rich_help_panel=_RUN)(submit.submit)
app.command("pledges", rich_help_panel=_RUN)(rows.pledges)
app.command("metrics", rich_help_panel=_RUN)(rows.metrics)
app.command("demo", rich_help_panel=_RUN)(demo.demo)
app.add_typer(dead.app, name="dead", rich_help_panel=_KEEP)
app.command("doctor", rich_help_panel=_KEEP)(doctor.doctor)
app.command("migrate", rich_help_panel=_KEEP)(database.migrate)
app.command("extractor", rich_help_panel=_KEEP)(services.extractor)
app.command("writer", rich_help_panel=_KEEP)(services.writer)

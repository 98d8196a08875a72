"""`yinuo demo`: the whole path once, on a folder of articles, with everything embedded and nothing left behind."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yinuo.cli.exit_codes import DONE, FAILED

if TYPE_CHECKING:
    from yinuo.runtime.settings import Settings
    from yinuo.storage.found import Found

SAMPLE = "000_6db2fce664966d35.txt"
TIMEOUT_SECONDS = 60.0
GO_ON_WITH = (
    ("up", "the same, to stay, until Ctrl-C"),
    ("submit FILE… --wait", "your own articles"),
    ("pledges --due-by 2023-12-31", "what is promised until then"),
    ("extract FILE", "one page, without any of it"),
)


def demo(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Articles to send.")] = "seeds",
) -> int:
    """Start everything in a temporary directory, send a folder's articles, show what the sample page promises.

    Examples:

      yinuo demo
      yinuo demo seeds/

    Free ports, nothing of yours is read or written, and nothing is left running or lying about.
    """
    from yinuo.cli.console import program, results
    from yinuo.cli.inputs import named_inputs
    from yinuo.cli.up import print_step
    from yinuo.runtime.supervisor import demo_stack

    inputs = list(named_inputs([folder], {}))
    sample = next((one for one in inputs if one.path is not None and one.path.name == SAMPLE), inputs[0])
    with demo_stack(on_step=print_step) as stack:
        begun = time.monotonic()
        code = _fed(stack.settings, inputs)
        fed = time.monotonic() - begun
        if code == DONE and sample.article is not None:
            assert sample.article.article_id is not None
            _show_page(stack.running.dsn, sample.name, sample.article.article_id)
        results().print(f"\n{len(inputs)} articles from file to committed rows in {fed:.2f} s")
    results().print("\nGo on with")
    for command, meaning in GO_ON_WITH:
        results().print(f"  {program()} {command:<32} {meaning}", soft_wrap=True)
    return code


def _fed(settings: Settings, inputs: list[Any]) -> int:
    """Send the inputs and wait until Postgres holds them; the exit code."""
    import asyncio

    from yinuo.cli.submit import Tally
    from yinuo.intake.submit import submit

    assert settings.database_url is not None
    tally = Tally()
    with tally:
        left_open = asyncio.run(
            submit(
                settings,
                tally.readable(iter(inputs)),
                on_sent=tally.sent,
                on_settled=tally.settled,
                dsn=settings.database_url.get_secret_value(),
                timeout_seconds=TIMEOUT_SECONDS,
            )
        )
    return FAILED if tally.said(left_open, TIMEOUT_SECONDS) else DONE


def _show_page(dsn: str, name: str, article_id: str) -> None:
    """The page's pledges and metrics as tables, and how many there are."""
    import asyncio

    from yinuo.cli.console import results
    from yinuo.cli.row_tables import metric_table, pledge_table

    pledges, metrics = asyncio.run(_rows(dsn, article_id))
    console = results()
    for title, found, table in (("pledges", pledges, pledge_table), ("metrics", metrics, metric_table)):
        console.print(f"\n{len(found.rows)} {title} of {Path(name).name}\n", style="bold")
        console.print(table([row.as_dict() for row in found.rows], console.width), soft_wrap=True)


async def _rows(dsn: str, article_id: str) -> tuple[Found[Any], Found[Any]]:
    from yinuo.storage.queries import MetricFilter, PledgeFilter, connected, find_metrics, find_pledges

    async with connected(dsn) as connection:
        return (
            await find_pledges(connection, PledgeFilter(article=article_id, kind="pledge", limit=None)),
            await find_metrics(connection, MetricFilter(article=article_id, limit=None)),
        )

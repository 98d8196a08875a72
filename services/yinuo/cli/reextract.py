"""`yinuo reextract`: stored articles again, through the present rules; what changes is shown before it is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from yinuo.cli.exit_codes import DONE, FAILED
from yinuo.cli.words import Format

if TYPE_CHECKING:
    from yinuo.cli.change_output import Report
    from yinuo.runtime.settings import Settings
    from yinuo.storage.rereading import Selection


def reextract(
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Received on that day or later, YYYY-MM-DD.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="The newspaper or site: part of the name.")
    ] = None,
    article: Annotated[
        list[str] | None, typer.Option("--article", metavar="ID", help="This article; may be given again.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; write nothing.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="How changes are printed.")] = Format.TABLE,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many changes; 0 for all.")] = 50,
) -> int:
    """Read stored articles again with the rules of this release.

    Examples:

      yinuo reextract --dry-run
      yinuo reextract --dry-run --format json --limit 0 > changes.json
      yinuo reextract --since 2026-01-01 --source 西海岸报
      yinuo reextract --article 6db2fce664966d35

    Every row that comes, goes or says something else is printed with its field and the rules that made it (+ fired
    now, - no longer), then the totals over everything selected; --limit cuts the list, never the totals. Without
    --dry-run each article is changed in a transaction of its own; what stood goes to history. What a newer release
    has read stays. Run it again after an interruption: it goes on where it was. Articles that cannot be read are
    named, keep their rows, and make the exit code 1.
    """
    import asyncio

    from yinuo.cli.change_output import Report
    from yinuo.cli.options import day
    from yinuo.cli.purge import day_begins
    from yinuo.runtime.settings import load_settings
    from yinuo.storage.rereading import Selection

    settings = load_settings()
    first = day("--since", since)
    wanted = Selection(
        since=None if first is None else day_begins(first, settings),
        source=source or None,
        articles=tuple(dict.fromkeys(article or ())),
    )
    report = Report(form, limit, promoting=not dry_run)
    missing = asyncio.run(_run(settings, wanted, report))
    report.end()
    return FAILED if report.totals.failed or missing else DONE


async def _run(settings: Settings, wanted: Selection, report: Report) -> bool:
    """Read them all; whether an article that was named is not there."""
    from yinuo.cli.connections import database_address
    from yinuo.cli.failures import complain
    from yinuo.cli.slow_progress import SlowProgress
    from yinuo.pipeline.rereading import Rereading
    from yinuo.storage.queries import connected

    missing = set(wanted.articles)
    async with connected(database_address(settings)) as connection:
        rereading = Rereading(connection, settings, wanted, promoting=report.promoting)
        with SlowProgress("articles", await rereading.count()) as progress:
            async for reread in rereading.run():
                missing.discard(reread.article_id)
                report.add(reread)
                progress.advance()
    for article_id in sorted(missing):
        complain(f"no article {article_id} is stored")
    return bool(missing)

"""`yinuo purge`: forgetting on purpose, with a look at what would go, a question, and a tombstone."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from yinuo.cli.exit_codes import DONE, FAILED
from yinuo.errors import Misuse

if TYPE_CHECKING:
    from yinuo.runtime.settings import Settings
    from yinuo.storage.connection import Connection
    from yinuo.storage.forgetting import Counts

    Count = Callable[[Connection], Awaitable[Counts]]
    Delete = Callable[[Connection], AsyncIterator[Counts]]

TABLES = (
    "articles", "passages", "pledges", "metrics", "article_history", "pledge_history", "metric_history",
    "dead_letters",
)  # fmt: skip


def purge(
    before: Annotated[
        str | None, typer.Option("--before", metavar="DATE", help="All received before that day, YYYY-MM-DD.")
    ] = None,
    article: Annotated[str | None, typer.Option("--article", metavar="ID", help="This article.")] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help="History and settled dead letters that have had their time.")
    ] = False,
    readmit: Annotated[
        str | None, typer.Option("--readmit", metavar="ID", help="Let a purged article come in again.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would go; delete nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Delete articles for good, with all that was read from them.

    Examples:

      yinuo purge --before 2021-01-01 --dry-run
      yinuo purge --article 6db2fce664966d35
      yinuo purge --expired --yes
      yinuo purge --readmit 6db2fce664966d35

    Text, rows, history and dead letters go, and a tombstone keeps the article out should its message come again.
    --expired applies YINUO_KEEP_HISTORY_DAYS and YINUO_KEEP_DEAD_LETTERS_DAYS; dead letters that nobody has dealt
    with stay. Kafka's topics keep their copies until their retention ends. Needs the database's owner.
    """
    import asyncio

    from yinuo.runtime.settings import load_settings
    from yinuo.storage.forgetting import Expiry, Purge, count_expired, count_held, expire
    from yinuo.storage.forgetting import purge as delete

    settings = load_settings()
    _check_one(before, article, expired, readmit)
    if readmit is not None:
        return asyncio.run(_readmitted(settings, readmit))
    if expired:
        due = Expiry.after_days(
            datetime.now(UTC),
            history=settings.keep_history_days,
            dead_letters=settings.keep_dead_letters_days,
        )
        return _deleted(settings, lambda c: count_expired(c, due), lambda c: expire(c, due), dry_run, yes)
    from yinuo.cli.options import day

    last = day("--before", before)
    wanted = Purge(before=None if last is None else day_begins(last, settings), article=article)
    return _deleted(settings, lambda c: count_held(c, wanted), lambda c: delete(c, wanted), dry_run, yes)


def day_begins(day: date, settings: Settings) -> datetime:
    """The first moment of the day where YINUO_TIMEZONE is."""
    return datetime.combine(day, time(), ZoneInfo(settings.timezone))


def _check_one(before: str | None, article: str | None, expired: bool, readmit: str | None) -> None:
    given = [before is not None, article is not None, expired, readmit is not None]
    if sum(given) != 1:
        raise Misuse(
            "say what goes: one of --before DATE, --article ID, --expired, or --readmit ID; see `yinuo purge --help`"
        )


def _deleted(settings: Settings, count: Count, delete: Delete, dry_run: bool, yes: bool) -> int:
    """Count, ask, delete; the exit code."""
    import asyncio

    from yinuo.cli.connections import database_address
    from yinuo.cli.console import results, waiting

    dsn = database_address(settings)
    with waiting("counting"):
        counts = asyncio.run(_counted(dsn, count))
    console = results()
    if dry_run:
        console.print(_table(counts), soft_wrap=True)
        console.print("nothing was deleted; without --dry-run it is", style="dim")
        return DONE
    if not yes and not _confirmed(counts):
        return FAILED
    done = asyncio.run(_all_deleted(dsn, delete, sum(counts.values())))
    console.print(_table(done), soft_wrap=True)
    return DONE


async def _counted(dsn: str, count: Count) -> Counts:
    from yinuo.storage.queries import connected

    async with connected(dsn) as connection:
        return await count(connection)


async def _all_deleted(dsn: str, delete: Delete, expected: int) -> Counts:
    from yinuo.cli.slow_progress import SlowProgress
    from yinuo.storage.queries import connected

    done: Counter[str] = Counter()
    with SlowProgress("rows", expected) as progress:
        async with connected(dsn) as connection:
            async for counts in delete(connection):
                done.update(counts)
                progress.advance(sum(counts.values()))
    return done


async def _readmitted(settings: Settings, article_id: str) -> int:
    from yinuo.cli.connections import database_address
    from yinuo.cli.console import results
    from yinuo.cli.failures import complain
    from yinuo.storage.forgetting import readmit
    from yinuo.storage.queries import connected

    async with connected(database_address(settings)) as connection:
        found = await readmit(connection, article_id)
    if not found:
        complain(f"article {article_id} was not purged: nothing keeps it out")
        return FAILED
    results().print(f"article {article_id} may come in again: send it once more")
    return DONE


def _confirmed(counts: Counts) -> bool:
    """Ask on the terminal; Misuse where there is none to ask."""
    from yinuo.cli.console import remarks

    if sys.stdin is None or not sys.stdin.isatty():
        raise Misuse("nothing was deleted: add --yes, or --dry-run to see what would go")
    remarks().print(_table(counts), soft_wrap=True)
    sure = typer.confirm("Delete this for good?", err=True)
    if not sure:
        remarks().print("nothing was deleted")
    return sure


def _table(counts: Mapping[str, int]) -> str:
    """A line for each table, the tables that a purge never touches left out."""
    lines = [f"{table:<16}{counts[table]:>12,}" for table in TABLES if table in counts]
    return "\n".join(lines) or "nothing has had its time"

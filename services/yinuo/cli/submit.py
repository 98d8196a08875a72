"""`yinuo submit`: articles to the topic, and on request until Postgres holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from yinuo.cli.exit_codes import DONE, FAILED
from yinuo.cli.options import (
    ArticleId,
    Author,
    Inputs,
    Page,
    PublishedOn,
    Region,
    Revision,
    Source,
    Title,
    Url,
    article_fields,
)

if TYPE_CHECKING:
    from yinuo.intake.files import Input
    from yinuo.intake.submit import Sent
    from yinuo_schemas import Article


def submit(
    paths: Inputs,
    wait: Annotated[bool, typer.Option("--wait", help="Until Postgres holds each article.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0, metavar="SECONDS", help="How long --wait waits.")
    ] = 60.0,
    published_on: PublishedOn = None,
    source: Source = None,
    title: Title = None,
    region: Region = None,
    url: Url = None,
    page: Page = None,
    author: Author = None,
    article_id: ArticleId = None,
    revision: Revision = None,
) -> int:
    """Send articles to the topic articles.raw.

    Examples:

      yinuo submit page.txt --published-on 2023-02-01 --source 青岛西海岸报
      yinuo submit pages/ --wait
      cat page.txt | yinuo submit -

    An input that cannot be read is named and not sent, the rest is, and the exit code is 1.
    """
    import asyncio

    from yinuo.cli.connections import database_address, with_broker
    from yinuo.cli.inputs import named_inputs
    from yinuo.intake.submit import submit as send
    from yinuo.runtime.settings import load_settings

    settings = load_settings()
    fields = article_fields(
        published_on=published_on,
        source=source,
        title=title,
        region=region,
        url=url,
        page=page,
        author=author,
        article_id=article_id,
        revision=revision,
    )
    inputs = named_inputs(paths, fields, settings)
    tally = Tally()
    with tally:
        left_open = asyncio.run(
            send(
                with_broker(settings),
                tally.readable(inputs),
                on_sent=tally.sent,
                on_settled=tally.settled,
                dsn=database_address(settings) if wait else None,
                timeout_seconds=timeout,
            )
        )
    return tally.said(left_open, timeout)


class Tally:
    """Counts what becomes of the inputs, shows it as it goes, and says it at the end."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        from yinuo.cli.console import remarks

        self._counts: Counter[str] = Counter()
        self._dead: list[str] = []
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=remarks(),
            transient=True,
            disable=not remarks().is_terminal,
        )
        self._sending = self._progress.add_task("sent", total=0)
        self._settling = self._progress.add_task("in Postgres", total=0, visible=False)

    def __enter__(self) -> Tally:
        """Show the bars."""
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Take the bars away; where it ends before its time, say how far it came."""
        from yinuo.cli.console import remarks

        self._progress.stop()
        if kind is not None and self._counts["sent"]:
            remarks().print(f"{self._counts['sent']} sent before it ended")

    def readable(self, inputs: Iterator[Input]) -> Iterator[tuple[str, Article]]:
        """The inputs that are articles; the others are named on stderr."""
        from yinuo.cli.failures import complain

        for one in inputs:
            if one.article is None:
                self._counts["refused"] += 1
                complain(f"{one.name}: {one.error}")
                continue
            self._counts["read"] += 1
            self._progress.update(self._sending, total=self._counts["read"])
            yield one.name, one.article

    def sent(self, sent: Sent) -> None:
        """An article was acknowledged, or not taken."""
        from yinuo.cli.failures import complain

        if sent.error is not None:
            self._counts["refused"] += 1
            complain(f"{sent.name}: {sent.error}")
            return
        self._counts["sent"] += 1
        self._progress.advance(self._sending)
        self._progress.update(self._settling, total=self._counts["sent"])

    def settled(self, name: str, state: str) -> None:
        """Postgres holds an article, or its dead letter."""
        from yinuo.cli.failures import complain

        self._counts[state] += 1
        if state == "dead":
            self._dead.append(name)
            complain(f"{name}: became a dead letter; `yinuo dead list` says why")
        self._progress.update(self._settling, advance=1, visible=True)

    def said(self, left_open: int, timeout: float) -> int:
        """Say what became of everything; the exit code."""
        from yinuo.cli.console import remarks
        from yinuo.cli.failures import complain

        states = [
            f"{self._counts[state]} {state}"
            for state in ("new", "changed", "unchanged", "older", "dead", "forgotten")
            if self._counts[state]
        ]
        ending = f": {', '.join(states)}" if states else ""
        remarks().print(f"{self._counts['sent']} sent{ending}")
        if left_open:
            complain(
                f"{left_open} not in Postgres after {timeout:g} s: is the writer running? "
                "They are safe in the topic; --timeout waits longer"
            )
        return FAILED if left_open or self._counts["refused"] or self._dead else DONE

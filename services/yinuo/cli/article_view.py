"""One article for people: its text with the rows in it, a legend, and the tables under it.

Where colours cannot be shown the rows stand in brackets instead, so that nothing is lost in a pipe or a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.console import Console, Group, RenderableType
from rich.text import Text

from yinuo.cli.row_tables import metric_table, pledge_table
from yinuo.cli.tables import on_one_line, showable
from yinuo_schemas import Extraction, Pledge

PLEDGE, ASPIRATION, METRIC, CUE, QUIET = "bold green", "yellow", "bold cyan", "underline", "dim"
_QUIET_PASSAGES = frozenset({"question", "headline", "kicker", "byline", "noise"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch `[start, end)` shown in a style, or between brackets where there are no colours."""

    start: int
    end: int
    style: str
    opening: str = ""
    closing: str = ""


def article_view(extraction: Extraction, name: str, console: Console) -> Group:
    """The text with its rows, then the tables, as wide as the console."""
    colours = console.color_system is not None
    parts: list[RenderableType] = [
        Text(on_one_line(_headline(extraction, name)), style="bold", overflow="ellipsis", no_wrap=True),
        Text(_reference(extraction), style=QUIET),
        legend(colours),
        Text(),
        marked_text(extraction.article.text, row_marks(extraction), colours),
        Text(),
        *tables(extraction, console.width),
    ]
    return Group(*parts)


def tables(extraction: Extraction, width: int) -> Iterator[RenderableType]:
    """What was found, as tables with a heading that counts."""
    pledges = [pledge for pledge in extraction.pledges if pledge.kind == "pledge"]
    aspirations = [pledge for pledge in extraction.pledges if pledge.kind == "aspiration"]
    for heading, rows, style in (("Pledges", pledges, PLEDGE), ("Aspirations", aspirations, ASPIRATION)):
        yield from _section(
            heading, len(rows), style, pledge_table([row.model_dump() for row in rows], width)
        )
    metrics = [row.model_dump() for row in extraction.metrics]
    yield from _section("Metrics", len(metrics), METRIC, metric_table(metrics, width))
    yield Text(f"{len(extraction.skipped)} numbers and cues gave no row; --explain says why.", style=QUIET)


def _section(heading: str, count: int, style: str, table: RenderableType) -> Iterator[RenderableType]:
    yield Text(f"{heading} ({count})", style=style)
    if count:
        yield table
    yield Text()


def _headline(extraction: Extraction, name: str) -> str:
    article = extraction.article
    known = [name, article.title, article.source, article.published_on and article.published_on.isoformat()]
    return " · ".join(str(part) for part in known if part)


def _reference(extraction: Extraction) -> str:
    if extraction.reference_date is None:
        return "no reference date: --published-on DATE says what 今年 counts from"
    return f"今年 counts from {extraction.reference_date} ({extraction.reference_basis})"


def legend(colours: bool) -> Text:
    """Which style, or which brackets, stand for what."""
    if not colours:
        return Text("【pledge】 〔aspiration〕 ｢metric｣")
    legend = Text()
    for word, style in (("pledge", PLEDGE), ("aspiration", ASPIRATION), ("metric", METRIC), ("cue", CUE)):
        legend.append(word, style=style)
        legend.append("  ")
    return legend.append("questions and headings", style=QUIET)


def row_marks(extraction: Extraction) -> list[Mark]:
    """Marks for passages that give no pledges, for pledges, their cues, and metrics; inner ones win."""
    quiet = [
        Mark(passage.start, passage.end, QUIET)
        for passage in extraction.passages
        if passage.kind in _QUIET_PASSAGES
    ]
    cues = [
        Mark(pledge.cue.start, pledge.cue.end, CUE) for pledge in extraction.pledges if pledge.cue is not None
    ]
    metrics = [Mark(metric.start, metric.end, METRIC, "｢", "｣") for metric in extraction.metrics]
    return quiet + [_pledge_mark(pledge) for pledge in extraction.pledges] + cues + metrics


def _pledge_mark(pledge: Pledge) -> Mark:
    if pledge.kind == "pledge":
        return Mark(pledge.start, pledge.end, PLEDGE, "【", "】")
    return Mark(pledge.start, pledge.end, ASPIRATION, "〔", "〕")


def marked_text(text: str, marks: Sequence[Mark], colours: bool) -> Text:
    """The text in runs of one style; each is made showable by itself, so that offsets hold."""
    borders = sorted({0, len(text), *(mark.start for mark in marks), *(mark.end for mark in marks)})
    shown = Text()
    for start, end in pairwise(borders):
        if not colours:
            shown.append(_brackets_at(start, marks))
        inside = [mark.style for mark in marks if mark.start <= start < mark.end]
        shown.append(_lines(text[start:end]), style=" ".join(inside) if colours else "")
    return shown if colours else shown.append(_brackets_at(len(text), marks))


def _lines(run: str) -> str:
    return showable(run.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"))


def _brackets_at(position: int, marks: Sequence[Mark]) -> str:
    """Closing brackets of the marks that end here, inner ones first, then opening ones, outer ones first."""
    # sorted keeps the order of equals: of two marks with the same ends the later one is the inner one.
    ending = sorted((mark for mark in reversed(marks) if mark.end == position), key=lambda mark: -mark.start)
    beginning = sorted((mark for mark in marks if mark.start == position), key=lambda mark: -mark.end)
    return "".join(mark.closing for mark in ending) + "".join(mark.opening for mark in beginning)

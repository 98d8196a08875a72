"""Why each row is as it is, and why the rest gave none: what `yinuo extract --explain` prints.

Everything comes out of the `Extraction` itself (rules, cue, inherited, doubts, skipped), so that an
explanation can be made of a stored extraction too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from yinuo.cli.article_view import ASPIRATION, METRIC, PLEDGE, QUIET
from yinuo.cli.row_tables import value_text
from yinuo.cli.tables import on_one_line
from yinuo_schemas import Extraction, Metric, Pledge
from yinuo_schemas.extraction import Skipped

_INDENT = (0, 0, 0, 4)


def explain_view(extraction: Extraction, name: str) -> Group:
    """Rows in the order of the text, each with what decided it; then what was skipped, by reason."""
    both: list[Pledge | Metric] = [*extraction.pledges, *extraction.metrics]
    rows = sorted(both, key=lambda row: (row.start, -row.end))
    parts: list[RenderableType] = [
        Text(on_one_line(name), style="bold"),
        Text(_counts(extraction), style=QUIET),
    ]
    for row in rows:
        parts += _pledge_lines(row, extraction) if isinstance(row, Pledge) else _metric_lines(row)
    parts += _skipped_lines(extraction)
    return Group(*parts)


def _counts(extraction: Extraction) -> str:
    return (
        f"{len(extraction.pledges)} pledges and aspirations, {len(extraction.metrics)} metrics, "
        f"{len(extraction.skipped)} skipped; reference date {extraction.reference_date or 'unknown'} "
        f"({extraction.reference_basis})"
    )


def _pledge_lines(pledge: Pledge, extraction: Extraction) -> Iterator[RenderableType]:
    style = PLEDGE if pledge.kind == "pledge" else ASPIRATION
    yield _heading(pledge.start, pledge.end, str(pledge.kind), pledge.quote, style)
    cue = f", cue {pledge.cue.text}" if pledge.cue else ", no cue"
    yield _detail(
        "decided", f"{pledge.firmness}{cue}; {pledge.testability}; specificity {pledge.specificity}"
    )
    due = f"{pledge.due or 'unknown'} ({pledge.due_basis}{', ' + pledge.due_text if pledge.due_text else ''})"
    yield _detail("who, when", f"{pledge.promiser or 'unknown'}; due {due}")
    text = extraction.article.text
    inherited = [
        f"{field} from {text[span.start : span.end]} [{span.start}, {span.end})"
        for field, span in pledge.inherited.items()
    ]
    yield from _details(inherited=inherited, doubts=list(pledge.doubts), rules=pledge.rules)


def _metric_lines(metric: Metric) -> Iterator[RenderableType]:
    yield _heading(metric.start, metric.end, "metric", metric.quote, METRIC)
    value = value_text(metric.model_dump())
    what = f"{metric.indicator or 'unknown'} {metric.comparator} {value} {metric.unit or ''}".rstrip()
    yield _detail("decided", f"{what}; {metric.status} {metric.measure}; period {metric.period or 'unknown'}")
    yield from _details(
        pledge=[metric.pledge_id] if metric.pledge_id else [], doubts=list(metric.doubts), rules=metric.rules
    )


def _skipped_lines(extraction: Extraction) -> Iterator[RenderableType]:
    text = extraction.article.text

    def reason(skipped: Skipped) -> str:
        return skipped.reason

    yield Text(f"skipped ({len(extraction.skipped)})", style="bold")
    for name, group in groupby(
        sorted(extraction.skipped, key=lambda one: (one.reason, one.start)), key=reason
    ):
        words = [f"{text[one.start : one.end]} [{one.start}, {one.end})" for one in group]
        yield _detail(name, ", ".join(words))


def _heading(start: int, end: int, kind: str, quote: str, style: str) -> Text:
    return Text.assemble((f"[{start}, {end}) {kind} ", QUIET), (on_one_line(quote), style))


def _details(**lists: list[str]) -> Iterator[RenderableType]:
    for name, values in lists.items():
        if values:
            yield _detail(name, ", ".join(values))


def _detail(name: str, value: str) -> Padding:
    return Padding(Text.assemble((f"{name}: ", QUIET), on_one_line(value)), _INDENT)

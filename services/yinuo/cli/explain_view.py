"""Why each row is as it is, and why the rest gave none: what `yinuo extract --explain` prints.

Everything comes out of the `Extraction` itself (rules, cue, inherited, doubts, skipped), so that an
explanation can be made of a stored extraction too.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    """Rows and what gave none in the order of the text, each with what decided it."""
    parts: list[RenderableType] = [
        Text(on_one_line(name), style="bold"),
        Text(_counts(extraction), style=QUIET),
    ]
    entries: list[Pledge | Metric | Skipped] = [
        *extraction.pledges,
        *extraction.metrics,
        *extraction.skipped,
    ]
    for entry in sorted(entries, key=lambda entry: (entry.start, -entry.end)):
        if isinstance(entry, Pledge):
            parts += _pledge_lines(entry, extraction)
        elif isinstance(entry, Metric):
            parts += _metric_lines(entry)
        else:
            parts.append(_skipped_line(entry, extraction.article.text))
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


REASONS = {
    "question": "it stands in a question",
    "headline": "it stands in a headline, kicker or byline",
    "repetition": "the scan printed it again",
    "echo": "the same proposition was said before",
    "name": "part of a name, counts nothing",
    "slogan": "part of a slogan",
    "duration": "a span of time",
    "date": "a date",
    "ordinal": "an ordinal of a list, a meeting or a rank without a ranking",
    "past": "done or past, and no word of its own looks forward",
    "frame": "only means, manner or direction of the clause behind it",
    "tail": "only purpose or result of the clause before it",
    "container": "only announces or points to what stands elsewhere",
    "no_number": "a number word without counting force",
    "cut_off": "cut off by the scan",
    "language": "not Chinese",
    "third_party": "somebody else demands or decides it",
    "standing_fact": "a rule, a definition or a state",
    "forecast": "foretold, nobody undertakes it",
    "lookalike": "only looks like a cue",
    "noise": "scan garbage",
    "no_clause": "nothing here looks forward, or there is no predicate",
    "covered": "another row holds it",
}


def _skipped_line(skipped: Skipped, text: str) -> Text:
    words = on_one_line(text[skipped.start : skipped.end])
    return Text.assemble(
        (f"[{skipped.start}, {skipped.end}) no row ", QUIET),
        words,
        (f"  {skipped.reason}: {REASONS[skipped.reason]}", QUIET),
    )


def _heading(start: int, end: int, kind: str, quote: str, style: str) -> Text:
    return Text.assemble((f"[{start}, {end}) {kind} ", QUIET), (on_one_line(quote), style))


def _details(**lists: list[str]) -> Iterator[RenderableType]:
    for name, values in lists.items():
        if values:
            yield _detail(name, ", ".join(values))


def _detail(name: str, value: str) -> Padding:
    return Padding(Text.assemble((f"{name}: ", QUIET), on_one_line(value)), _INDENT)

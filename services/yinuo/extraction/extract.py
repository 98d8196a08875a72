"""The table of contents of the core: `read` makes a `Reading` of a text in a fixed order of steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from yinuo.extraction import lexicon
from yinuo.extraction.clause import Clause
from yinuo.extraction.clauses import read_clauses
from yinuo.extraction.counted import counted, is_unmeasured
from yinuo.extraction.expressions import find_expressions
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.issuers import company_of, issuer_of, with_reporter
from yinuo.extraction.metrics import read_metrics
from yinuo.extraction.passages import Page, passages, read_page
from yinuo.extraction.pledges import read_pledges
from yinuo.extraction.reading import View, clean_view
from yinuo.extraction.reference import reference_of
from yinuo.extraction.rows import Metric, Pledge, Reading, Skipped
from yinuo.extraction.scopes import place_clauses
from yinuo.extraction.tabular import in_table, read_tables


def read(
    text: str,
    *,
    article_id: str,
    published_on: date | None = None,
    region: str | None = None,
) -> Reading:
    """Read one article. Pure: the same arguments give the same rows. Offsets are code points of `text`."""
    view = clean_view(text)
    page = with_reporter(view.text, read_page(view))
    reference, basis = reference_of(view.text, page, published_on)
    expressions, uncounted = counted(view.text, find_expressions(view.text, reference))
    issuer = region or issuer_of(view.text, page)
    placed = list(place_clauses(view.text, page, expressions, reference, issuer, company_of(view.text)))
    pledges, excluded = read_pledges(view, placed, article_id, reference, basis in ("published", "stated"))
    titles = [
        (clause, block)
        for block in page.blocks
        if block.kind in ("headline", "kicker", "question")
        for clause in read_clauses(
            view.text,
            block.body,
            block.end,
            [e for e in expressions if block.body <= e.start and e.end <= block.end],
        )
    ]
    told = read_metrics(view, placed, pledges, excluded, titles, article_id, reference)
    prose = [row for row in told if not in_table(view.tables, row.start, row.end)]
    cells = read_tables(view.tables, prose, article_id, reference)
    metrics = sorted([*prose, *cells], key=lambda row: (row.start, row.end))
    rows = tuple(pledge for pledge, _ in pledges)
    ledger = _ledger(view, page, excluded, uncounted)
    skipped = _completed(
        view, ledger, [*rows, *metrics], [*expressions, *(number for number, _ in uncounted)]
    )
    return Reading(reference, basis, passages(view, page), rows, tuple(metrics), skipped)


def _ledger(
    view: View,
    page: Page,
    excluded: Iterable[tuple[Clause, str]],
    uncounted: Iterable[tuple[Expression, str]],
) -> tuple[Skipped, ...]:
    """Every clause with a cue that gave no row, every question, every number that counts nothing, what was left out."""
    entries = list(view.dropped)
    for block in page.blocks:
        if block.kind in ("question", "headline", "kicker", "byline"):
            span = view.span(block.start, block.end)
            entries.append(
                Skipped(span.start, span.end, "question" if block.kind == "question" else "headline")
            )
    for clause, reason in excluded:
        if clause.cue is not None or clause.verb is not None or lexicon.CUE.search(clause.text):
            span = view.span(clause.start, clause.end)
            unmeasured = reason == "past" and not clause.numbers and is_unmeasured(clause.text)
            entries.append(Skipped(span.start, span.end, "no_number" if unmeasured else reason))
    for number, reason in uncounted:
        span = view.span(number.start, number.end)
        if in_table(view.tables, span.start, span.end):
            continue
        entries.append(Skipped(span.start, span.end, reason))
    return tuple(sorted(entries, key=lambda entry: (entry.start, entry.end, entry.reason)))


_DIGITS = re.compile("[0-9０-９]+")


def _completed(
    view: View,
    ledger: tuple[Skipped, ...],
    rows: Sequence[Pledge | Metric],
    expressions: Iterable[Expression],
) -> tuple[Skipped, ...]:
    """The ledger with what is left: times and ranks outside of every row and entry, and
    numerals that count nothing there, as in names."""
    covered = bytearray(len(view.raw))
    for known in (*ledger, *rows):
        covered[known.start : known.end] = b"\x01" * (known.end - known.start)
    more = []
    for found in expressions:
        span = view.span(found.start, found.end)
        if not all(covered[span.start : span.end]):
            reason = found.kind if found.kind in ("date", "duration", "ordinal") else "name"
            more.append(Skipped(span.start, span.end, reason))
            covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    for digits in _DIGITS.finditer(view.raw):
        if not any(covered[digits.start() : digits.end()]):
            more.append(Skipped(digits.start(), digits.end(), "name"))
    return tuple(sorted((*ledger, *more), key=lambda entry: (entry.start, entry.end, entry.reason)))

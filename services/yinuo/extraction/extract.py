"""The table of contents of the core: `read` makes a `Reading` of a text in a fixed order of steps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from yinuo.extraction.clause import Clause
from yinuo.extraction.clauses import read_clauses
from yinuo.extraction.expressions import find_expressions
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.metrics import read_metrics
from yinuo.extraction.passages import Page, passages, read_page
from yinuo.extraction.places import code_of, full_name, named_places
from yinuo.extraction.pledges import read_pledges
from yinuo.extraction.reading import View, clean_view
from yinuo.extraction.reference import reference_of
from yinuo.extraction.rows import Reading, Skipped
from yinuo.extraction.scopes import place_clauses


def read(
    text: str,
    *,
    article_id: str,
    published_on: date | None = None,
    region: str | None = None,
) -> Reading:
    """Read one article. Pure: the same arguments give the same rows. Offsets are code points of `text`."""
    view = clean_view(text)
    page = read_page(view)
    reference, basis = reference_of(view.text, page, published_on)
    expressions = [e for e in find_expressions(view.text, reference) if _counts(view.text, e)]
    issuer = region or _issuer(view.text)
    placed = list(place_clauses(view.text, page, expressions, reference, issuer))
    pledges, excluded = read_pledges(view, placed, article_id, reference)
    titles = [
        clause
        for block in page.blocks
        if block.kind in ("headline", "kicker", "question")
        for clause in read_clauses(
            view.text,
            block.body,
            block.end,
            [e for e in expressions if block.body <= e.start and e.end <= block.end],
        )
    ]
    metrics = read_metrics(view, placed, pledges, excluded, titles, article_id, reference)
    skipped = _ledger(view, page, excluded)
    rows = tuple(pledge for pledge, _ in pledges)
    return Reading(reference, basis, passages(view, page), rows, tuple(metrics), skipped)


_ABSTRACT = re.compile("方面|工作|创新|突破|任务|问题|环节|维度|关键|坚持|转变|聚焦")
_RANKED = re.compile("[居列排位名获]")


def _counts(text: str, found: Expression) -> bool:
    """Times, and numbers that count or measure.

    A bare numeral measures nothing; 一 with a classifier is an article; one Chinese digit before 方面, 工作 heads a
    list; 第三 is a rank only where something ranks; 万家 is a word.
    """
    if found.kind in ("date", "duration"):
        return True
    if found.value is None or (found.unit is None and found.kind not in ("percent", "money", "ordinal")):
        return False
    if found.kind == "ordinal":
        return (
            text[found.start] != "第"
            or _RANKED.search(text, max(0, found.start - 8), found.start) is not None
        )
    short = found.number is not None and found.number.end - found.number.start == 1
    if not short or found.kind != "quantity" or text[found.core_start].isdigit():
        return True
    return (
        text[found.core_start] not in "一万千百"
        and _ABSTRACT.match(text, found.core_end - (found.unit == "方面") * 2) is None
    )


def _issuer(text: str) -> str | None:
    """Who speaks as 全区, 我县: the division of that level that the text names twice, or alone."""
    for word, ending in (("区", "区"), ("县", "县"), ("市", "市"), ("省", "省")):
        if f"全{word}" not in text and f"我{word}" not in text:
            continue
        names: dict[str, int] = {}
        written: dict[str, tuple[int, str]] = {}
        for name, count in named_places(text).items():
            code = code_of(name)
            full = full_name(code) if code else None
            if full and full.endswith(ending):
                names[full] = names.get(full, 0) + count
                written[full] = max(written.get(full, (0, "")), (count, name))
        best = max(sorted(names), key=names.__getitem__, default=None)
        if best is not None and (names[best] >= 2 or len(names) == 1):
            return written[best][1]
    return None


def _ledger(view: View, page: Page, excluded: Iterable[tuple[Clause, str]]) -> tuple[Skipped, ...]:
    """Every clause with a cue that gave no row, every question, and what the view left out."""
    entries = list(view.dropped)
    for block in page.blocks:
        if block.kind in ("question", "headline"):
            span = view.span(block.start, block.end)
            entries.append(Skipped(span.start, span.end, block.kind))
    for clause, reason in excluded:
        if clause.cue is not None or clause.verb is not None:
            span = view.span(clause.start, clause.end)
            entries.append(Skipped(span.start, span.end, reason))
    return tuple(sorted(entries, key=lambda entry: (entry.start, entry.end, entry.reason)))

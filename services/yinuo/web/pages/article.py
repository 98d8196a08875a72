"""The article: its text with what was read from it, what was skipped, and the evidence of one row."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from yinuo.storage import explorer
from yinuo.storage.explorer import ArticleFound, Row
from yinuo.storage.view_rows import PledgeRow
from yinuo.web.marked_text import Shown, blocks, key_of
from yinuo.web.pages.rendering import rendered
from yinuo.web.state import state_of

PLEDGE_FIELDS = (
    "kind", "firmness", "promiser", "speaker", "speaker_post", "executor", "action", "object", "means", "purpose",
    "due", "due_start", "due_text", "due_basis", "testability", "specificity", "binding", "topic", "region_name",
)  # fmt: skip
METRIC_FIELDS = (
    "indicator", "status", "comparator", "value", "value_high", "unit", "measure", "flow", "period", "base",
    "subject", "region_name", "pledge_id",
)  # fmt: skip
MOST_EXCERPT = 120
WORDS = frozenset(
    {
        "kind",
        "firmness",
        "testability",
        "binding",
        "topic",
        "due_basis",
        "status",
        "measure",
        "flow",
        "comparator",
    }
)
"""Fields whose values are out of a closed list and have names in both languages."""


async def article(request: Request) -> Response:
    """The page of one article; `?row=` opens a row's evidence beside it, `?view=clean` shows the cleaned text."""
    found = await _found(request)
    clean, ledger = request.query_params.get("view") == "clean", "ledger" in request.query_params
    shown = await asyncio.to_thread(_cleaned, found.text) if clean else Shown(found.text)
    wanted = request.query_params.get("row", "")
    row = _row(found, wanted)
    values = {
        "found": found,
        "fields": found.fields,
        "blocks": await asyncio.to_thread(lambda: blocks(found, shown, ledger=ledger)),
        "clean": clean,
        "ledger": ledger,
        "row": row,
        "chosen": wanted if row else "",
        "n_pledges": sum(row.kind == "pledge" for row in found.pledges),
        "skipped": [
            (_excerpt(found.text, one["start"], one["end"]), one["reason"], one["start"])
            for one in found.skipped
        ],
        **(_evidence(found, row) if row else {}),
    }
    return rendered(request, "article.html", values)


async def evidence(request: Request) -> Response:
    """The evidence of one row alone, for the article's page to show."""
    found = await _found(request)
    row = _row(found, request.path_params["row"])
    if row is None:
        raise HTTPException(404)
    return rendered(request, "evidence.html", {"fields": found.fields, "row": row, **_evidence(found, row)})


async def _found(request: Request) -> ArticleFound:
    article_id = request.path_params["article_id"]
    if "\0" in article_id:
        raise HTTPException(404)
    async with state_of(request).pool.reading() as connection:
        found = await explorer.article(connection, article_id)
    if found is None:
        raise HTTPException(404)
    return found


def _row(found: ArticleFound, key: str) -> Row | None:
    rows: Sequence[Row] = [*found.pledges, *found.metrics]
    return next((row for row in rows if key_of(row) == key), None)


def _excerpt(text: str, start: int, end: int) -> str:
    """A stretch as a list shows it: a repetition may be as long as the text."""
    return text[start:end] if end - start <= MOST_EXCERPT else text[start : start + MOST_EXCERPT] + "…"


def _evidence(found: ArticleFound, row: Row) -> dict[str, Any]:
    """What the panel shows; `spans` are stretches of the text that the page marks: [start, end, what]."""
    values = row.as_dict()
    inherited: Mapping[str, Any] = row.inherited if isinstance(row, PledgeRow) else {}
    elsewhere = [
        (name, found.text[span["start"] : span["end"]], span["start"]) for name, span in inherited.items()
    ]
    spans = [[row.span_start, row.span_end, "row"]]
    spans += [[span["start"], span["end"], name] for name, span in inherited.items()]
    if isinstance(row, PledgeRow) and row.cue_start is not None and row.cue_end is not None:
        spans.append([row.cue_start, row.cue_end, "cue"])
    everything: Sequence[Row] = [*found.pledges, *found.metrics]
    around = [
        other
        for other in everything
        if other is not row and other.span_start < row.span_end and row.span_start < other.span_end
    ]
    names = PLEDGE_FIELDS if isinstance(row, PledgeRow) else METRIC_FIELDS
    return {
        "key": key_of(row),
        "is_pledge": isinstance(row, PledgeRow),
        "shown_fields": [(name, values[name]) for name in names if values[name] is not None],
        "words": WORDS,
        "elsewhere": elsewhere,
        "around": [(key_of(other), other.quote) for other in around[:8]],
        "spans": spans,
        "spans_json": json.dumps(spans),
    }


@lru_cache(maxsize=8)
def _cleaned(text: str) -> Shown:
    """The text as the rules read it: line breaks inside sentences, stuck repeats and damage taken out."""
    from yinuo.extraction.reading import clean_view

    view = clean_view(text)
    return Shown(view.text, view.origin)

"""The article: its text with what was read from it, what was skipped, and the evidence of one row."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from yinuo.storage import explorer
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
MOST_SKIPPED = 2000
"""Entries of the ledger that a page lists."""
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
    found, chosen = await _found(request)
    clean, ledger = request.query_params.get("view") == "clean", "ledger" in request.query_params
    shown = await asyncio.to_thread(_cleaned, found.text) if clean else Shown(found.text)
    kinds = Counter(mark.kind for mark in found.marks)
    values = {
        "found": found,
        "fields": found.fields,
        "blocks": await asyncio.to_thread(lambda: blocks(found, shown, ledger=ledger)),
        "clean": clean,
        "ledger": ledger,
        "row": chosen.row if chosen else None,
        "chosen": key_of(chosen.row) if chosen else "",
        "n_pledges": kinds["pledge"],
        "n_metrics": kinds["metric"],
        "skipped": [
            (_excerpt(found.text, one["start"], one["end"]), one["reason"], one["start"])
            for one in found.skipped[:MOST_SKIPPED]
        ],
        "n_skipped": len(found.skipped),
        **(_evidence(chosen) if chosen else {}),
    }
    return await asyncio.to_thread(rendered, request, "article.html", values)


async def evidence(request: Request) -> Response:
    """The evidence of one row alone, for the article's page to show."""
    async with state_of(request).pool.reading() as connection:
        found = await explorer.evidence(connection, _id(request), _row(request))
    if found is None:
        raise HTTPException(404)
    return rendered(request, "evidence.html", {"fields": found.fields, "row": found.row, **_evidence(found)})


async def _found(request: Request) -> tuple[explorer.MarkedArticle, explorer.Evidence | None]:
    """The article, and the row that its address names."""
    article_id, key = _id(request), _row(request)
    async with state_of(request).pool.reading() as connection:
        found = await explorer.marked_article(connection, article_id)
        if found is None:
            raise HTTPException(404)
        return found, await explorer.evidence(connection, article_id, key) if key else None


def _id(request: Request) -> str:
    return _given(request, "article_id", "id")


def _row(request: Request) -> str:
    return _given(request, "row", "row")


def _given(request: Request, in_path: str, in_query: str) -> str:
    """What the path says, else what the query does; "" where neither says it."""
    found: str = request.path_params.get(in_path) or request.query_params.get(in_query, "")
    if "\0" in found:
        raise HTTPException(404)
    return found


def _excerpt(text: str, start: int, end: int) -> str:
    """A stretch as a list shows it: a repetition may be as long as the text."""
    return text[start:end] if end - start <= MOST_EXCERPT else text[start : start + MOST_EXCERPT] + "…"


def _evidence(found: explorer.Evidence) -> dict[str, Any]:
    """What the panel shows; `spans` are stretches of the text that the page marks: [start, end, what]."""
    row, text = found.row, found.fields["text"]
    values = row.as_dict()
    inherited: Mapping[str, Any] = row.inherited if isinstance(row, PledgeRow) else {}
    spans: list[list[Any]] = [[row.span_start, row.span_end, "row"]]
    spans += [[span["start"], span["end"], name] for name, span in inherited.items()]
    if isinstance(row, PledgeRow) and row.cue_start is not None and row.cue_end is not None:
        spans.append([row.cue_start, row.cue_end, "cue"])
    names = PLEDGE_FIELDS if isinstance(row, PledgeRow) else METRIC_FIELDS
    return {
        "key": key_of(row),
        "is_pledge": isinstance(row, PledgeRow),
        "shown_fields": [(name, values[name]) for name in names if values[name] is not None],
        "words": WORDS,
        "elsewhere": [
            (name, text[span["start"] : span["end"]], span["start"]) for name, span in inherited.items()
        ],
        "around": found.others,
        "beside": found,
        "spans_json": json.dumps(spans),
    }


@lru_cache(maxsize=8)
def _cleaned(text: str) -> Shown:
    """The text as the rules read it: line breaks inside sentences, stuck repeats and damage taken out."""
    from yinuo.extraction.reading import clean_view

    view = clean_view(text)
    return Shown(view.text, view.origin)

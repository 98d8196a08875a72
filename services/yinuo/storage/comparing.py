"""What other rules make of an article: which rows come, go, or say something else. Pure, decides nothing.

Not for what counts as newer (`newer.py`) nor for writing (`replacing.py`). Law: two readings that store the same rows
have no difference, and what has no difference moves nothing to history.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from yinuo.storage.replacing import Held, Record, row_said
from yinuo.storage.rows import (
    METRICS,
    PASSAGE_COLUMNS,
    PLEDGES,
    STAMP,
    RowTable,
    Values,
    metric_content,
    passage_values,
    pledge_content,
)
from yinuo_schemas import Extraction

Kind = Literal["added", "removed", "changed"]

_PASSAGE_CONTENT = tuple(name for name in PASSAGE_COLUMNS if name not in ("article_id", "ordinal", *STAMP))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs. `row`: pledge, metric or article; `field` is set for `changed` alone.

    `rules` are those that made the row as it is read now, `rules_before` those that had made it; offsets are code
    points into the article's text, and null for what belongs to the article as a whole.
    """

    article_id: str
    row: str
    row_id: str | None = None
    change: Kind
    field: str | None = None
    before: Any = None
    after: Any = None
    rules: tuple[str, ...] = ()
    rules_before: tuple[str, ...] = ()
    span_start: int | None = None
    span_end: int | None = None
    quote: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Field → value, in the order of the fields."""
        return {name: getattr(self, name) for name in CHANGE_FIELDS}

    @property
    def cause(self) -> str:
        """The rules that came (+) and went (-) with it; the row's rules where none did."""
        came = [f"+{rule}" for rule in self.rules if rule not in self.rules_before]
        went = [f"-{rule}" for rule in self.rules_before if rule not in self.rules]
        return " ".join(came + went or self.rules)


CHANGE_FIELDS = tuple(Change.__dataclass_fields__)


def changes(held: Held, passages: Sequence[Record], extraction: Extraction) -> tuple[Change, ...]:
    """What differs between the rows that are held and this reading of the same text, in the order of the text."""
    article_id: str = held.article["article_id"]
    found = [
        *_row_changes("pledge", PLEDGES, article_id, held.pledges, map(pledge_content, extraction.pledges)),
        *_row_changes("metric", METRICS, article_id, held.metrics, map(metric_content, extraction.metrics)),
    ]
    found.sort(key=lambda one: (one.span_start, one.row, one.row_id, one.field or ""))
    return (*found, *_article_changes(article_id, held.article, passages, extraction))


def _row_changes(
    row: str, table: RowTable, article_id: str, old: Sequence[Record], new: Iterator[Values]
) -> Iterator[Change]:
    before = _by_id(table, [row_said(table, record) for record in old])
    after = _by_id(table, list(new))
    for row_id in before.keys() | after.keys():
        was, now = before.get(row_id), after.get(row_id)
        shown = now or was
        assert shown is not None
        place = {
            "article_id": article_id,
            "row": row,
            "row_id": row_id,
            "rules": _rules(now),
            "rules_before": _rules(was),
            **{name: shown[name] for name in ("span_start", "span_end", "quote")},
        }
        if was is None or now is None:
            yield Change(change="added" if was is None else "removed", **place)
            continue
        for field in _fields(was, now):
            was_here, now_here = (_read(table, field, values[field]) for values in (was, now))
            yield Change(change="changed", field=field, before=was_here, after=now_here, **place)


def _fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The fields that differ; that other rules fired is the reason for a difference, and one only by itself."""
    names = [name for name in now if was[name] != now[name]]
    return [name for name in names if name != "rules"] or names


def _article_changes(
    article_id: str, article: Record, passages: Sequence[Record], extraction: Extraction
) -> Iterator[Change]:
    values = (
        ("reference_date", article["reference_date"], extraction.reference_date),
        ("reference_basis", article["reference_basis"], extraction.reference_basis.value),
    )
    found: list[tuple[str, Any, Any]] = [(field, was, now) for field, was, now in values if was != now]
    skipped = [record.model_dump(mode="json") for record in extraction.skipped]
    lists = (
        ("skipped", json.loads(article["skipped"]), skipped),
        ("passages", [_passage(one) for one in passages], _read_passages(extraction)),
    )
    found += [(field, _without(old, new), _without(new, old)) for field, old, new in lists if old != new]
    for field, was, now in found:
        yield Change(
            article_id=article_id, row="article", change="changed", field=field, before=was, after=now
        )


def _without(some: list[Any], others: list[Any]) -> list[Any]:
    """Those of `some` that are not in `others`."""
    there = {json.dumps(other, sort_keys=True) for other in others}
    return [one for one in some if json.dumps(one, sort_keys=True) not in there]


def _passage(record: Mapping[str, Any] | Record) -> dict[str, Any]:
    return {name: record[name] for name in _PASSAGE_CONTENT}


def _read_passages(extraction: Extraction) -> list[dict[str, Any]]:
    nothing = (None,) * len(STAMP)
    return [
        _passage(dict(zip(PASSAGE_COLUMNS, passage_values("", ordinal, passage, nothing), strict=True)))
        for ordinal, passage in enumerate(extraction.passages)
    ]


def _by_id(table: RowTable, rows: Sequence[Values]) -> dict[str, dict[str, Any]]:
    return {row[0]: dict(zip(table.content, row, strict=True)) for row in rows}


def _rules(row: Mapping[str, Any] | None) -> tuple[str, ...]:
    return () if row is None else tuple(json.loads(row["rules"]))


def _read(table: RowTable, field: str, value: Any) -> Any:
    return json.loads(value) if field in table.json and value is not None else value

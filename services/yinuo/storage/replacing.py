"""What one accepted message writes: the article, its rows, and the history of what it replaces.

Pure: from the rows that stood and the message to the values of the tables. A row that says the same as before
stays valid since then; one that was taken back or says something else goes to history, and with it the form of the
article that it points into.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from yinuo.storage.incoming import IncomingExtraction
from yinuo.storage.newer import Form, Verdict
from yinuo.storage.rows import (
    ARTICLE_COLUMNS,
    ARTICLE_CONTENT,
    METRICS,
    PLEDGES,
    RowTable,
    Values,
    article_content,
    metric_content,
    passage_values,
    pledge_content,
    respelt,
    stamp,
)
from yinuo.storage.searching import name_tokens, search_tokens

Record = asyncpg.Record | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that changes something, and the form that stands after it."""

    message: IncomingExtraction
    form: Form
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Held:
    """What stood of an article before: its row of `articles`, its pledges and metrics."""

    article: Record
    pledges: Sequence[Record]
    metrics: Sequence[Record]


@dataclass(slots=True)
class Writing:
    """Values for the tables, gathered over the articles of a batch; each list in its table's column order."""

    new_articles: list[Values] = field(default_factory=list)
    changed_articles: list[Values] = field(default_factory=list)
    passages: list[Values] = field(default_factory=list)
    pledges: list[Values] = field(default_factory=list)
    metrics: list[Values] = field(default_factory=list)
    article_history: list[Values] = field(default_factory=list)
    pledge_history: list[Values] = field(default_factory=list)
    metric_history: list[Values] = field(default_factory=list)

    def add_new(self, accepted: Accepted, now: datetime) -> None:
        """An article that was not there."""
        self._add_passages(accepted)
        for table, rows in ((PLEDGES, self.pledges), (METRICS, self.metrics)):
            rows += _rows(table, accepted, {}, now)
        self.new_articles.append(_article(accepted, received_at=now, valid_from=now))

    def add_replaced(self, accepted: Accepted, held: Held, now: datetime) -> None:
        """An article that was there in another form or read by other rules."""
        self._add_passages(accepted)
        gone = _Replaced(held.article, accepted.verdict, now)
        for table, old, rows, history in (
            (PLEDGES, held.pledges, self.pledges, self.pledge_history),
            (METRICS, held.metrics, self.metrics, self.metric_history),
        ):
            new = _rows(table, accepted, _since(table, old), now)
            rows += new
            history += gone.rows(table, old, new)
        same = not gone.anything and _article_said(held.article) == _said(accepted)
        if not same:
            self.article_history.append(gone.article())
        self.changed_articles.append(
            _article(
                accepted,
                received_at=held.article["received_at"],
                valid_from=held.article["valid_from"] if same else now,
            )
        )

    def _add_passages(self, accepted: Accepted) -> None:
        stamped = _stamp(accepted)
        self.passages += (
            passage_values(accepted.message.article_id, ordinal, passage, stamped)
            for ordinal, passage in enumerate(accepted.message.extraction.passages)
        )


@dataclass(slots=True)
class _Replaced:
    """Writes history entries for one article; `anything`: whether a row of it went there."""

    held: Record
    verdict: Verdict
    now: datetime
    anything: bool = False

    @property
    def _end(self) -> Values:
        return (self.now, "rules" if self.verdict is Verdict.RULES else "revision")

    def rows(self, table: RowTable, old: Sequence[Record], new: Sequence[Values]) -> list[Values]:
        """The old rows that no new one repeats, as values of `history_columns`."""
        still = {_content(table, values) for values in new}
        gone = [row for row in old if row_said(table, row) not in still]
        self.anything = self.anything or bool(gone)
        pointed_into = (self.held["revision"], self.held["content_hash"])
        return [(*(row[column] for column in table.columns), *pointed_into, *self._end) for row in gone]

    def article(self) -> Values:
        """The article as it stood, as values of `ARTICLE_HISTORY_COLUMNS`."""
        return (*(self.held[column] for column in ARTICLE_COLUMNS), *self._end)


def _article(accepted: Accepted, *, received_at: datetime, valid_from: datetime) -> Values:
    message = accepted.message
    return (
        message.article_id, *_said(accepted), message.extraction.extractor.name, *_stamp(accepted),
        accepted.form.source.timestamp, received_at, valid_from, *_tokens(accepted),
    )  # fmt: skip


def _tokens(accepted: Accepted) -> tuple[list[str], list[str]]:
    """Those of title and text, and those of names that stand in neither."""
    extraction = accepted.message.extraction
    article = extraction.article
    names = {pledge.promiser for pledge in extraction.pledges}
    names |= {metric.indicator for metric in extraction.metrics}
    return search_tokens(article.title, article.text), name_tokens(names, article.title, article.text)


def _said(accepted: Accepted) -> Values:
    extraction = accepted.message.extraction
    return article_content(extraction.article, accepted.form.content_hash, extraction)


def _stamp(accepted: Accepted) -> Values:
    return stamp(accepted.form.source, accepted.message.extraction)


def _rows(
    table: RowTable, accepted: Accepted, since: Mapping[Values, datetime], now: datetime
) -> list[Values]:
    extraction = accepted.message.extraction
    contents: Iterable[Values] = (
        map(pledge_content, extraction.pledges)
        if table is PLEDGES
        else map(metric_content, extraction.metrics)
    )
    stamped = _stamp(accepted)
    article_id = accepted.message.article_id
    return [(article_id, *content, *stamped, since.get(content, now)) for content in contents]


def _since(table: RowTable, old: Sequence[Record]) -> dict[Values, datetime]:
    return {row_said(table, row): row["valid_from"] for row in old}


def row_said(table: RowTable, row: Record) -> Values:
    """What a row of the table says, as values of `table.content`, spelt as those of a message are."""
    return tuple(respelt(row[name]) if name in table.json else row[name] for name in table.content)


def _article_said(article: Record) -> Values:
    return tuple(respelt(article[name]) if name == "skipped" else article[name] for name in ARTICLE_CONTENT)


def _content(table: RowTable, values: Values) -> Values:
    return values[1 : 1 + len(table.content)]

"""Pledges and metrics as tables for people: which columns, how a value is written. Rows are mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.text import Text

from yinuo.cli.tables import Column, lined_up

NOTHING = "-"
"""What a table shows for null."""
WIDE = 120
"""From so many cells a line on, tables name the article of each row too."""
VERY_WIDE = 150

Row = Mapping[str, Any]

_PROMISER = Column("promiser", least=8, most=16)
_SPEAKER = Column("speaker", least=6, most=12)
_DUE = Column("due", least=10, most=10)
_FIRMNESS = Column("firmness", least=10, most=10)
_DAYS_LEFT = Column("days_left", least=9, most=9, justify="right")
_LIGHT = Column("light", least=7, most=7)
_PUBLISHED = Column("published_on", least=10, most=12)
_SOURCE = Column("source", least=6, most=14)
_TITLE = Column("title", least=8, most=30)
_HITS = Column("hits", least=4, most=6, justify="right")
_EXCERPT = Column("excerpt", least=16, takes_rest=True)
_QUOTE = Column("quote", least=16, takes_rest=True)
_ARTICLE = Column("article_id", least=10, most=16, style="dim")
_INDICATOR = Column("indicator", least=12, takes_rest=True)
_COMPARATOR = Column("comparator", least=10, most=10)
_VALUE = Column("value", least=8, most=20, justify="right")
_UNIT = Column("unit", least=4, most=10)
_STATUS = Column("status", least=9, most=9)
_PERIOD = Column("period", least=7, most=10)


def pledge_table(rows: Sequence[Row], width: int, *, with_article: bool = False) -> Text:
    """Promiser, due day, firmness and quote of each pledge; more where the line has room for it."""
    columns = [_PROMISER, _DUE, _FIRMNESS, _QUOTE]
    if width >= VERY_WIDE:
        columns.insert(1, _SPEAKER)
    if with_article and width >= WIDE:
        columns.append(_ARTICLE)
    return lined_up(columns, [_cells(columns, row) for row in rows], width)


def due_table(rows: Sequence[Row], width: int, *, with_article: bool = False) -> Text:
    """Light, days left, due day, promiser and quote of each pledge; more where the line has room for it."""
    columns = [_LIGHT, _DAYS_LEFT, _DUE, _PROMISER, _QUOTE]
    if width >= WIDE:
        columns.insert(4, _FIRMNESS)
        if with_article:
            columns.append(_ARTICLE)
    return lined_up(columns, [_cells(columns, row) for row in rows], width)


def search_table(rows: Sequence[Row], width: int, *, with_article: bool = True) -> Text:
    """Article id, day, title, hits and the first hit in its surroundings; the source where there is room for it."""
    columns = [_ARTICLE, _PUBLISHED, _TITLE, _HITS, _EXCERPT]
    if width >= WIDE:
        columns.insert(2, _SOURCE)
    return lined_up(columns, [_cells(columns, row) for row in rows], width)


def metric_table(rows: Sequence[Row], width: int, *, with_article: bool = False) -> Text:
    """Indicator, comparator, value, unit, status and period of each metric; more where there is room."""
    columns = [_INDICATOR, _COMPARATOR, _VALUE, _UNIT, _STATUS, _PERIOD]
    if with_article and width >= WIDE:
        columns += [_QUOTE_OF_METRIC, _ARTICLE]
    return lined_up(columns, [_cells(columns, row) for row in rows], width)


_QUOTE_OF_METRIC = Column("quote", least=10, most=24)


def _cells(columns: Sequence[Column], row: Row) -> list[str]:
    return [value_text(row) if column is _VALUE else cell(row.get(column.name)) for column in columns]


def cell(value: object) -> str:
    """A value as a table shows it; null is a dash."""
    return NOTHING if value is None or value == "" else str(value)


def value_text(row: Row) -> str:
    """The metric's number for reading: digits in groups of three, a range as low-high."""
    low, high = row.get("value"), row.get("value_high")
    return number_text(low) if high is None else f"{number_text(low)}~{number_text(high)}"


def number_text(value: Decimal | str | None) -> str:
    """71100000000 as 71,100,000,000; idle zeros after the point are not shown."""
    if value is None:
        return NOTHING
    text = format(Decimal(value), ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text

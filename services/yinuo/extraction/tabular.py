"""The tables of statistical reports: a head line that names its columns, and under it a figure in each cell.

Read from the raw text, because a cell is told by the breaks and blanks that prose is mended of. A cell's figure is read
as if its unit stood behind it. Without a head that names the columns nothing here is a table.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yinuo.extraction.data import alternation, toml_table
from yinuo.extraction.expressions import find_expressions, unit_code
from yinuo.extraction.identity import row_id
from yinuo.extraction.rows import Metric

_TABLE = toml_table("tabular.toml")
_SECTIONS = ("name", "unit", "figure", "measured", "rate")
if tuple(_TABLE) != _SECTIONS:
    raise ValueError(f"tabular.toml: sections are {_SECTIONS}, found {tuple(_TABLE)}")

_CELL = re.compile(r"[^\s|｜│]+")
_LEVELS = tuple(_TABLE["figure"]) + tuple(_TABLE["measured"])
_IN_HEAD = re.compile(alternation(tuple(_TABLE["unit"]) + _LEVELS + tuple(_TABLE["rate"])))
_NAME = re.compile(f"(?:[\u4e00-\u9fff]{{0,6}})(?:{alternation(tuple(_TABLE['name']))})$")
_UNIT = re.compile(f"(?:{alternation(tuple(_TABLE['unit']))})$")
_FIGURE = re.compile(f"(?P<word>{alternation(_LEVELS)})$")
_YEAR = re.compile("((?:19|20)\\d{2})年")
_RATE = re.compile(alternation(tuple(_TABLE["rate"])))
_BASE = re.compile("[比较](?:上年|去年)(?:同期)?|同比|环比")
_IN_BRACKETS = re.compile("[（(]([^（）()]{1,8})[）)]$")
_UNIT_ABOVE = re.compile("单位[:：]\\s*([^\\s，。；）)]{1,8})")
_NUMBER = re.compile("[-−－]?\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|[-−－]?\\d+(?:\\.\\d+)?")
_NO_NUMBER = re.compile("[-—–…/·]{1,4}")
_MEASURES = re.compile("[量值额率数入款润费量产重度积比资]$")
_NUMBERED = re.compile("^(?:[一二三四五六七八九十]+、|[#＃*＊]|其中[:：]|\\d{1,2}[.．、](?!\\d))+")
_PLANS = re.compile("目标|计划|预期|任务")
_COLUMNS, _TITLE = 6, 60
"""Columns of figures at most, and characters before the head in which title and unit are looked for."""


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: its unit where the head names it, the year it is of, and the base of a rate."""

    unit: str | None
    measured: str
    year: int | None
    base: str | None
    rate: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell: its raw stretch, what it measures, its value in the unit of its row or column, and how it measures."""

    start: int
    end: int
    text: str
    indicator: str
    value: Decimal
    unit: str
    measure: str
    year: int | None
    base: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table's stretch of the raw text with its figures; `title` is the line above the head."""

    start: int
    end: int
    title: str
    figures: tuple[Figure, ...]


def find_tables(text: str) -> tuple[Table, ...]:
    """The tables of a raw text in order. Linear in its length."""
    if not _IN_HEAD.search(text):
        return ()
    cells = [_Cell(found.start(), found.end(), found[0]) for found in _CELL.finditer(text)]
    tables: list[Table] = []
    index = 0
    while index < len(cells):
        read = _table(text, cells, index)
        if read is not None:
            tables.append(read[0])
            index = read[1]
        else:
            index += 1
    return tuple(tables)


def in_table(tables: Sequence[Table], start: int, end: int) -> bool:
    """Whether a raw stretch lies inside one of a page's tables, which never overlap and stand in order."""
    at = bisect.bisect_right(tables, start, key=lambda table: table.start) - 1
    return at >= 0 and end <= tables[at].end


def _table(text: str, cells: Sequence[_Cell], at: int) -> tuple[Table, int] | None:
    """The table whose head begins at a cell, with the index of the first cell behind it."""
    if not _NAME.match(cells[at].text):
        return None
    position = at + 1
    has_unit = position < len(cells) and _UNIT.match(cells[position].text) is not None
    position += has_unit
    columns: list[_Column] = []
    above = _UNIT_ABOVE.findall(text[max(0, cells[at].start - _TITLE) : cells[at].start])
    while position < len(cells) and len(columns) < _COLUMNS:
        words = cells[position].text
        if position + 1 < len(cells) and _IN_BRACKETS.fullmatch(cells[position + 1].text):
            words += cells[position + 1].text
        column = _column(words, above[-1] if above else None)
        if column is None:
            break
        position += 2 if words != cells[position].text else 1
        columns.append(column)
    if not columns or not (has_unit or all(column.unit for column in columns)):
        return None
    figures, position = _rows(cells, position, columns, has_unit)
    if len(figures) < 2:
        return None
    before = text[max(0, cells[at].start - _TITLE) : cells[at].start].rstrip()
    title = before.rpartition("\n")[2]
    return Table(cells[at].start, cells[position - 1].end, title, tuple(figures)), position


def _column(words: str, above: str | None) -> _Column | None:
    bracket = _IN_BRACKETS.search(words)
    named = words[: bracket.start()] if bracket else words
    year = _YEAR.match(named)
    base = _BASE.search(named)
    of_year = int(year[1]) if year else None
    if _RATE.search(named) and ("%" in words or "％" in words):
        return _Column("%", "", of_year, base[0] if base else None, "比重" not in named)
    figure = _FIGURE.search(named)
    if figure is None and (year is None or year.end() != len(named)):
        return None
    measured = figure["word"] if figure and figure["word"] in _TABLE["measured"] else ""
    unit = bracket[1].replace("％", "%") if bracket else above
    return _Column(unit, measured, of_year, None, False)


def _rows(
    cells: Sequence[_Cell], position: int, columns: Sequence[_Column], has_unit: bool
) -> tuple[list[Figure], int]:
    """Row after row until one has another shape."""
    figures: list[Figure] = []
    width = 1 + has_unit + len(columns)
    while position + width <= len(cells):
        row = cells[position : position + width]
        unit = row[1].text.replace("％", "%") if has_unit else None
        numbers = row[1 + has_unit :]
        named = _NUMBERED.sub("", row[0].text)
        shaped = (
            not _NUMBER.fullmatch(row[0].text)
            and 0 < len(named) <= 30
            and (unit is None or _reads(f"1{unit}") is not None)
            and all(_NUMBER.fullmatch(cell.text) or _NO_NUMBER.fullmatch(cell.text) for cell in numbers)
        )
        if not shaped:
            break
        measured = next((column.measured for column in columns if column.measured), "")
        indicator = named if _MEASURES.search(named) else named + measured
        for column, cell in zip(columns, numbers, strict=True):
            read_in = column.unit if column.rate or column.unit == "%" else unit or column.unit
            read = _reads(_plain(cell.text) + read_in) if read_in and _NUMBER.fullmatch(cell.text) else None
            if read is not None:
                value, read_unit, measure = read
                measure = "change_rate" if column.rate else measure
                figures.append(
                    Figure(
                        cell.start, cell.end, cell.text, indicator, value, read_unit, measure,
                        column.year, column.base,
                    )
                )  # fmt: skip
        position += width
    return figures, position


def _plain(number: str) -> str:
    return number.replace("−", "-").replace("－", "-")


def _reads(words: str) -> tuple[Decimal, str, str] | None:
    """(value, unit, share, count or level) of a number with its unit; None where that is no quantity."""
    found = find_expressions(words.lstrip("-"))
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(words.lstrip("-"))):
        return None
    value, unit = found[0].value, found[0].unit
    if value is None or not unit or found[0].kind not in ("quantity", "money", "percent"):
        return None
    counts = found[0].kind == "quantity" and found[0].unit_si is None
    measure = "share" if unit == "%" else "count" if counts else "level"
    return (-value if words.startswith("-") else value), unit, measure


def read_tables(
    tables: Iterable[Table], others: Sequence[Metric], article_id: str, reference: date | None
) -> Iterator[Metric]:
    """The metrics of tables: of the year that column or title names, else of the year last told of before the table."""
    seen = Counter("".join(row.quote.split()) + str(row.value) for row in others)
    for table in tables:
        status = "target" if _PLANS.search(table.title) else "achieved"
        year = _year_of(table, others, reference)
        for figure in table.figures:
            value, unit, of = figure.value, figure.unit, figure.year or year
            seen[figure.text + str(value)] += 1
            yield Metric(
                row_id(article_id, "metric", figure.text, seen[figure.text + str(value)], str(value)),
                figure.start, figure.end, figure.text, figure.indicator, value, None, unit,
                unit if unit == "%" else unit_code(unit), "eq", status, figure.measure, "unknown",
                str(of) if of else None, date(of, 1, 1) if of else None, date(of, 12, 31) if of else None,
                figure.base, None, None, None, (), (), ("table", f"status/{'aim' if status == 'target' else 'reached'}"),
            )  # fmt: skip


def _year_of(table: Table, others: Sequence[Metric], reference: date | None) -> int | None:
    titled = _YEAR.search(table.title)
    if titled:
        return int(titled[1])
    before = [row for row in others if row.end <= table.start and row.period_end is not None]
    if before and before[-1].period_end is not None:
        return before[-1].period_end.year
    return reference.year - 1 if reference is not None else None

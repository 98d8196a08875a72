"""Rows as json, jsonl or csv for programs; tables for people are `tables.py`'s.

Days are ISO 8601, numbers decimal strings, null stays null (empty in csv); csv holds lists and objects
as JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from yinuo.cli.console import print_line, remarks, results
from yinuo.cli.expression_json import decimal_text
from yinuo.cli.words import Format

if TYPE_CHECKING:
    from rich.text import Text


def print_found(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    form: Format,
    *,
    more: bool,
    table: Callable[[int], Text],
) -> None:
    """Print rows in the wanted form; how many, and whether the limit cut any off, stands under the table.

    In the other forms a cut is said on stderr, so that stdout holds rows alone.
    """
    note = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    if more:
        note += " shown, there are more: --limit N for another number, --limit 0 for all"
    if form != Format.TABLE:
        print_rows(rows, columns, form)
        if more:
            remarks().print(note, style="dim", soft_wrap=True)
        return
    console = results()
    if rows:
        console.print(table(console.width))
    console.print(note, style="dim", soft_wrap=True)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: Format) -> None:
    """Print the rows in a form for programs; `columns` is csv's head also where there is no row."""
    match form:
        case Format.JSON:
            print_line(json.dumps(list(rows), ensure_ascii=False, default=plain, indent=2))
        case Format.JSONL:
            for row in rows:
                print_line(json.dumps(row, ensure_ascii=False, default=plain))
        case Format.CSV:
            print_line(csv_text(rows, columns).removesuffix("\n"))
        case Format.TABLE:
            raise AssertionError("tables are made elsewhere")


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """RFC 4180 but for plain line feeds: a head, then one record a row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([csv_cell(row.get(column)) for column in columns])
    return out.getvalue()


def csv_cell(value: Any) -> str:
    """A value as one cell: null is empty, lists and objects are JSON."""
    if value is None:
        return ""
    if isinstance(value, (list, dict, tuple)):
        return json.dumps(value, ensure_ascii=False, default=plain)
    if isinstance(value, bool):
        return str(value).lower()
    return str(plain(value))


def plain(value: Any) -> Any:
    """What JSON knows no form for, as the contract writes it."""
    match value:
        case Decimal():
            return decimal_text(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case StrEnum() | bool() | int():
            return value
    return str(value)

"""Rows as json, jsonl or csv for programs; tables for people are `tables.py`'s.

Days are ISO 8601, numbers decimal strings, null stays null (empty in csv); csv holds lists and objects
as JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from yinuo.cli.console import print_line
from yinuo.cli.expression_json import decimal_text
from yinuo.cli.words import Format


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
        writer.writerow([_csv_cell(row.get(column)) for column in columns])
    return out.getvalue()


def _csv_cell(value: Any) -> str:
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

"""The words that flags take, as closed lists: a wrong one is named with the right ones."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


class Kind(StrEnum):
    """Which kinds of pledge are shown."""

    PLEDGE = "pledge"
    ASPIRATION = "aspiration"
    ALL = "all"


class Light(StrEnum):
    """How far off a pledge's day is."""

    PAST = "past"
    DUE_30 = "due_30"
    DUE_90 = "due_90"
    LATER = "later"
    UNDATED = "undated"


class ExportFormat(StrEnum):
    """How a whole view is written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class DeadState(StrEnum):
    """Which dead letters are listed."""

    NEW = "new"
    REPLAYED = "replayed"
    RESOLVED = "resolved"
    IGNORED = "ignored"
    ALL = "all"

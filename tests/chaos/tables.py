"""What stands in every table of a database, in a form that two runs can be compared by.

Left out are times, attempts, positions in Kafka, running numbers, and `ingest_offsets`. All else must be equal byte
for byte: a table or a column that is new is compared from the day it is there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEFT_OUT_TABLES = frozenset({"ingest_offsets"})
LEFT_OUT_COLUMNS = frozenset(
    {
        "history_id", "attempts", "attempt_identities", "identity", "resolved_by",
        "source_cluster", "source_topic", "source_partition", "source_offset",
    }
)  # fmt: skip

Tables = Mapping[str, Counter[str]]
Ask = Callable[..., Awaitable[Sequence[Any]]]

_COLUMNS = """
    SELECT table_name, array_agg(column_name::text) FILTER (WHERE data_type = 'timestamp with time zone') AS times
    FROM information_schema.columns NATURAL JOIN information_schema.tables
    WHERE table_schema = 'yinuo' AND table_type = 'BASE TABLE' GROUP BY table_name ORDER BY table_name
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows that are missing, and rows that are there too often or otherwise than in the quiet run."""

    lost: int
    twice: int
    examples: tuple[str, ...]
    article_ids: tuple[str, ...] = ()


async def read(ask: Ask) -> Tables:
    """All tables; fails when there are none to compare. `ask` runs a query."""
    found = {
        row["table_name"]: await _rows(ask, row["table_name"], row["times"] or [])
        for row in await ask(_COLUMNS)
        if row["table_name"] not in LEFT_OUT_TABLES
    }
    assert {"articles", "article_history", "pledges", "metrics", "passages", "dead_letters"} <= found.keys()
    return found


async def _rows(ask: Ask, table: str, times: list[str]) -> Counter[str]:
    left_out = [*LEFT_OUT_COLUMNS, *times]
    rows = await ask(f"SELECT (to_jsonb(t) - $1::text[])::text FROM yinuo.{table} t", left_out)
    return Counter(_plain(row[0]) if table == "dead_letters" else row[0] for row in rows)


def _plain(text: str) -> str:
    """A dead letter without the headers that say where its article stood."""
    row = json.loads(text)
    row["headers"] = [header for header in row["headers"] if not header[0].startswith("yinuo-")]
    return json.dumps(row, sort_keys=True, ensure_ascii=False)


def compared(quiet: Tables, found: Tables) -> Difference:
    """How the tables that were found differ from those of the quiet run."""
    lost = twice = 0
    examples: list[str] = []
    articles: set[str] = set()
    for table in sorted(quiet.keys() | found.keys()):
        missing = quiet.get(table, Counter()) - found.get(table, Counter())
        surplus = found.get(table, Counter()) - quiet.get(table, Counter())
        lost, twice = lost + missing.total(), twice + surplus.total()
        for word, rows in (("lost", missing), ("twice", surplus)):
            examples += [f"{word}: {rows.total()} of {table}, as {_short(row)}" for row in list(rows)[:1]]
        articles |= {json.loads(row).get("article_id") or "" for row in (*missing, *surplus)}
    return Difference(lost, twice, tuple(examples), tuple(sorted(articles - {""})))


def _short(row: str) -> str:
    fields = json.loads(row)
    names = (
        "article_id",
        "key",
        "revision",
        "pledge_id",
        "metric_id",
        "stage",
        "type",
        "title",
        "quote",
        "message",
    )
    return ", ".join(f"{name} {str(fields[name])[:60]}" for name in names if fields.get(name) is not None)

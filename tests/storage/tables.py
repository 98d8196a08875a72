"""What stands in the tables, for comparing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ROWS = ("articles", "passages", "pledges", "metrics")
HISTORY = ("article_history", "pledge_history", "metric_history")
STREAMS = ("dead_letters", "ingest_offsets")
ALL = (*ROWS, *HISTORY, *STREAMS)

MOMENTS = frozenset({"valid_from", "valid_to", "received_at", "stored_at", "state_changed_at", "updated_at"})


async def contents(connection: Any, tables: Sequence[str] = ALL) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows in one order, without the moments of writing and numbers of entries."""
    found = {}
    for table in tables:
        records = await connection.fetch(f"SELECT * FROM yinuo.{table}")
        rows = [
            tuple((name, value) for name, value in record.items() if name not in MOMENTS | {"history_id"})
            for record in records
        ]
        found[table] = sorted(rows, key=repr)
    return found


async def versions(connection: Any, tables: Sequence[str] = ALL) -> dict[str, list[tuple[Any, ...]]]:
    """Which version of which row stands where: equal before and after means that nothing was written or locked."""
    return {
        table: [
            tuple(record)
            for record in await connection.fetch(
                f"SELECT ctid::text, xmin::text, xmax::text FROM yinuo.{table} ORDER BY ctid"
            )
        ]
        for table in tables
    }


async def empty(connection: Any) -> None:
    """Few rows go faster one by one than by TRUNCATE."""
    await connection.execute("; ".join(f"DELETE FROM yinuo.{table}" for table in ("metrics", *ALL)))

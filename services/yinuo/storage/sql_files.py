"""The SQL of the services, by name: every statement stands in a file of `sql/`, under a line `-- name: …`.

`Sql` is a type of its own, so that the type checker refuses a statement that was put together from strings.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import NewType

Sql = NewType("Sql", str)
"""One statement out of an SQL file; values go in as bound parameters only."""

_NAME = re.compile(r"^-- name: ([a-z_]+)\n", re.MULTILINE)


def statements(stem: str) -> dict[str, Sql]:
    """The statements of `sql/<stem>.sql` by name, comments included."""
    text = resources.files("yinuo.storage").joinpath("sql", f"{stem}.sql").read_text("utf-8")
    parts = _NAME.split(text)
    named = dict(zip(parts[1::2], parts[2::2], strict=True))
    if len(named) != len(parts) // 2:
        raise ValueError(f"sql/{stem}.sql: two statements have one name")
    return {name: Sql(statement.strip()) for name, statement in named.items()}

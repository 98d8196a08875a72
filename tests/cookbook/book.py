"""docs/queries.md as data: its questions, what they give on the articles in seeds/, and the file written anew.

`make cookbook` runs the questions and writes their output; the test runs them and compares.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
from rich.cells import cell_len

from yinuo.cli.inputs import named_inputs
from yinuo.extraction_api import extract
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.storage.incoming import IncomingExtraction
from yinuo.storage.migrate import migrate
from yinuo.storage.store import Store
from yinuo_schemas import SourcePosition

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "docs" / "queries.md"
TODAY = "2026-07-01"
"""The day that the book looks from, so that its output stays as it is."""

_RECIPE = re.compile(
    r"^## (?P<title>.+?)\n.*?^```sql\n(?P<sql>.+?)^```\n\n^```text\n(?P<output>.*?)^```\n", re.M | re.S
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One question of the book: its title, the statement, the output that stands there and where."""

    title: str
    sql: str
    output: str
    start: int
    end: int


def recipes(text: str) -> Iterator[Recipe]:
    """The questions in their order."""
    for found in _RECIPE.finditer(text):
        yield Recipe(found["title"], found["sql"], found["output"], *found.span("output"))


async def fill(dsn: str) -> None:
    """Store what is read from seeds/, as a running yinuo would."""
    now = datetime(2026, 7, 1, tzinfo=UTC)
    batch = []
    for number, one in enumerate(named_inputs([str(ROOT / "seeds")], {})):
        assert one.article is not None, one
        fields = one.article.model_dump(exclude={"text"})
        source = SourcePosition(
            cluster="book",
            topic="articles.raw",
            partition=0,
            offset=number,
            timestamp=now + timedelta(seconds=number),
        )
        batch.append(IncomingExtraction(extract(one.article.text, **fields), source))
    async with Store(dsn) as store:
        await store.write_batch(batch)


async def answers(dsn: str, asked: list[Recipe]) -> list[str]:
    """What each question gives, as text; through the reader's role."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"SET yinuo.today = '{TODAY}'; SET ROLE yinuo_reader")
        return [_table(await _rows(connection, recipe.sql)) for recipe in asked]
    finally:
        await connection.close()


async def _rows(connection: Any, sql: str) -> list[list[str]]:
    """Head and rows as text, as the server writes values."""
    statement = await connection.prepare(sql.strip().removesuffix(";"))
    head = [attribute.name for attribute in statement.get_attributes()]
    return [head, *([_cell(value) for value in record] for record in await statement.fetch())]


def _cell(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.2f}"
        case Decimal():
            return format(value, "f")
    return "" if value is None else re.sub(r"\s+", " ", str(value))


def _table(rows: list[list[str]]) -> str:
    """Columns lined up in terminal cells; a rule under the head; how many rows."""
    widths = [max(cell_len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*lines, f"({len(rows) - 1} row{'' if len(rows) == 2 else 's'})"]) + "\n"


def written(text: str, outputs: list[str]) -> str:
    """The book with these outputs in place of its own."""
    parts, at = [], 0
    for recipe, output in zip(recipes(text), outputs, strict=True):
        parts += [text[at : recipe.start], output]
        at = recipe.end
    return "".join([*parts, text[at:]])


async def _made(dsn: str) -> None:
    await migrate(dsn)
    await fill(dsn)
    text = BOOK.read_text("utf-8")
    BOOK.write_text(written(text, await answers(dsn, list(recipes(text)))), "utf-8")


def main() -> int:
    """Run the questions on a Postgres of our own and write the book anew."""
    with tempfile.TemporaryDirectory(prefix="yinuo-book-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
            asyncio.run(_made(server.dsn))
    return 0


if __name__ == "__main__":
    sys.exit(main())

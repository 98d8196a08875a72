"""`yinuo search`: which stored articles hold these words, the best first."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from yinuo.cli.exit_codes import DONE
from yinuo.cli.rows import Form, Limit
from yinuo.cli.words import Format

if TYPE_CHECKING:
    from yinuo.storage.found import Found
    from yinuo.storage.view_rows import SearchRow


def search(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS", help="All of them must stand in title or text.", show_default=False),
    ],
    form: Form = Format.TABLE,
    limit: Limit = 50,
) -> int:
    """Show the stored articles that hold all the words, the best first.

    Examples:

      yinuo search 停车场
      yinuo search 琅琊镇 旅游 --limit 5
      yinuo search GDP --format jsonl

    Any part of a word is found, single characters and Latin too; blanks and line breaks in the text, full or half
    width, and capital letters make no difference. `yinuo show ID` shows one of the articles.
    """
    import asyncio

    from yinuo.cli.console import remarks, waiting
    from yinuo.cli.formats import print_found
    from yinuo.cli.row_tables import search_table
    from yinuo.storage.view_rows import SearchRow

    with waiting("searching"):
        found, without = asyncio.run(_found(words, limit or None))
    rows = [row.as_dict() for row in found.rows]
    columns = [field.name for field in dataclasses.fields(SearchRow)]
    print_found(rows, columns, form, more=found.more, table=lambda width: search_table(rows, width))
    for line in without:
        remarks().print(line, soft_wrap=True)
    return DONE


async def _found(words: list[str], limit: int | None) -> tuple[Found[SearchRow], list[str]]:
    """The articles; where there are none, a line for each word that is too much."""
    from yinuo.cli.connections import database_address
    from yinuo.runtime.settings import load_settings
    from yinuo.storage.queries import connected, search

    parts = " ".join(words).split()
    async with connected(database_address(load_settings())) as connection:
        found = await search(connection, " ".join(parts), limit)
        if found.rows:
            return found, []
        said = ["Nothing holds all of it." if len(parts) > 1 else "Nothing holds it."]
        for part in parts if len(parts) > 1 else ():
            rest = " ".join(other for other in parts if other != part)
            wider = await search(connection, rest, 100)
            if wider.rows:
                count = f"more than {len(wider.rows)}" if wider.more else str(len(wider.rows))
                said.append(f"  Without {part}: {count}.")
        return found, said

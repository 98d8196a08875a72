"""`yinuo show`: one stored article with its rows marked in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from yinuo.cli.exit_codes import DONE

if TYPE_CHECKING:
    from yinuo_schemas import Extraction


def show(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="Its id, or the beginning of it.", show_default=False)
    ],
    json: Annotated[bool, typer.Option("--json", help="The stored extraction as one line of JSON.")] = False,
    pager: Annotated[
        bool, typer.Option("--pager/--no-pager", help="On a terminal, one screen after the other.")
    ] = True,
) -> int:
    """Show a stored article: its text with pledges and metrics marked, then both as tables.

    Examples:

      yinuo show 6db2fce664966d35
      yinuo show 6db2 --no-pager
      yinuo show 6db2 --json

    Where there are no colours, in a pipe, the rows stand in brackets. `yinuo search WORDS` finds ids.
    """
    import asyncio

    from yinuo.cli.article_view import article_view
    from yinuo.cli.console import print_line, results, waiting

    with waiting("asking the database"):
        extraction = asyncio.run(_stored(article))
    if json:
        print_line(extraction.model_dump_json())
        return DONE
    console = results()
    view = article_view(extraction, str(extraction.article.article_id), console)
    if pager and console.is_terminal:
        _with_colours_kept()
        with console.pager(styles=True):
            console.print(view, soft_wrap=False)
    else:
        console.print(view)
    return DONE


def _with_colours_kept() -> None:
    """Less shows colour codes as letters unless it is told not to; a setting of the user's own stays."""
    import os

    os.environ.setdefault("LESS", "-RFX")


async def _stored(article: str) -> Extraction:
    """The article with this id, or the only one whose id begins so; Misuse."""
    from yinuo.cli.connections import database_address
    from yinuo.cli.console import program
    from yinuo.errors import Misuse
    from yinuo.runtime.settings import load_settings
    from yinuo.storage.queries import connected
    from yinuo.storage.stored import ids_beginning, stored_extraction

    async with connected(database_address(load_settings())) as connection:
        found = await stored_extraction(connection, article)
        if found is None:
            ids = await ids_beginning(connection, article)
            if len(ids) > 1:
                raise Misuse(
                    f"several articles begin with {article}: {', '.join(ids[:3])}…; write more of the id"
                )
            found = await stored_extraction(connection, ids[0]) if ids else None
        if found is None:
            raise Misuse(f"no article {article} is stored; `{program()} search WORDS` finds ids")
        return found

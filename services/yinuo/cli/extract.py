"""`yinuo extract`: articles in, pledges and metrics out; no broker, no database."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yinuo.cli.exit_codes import DONE, FAILED
from yinuo.cli.options import (
    ArticleId,
    Author,
    Inputs,
    Page,
    PublishedOn,
    Region,
    Revision,
    Source,
    Title,
    Url,
    article_fields,
)

if TYPE_CHECKING:
    from yinuo.intake.files import Input
    from yinuo_schemas import Extraction

Show = Callable[["Input", "Extraction"], None]


def extract(
    paths: Inputs,
    as_json: Annotated[bool, typer.Option("--json", help="One Extraction a line, for programs.")] = False,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", metavar="DIR", help="Write NAME.json for each file, ARTICLE_ID.json for a line."
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say for each row what decided it, and why the rest gave none.")
    ] = False,
    published_on: PublishedOn = None,
    source: Source = None,
    title: Title = None,
    region: Region = None,
    url: Url = None,
    page: Page = None,
    author: Author = None,
    article_id: ArticleId = None,
    revision: Revision = None,
) -> int:
    """Read articles here and now, without broker or database, and show what they promise.

    Examples:

      yinuo extract page.txt
      yinuo extract page.txt --published-on 2023-02-01 --source 青岛西海岸报
      yinuo extract articles.jsonl --json > extractions.jsonl
      yinuo extract pages/ --out extractions/
      cat page.txt | yinuo extract - --explain

    An input that cannot be read is named, the rest is done, and the exit code is 1.
    """
    from yinuo.cli.inputs import named_inputs
    from yinuo.errors import Misuse

    if explain and (as_json or out):
        raise Misuse("--explain is for people: leave out --json and --out, which hold the reasons anyway")
    fields = article_fields(
        published_on=published_on,
        source=source,
        title=title,
        region=region,
        url=url,
        page=page,
        author=author,
        article_id=article_id,
        revision=revision,
    )
    inputs = named_inputs(paths, fields)
    if out is not None:
        return _write_files(list(inputs), Path(out), as_json)
    return _show_each(inputs, _print_json if as_json else _view(explain))


def _show_each(inputs: Iterable[Input], show: Show) -> int:
    """Read and show one input after the other; a failed one is named on stderr and the rest is done."""
    from yinuo.cli.console import waiting

    code = DONE
    # Where the results themselves do not show how far it is.
    with contextlib.nullcontext() if sys.stdout.isatty() else waiting("reading") as sign:
        for number, one in enumerate(inputs, start=1):
            if sign is not None:
                sign.update(f"reading, input {number} ...")
            extraction = _extraction(one)
            if extraction is None:
                code = FAILED
            else:
                show(one, extraction)
    return code


def _extraction(one: Input) -> Extraction | None:
    """What the input says, or None after a line on stderr that says why it cannot be read."""
    from yinuo import extract_article
    from yinuo.cli.failures import complain

    if one.article is None:
        complain(f"{one.name}: {one.error}")
        return None
    return extract_article(one.article)


def _print_json(one: Input, extraction: Extraction) -> None:
    from yinuo.cli.console import print_line

    print_line(extraction.model_dump_json())


def _view(explain: bool) -> Show:
    from yinuo.cli.article_view import article_view
    from yinuo.cli.console import results
    from yinuo.cli.explain_view import explain_view

    console = results()

    def show(one: Input, extraction: Extraction) -> None:
        console.print(
            explain_view(extraction, one.name) if explain else article_view(extraction, one.name, console)
        )

    return show


def _write_files(inputs: list[Input], folder: Path, as_json: bool) -> int:
    """Each extraction in a file of its own; nothing is written if two of them would have one name."""
    from yinuo.cli.console import remarks
    from yinuo.cli.json_files import prepared_folder, target_names, write_whole

    names = target_names(inputs, folder)
    prepared_folder(folder)
    written = 0

    def keep(one: Input, extraction: Extraction) -> None:
        nonlocal written
        write_whole(folder / names[one.name], extraction.model_dump_json() + "\n")
        written += 1
        if as_json:
            _print_json(one, extraction)

    code = _show_each(inputs, keep)
    remarks().print(f"{written} of {len(inputs)} written to {folder}")
    return code

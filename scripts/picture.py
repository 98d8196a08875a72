"""Draws docs/demo.svg: an answer of the sample page with its rows in colour, as `yinuo extract` shows it.

Usage: picture.py TARGET. The same code and rules give the same file.
"""

from __future__ import annotations

import html
import io
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.terminal_theme import MONOKAI
from rich.text import Text

from yinuo import extract
from yinuo.cli.article_view import METRIC, PLEDGE, legend, marked_text, row_marks
from yinuo.cli.row_tables import metric_table, pledge_table

SAMPLE = Path(__file__).parent.parent / "seeds" / "000_6db2fce664966d35.txt"
BEGINS, ENDS = "李守晟:新的一年,我们将深", "推动城镇品质升级。"
FONTS = "ui-monospace, 'Sarasa Mono SC', 'Noto Sans Mono CJK SC', 'Source Han Mono SC', monospace"
WIDTH = 84
CELL = 12.2
FONT_SIZE = 20
"""Pixels of one cell, and of a wide character, in rich's drawing."""


def main() -> None:
    """Write the picture to the path named on the command line."""
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")


def picture() -> str:
    """The picture as SVG text, without any address in it."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    for part in parts():
        console.print(Segments(cut_by_width(console.render(part)), new_lines=False), end="")
    svg = console.export_svg(title="yinuo extract page.txt", theme=MONOKAI, code_format=svg_format())
    return with_wide_characters(svg)


def parts() -> Iterator[RenderableType]:
    """Legend, text and tables of the chosen answer."""
    text = SAMPLE.read_text(encoding="utf-8")
    start = text.index(BEGINS)
    end = text.index(ENDS) + len(ENDS)
    extraction = extract(text)
    yield legend(colours=True)
    yield Text()
    yield marked_text(text, row_marks(extraction), colours=True)[start:end]
    pledges = [row for row in extraction.pledges if row.kind == "pledge"]
    for heading, style, table, rows in (
        ("Pledges", PLEDGE, pledge_table, pledges),
        ("Metrics", METRIC, metric_table, extraction.metrics),
    ):
        yield Text("\n" + heading, style=style)
        yield table([row.model_dump() for row in rows if start <= row.start and row.end <= end], WIDTH)


def cut_by_width(segments: Iterable[Segment]) -> Iterator[Segment]:
    """The segments cut into words, and where wide and narrow meet: each run has a place of its own."""
    for text, style, control in segments:
        if control:
            continue
        for _, run in groupby(text, key=lambda one: (one == " ", cell_len(one))):
            yield Segment("".join(run), style)


def with_wide_characters(svg: str) -> str:
    """The drawing with each run's length counted in cells (rich counts characters), wide ones spaced to fill two."""

    def measured(tag: re.Match[str]) -> str:
        content = html.unescape(tag["text"]).strip()
        if not content:
            return ""
        cells = cell_len(content)
        spacing = f' letter-spacing="{2 * CELL - FONT_SIZE:g}"' if cells == 2 * len(content) else ""
        return f'{tag["head"]}textLength="{cells * CELL:g}"{spacing}{tag["tail"]}{tag["text"]}</text>'

    return re.sub(
        r'(?P<head><text [^>]*?)textLength="[^"]*"(?P<tail>[^>]*>)(?P<text>[^<]*)</text>', measured, svg
    )


def svg_format() -> str:
    """rich's drawing without its web fonts: a page that shows it fetches nothing, and Chinese has a font."""
    plain = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    plain = plain.replace("font-variant-east-asian: full-width;", "")
    return re.sub(r"font-family: (?:Fira Code, monospace|arial);", f"font-family: {FONTS};", plain)


if __name__ == "__main__":
    main()

"""`yinuo parse`: numbers, quantities and times in short texts; no article, no broker, no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yinuo.cli.exit_codes import FAILED

if TYPE_CHECKING:
    from yinuo.extraction.expressions.model import Expression


@dataclass(frozen=True, slots=True)
class Question:
    """One text to read and the day that 今年 in it counts from."""

    text: str
    reference_date: date | None


class BadLine(ValueError):
    """A line of input that is no text and no JSON object of ours; the message says how to mend it."""


def parse(
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT", help="Texts, or - for one text a line of standard input.", show_default=False
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a text.")] = False,
    reference_date: Annotated[
        str | None,
        typer.Option(
            "--reference-date",
            metavar="DATE",
            help="What 今年 and 年底 count from, YYYY-MM-DD.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Find numbers, quantities and time expressions in short texts.

    Examples:

      yinuo parse 力争旅游收入超4亿元
      yinuo parse 年底前建成2处 --reference-date 2023-02-01
      yinuo parse --json 增长5%以上
      yinuo parse - --json < lines.txt
      yinuo parse -- -5%

    With -, each line is one text; a line that is a JSON object gives text and reference_date.
    """
    from yinuo.cli.failures import complain
    from yinuo.cli.options import day

    reference = day("--reference-date", reference_date)
    failed = False
    for place, line in _inputs(texts):
        try:
            _answer(_question(line, reference), as_json)
        except BadLine as error:
            complain(f"{place}: {error}")
            failed = True
    return FAILED if failed else 0


def _inputs(texts: list[str]) -> Iterator[tuple[str, str | bytes]]:
    """Each text with the name that an error line gives it."""
    for at, text in enumerate(texts, start=1):
        if text == "-":
            yield from _standard_input()
        else:
            yield f"text {at}", text


def _standard_input() -> Iterator[tuple[str, bytes]]:
    from yinuo.errors import Misuse

    if sys.stdin is None:
        raise Misuse(
            "standard input is closed: pipe lines into `yinuo parse -`, or write the text after `parse`"
        )
    for at, line in enumerate(sys.stdin.buffer, start=1):
        yield f"line {at}", line.removesuffix(b"\n").removesuffix(b"\r")


def _question(line: str | bytes, reference_date: date | None) -> Question:
    if isinstance(line, str):
        return Question(_whole(line), reference_date)
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadLine(f"is not UTF-8 (byte {error.start}): convert it first, say with iconv") from None
    if text.lstrip().startswith(('{"', "{}", '{ "')):
        return _question_of_json(text, reference_date)
    return Question(text, reference_date)


def _question_of_json(line: str, reference_date: date | None) -> Question:
    from yinuo.cli.options import day
    from yinuo.errors import Misuse

    try:
        fields = json.loads(line)
    except ValueError as error:
        raise BadLine(f"looks like JSON but does not parse: {error}") from None
    unknown = sorted(fields.keys() - {"text", "reference_date"})
    if unknown:
        raise BadLine(f"unknown field {unknown[0]}: the fields are text and reference_date")
    text, when = fields.get("text"), fields.get("reference_date") or None
    if not isinstance(text, str):
        raise BadLine("the field text must be a string")
    if when is not None and not isinstance(when, str):
        raise BadLine("the field reference_date must be a string, YYYY-MM-DD")
    try:
        return Question(_whole(text), day("reference_date", when) or reference_date)
    except Misuse as error:
        raise BadLine(str(error)) from None


def _whole(text: str) -> str:
    """The text, if it is Unicode throughout."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadLine("holds bytes or half characters that are no Unicode text: write it as UTF-8")
    return text


def _answer(question: Question, as_json: bool) -> None:
    from yinuo import parse as read_expressions

    expressions = read_expressions(question.text, question.reference_date)
    if as_json:
        _print_json(question.text, expressions)
    else:
        _print_table(question.text, expressions)


def _print_json(text: str, expressions: Any) -> None:
    from yinuo.cli.console import print_line
    from yinuo.cli.expression_json import expression_fields

    fields = [expression_fields(text, expression) for expression in expressions]
    print_line(json.dumps({"text": text, "expressions": fields}, ensure_ascii=False))


def _print_table(text: str, expressions: Any) -> None:
    from rich.text import Text

    from yinuo.cli.article_view import METRIC, Mark, marked_text
    from yinuo.cli.console import results
    from yinuo.cli.tables import Column, lined_up

    columns = [Column("quote", 8, takes_rest=True), Column("kind", 8, 8), Column("value", 8, 30)]
    columns.append(Column("unit", 4, 12))

    console = results()
    marks = [Mark(one.start, one.end, METRIC, "[", "]") for one in expressions]
    console.print(marked_text(text, marks, console.color_system is not None))
    if expressions:
        columns = [
            Column("quote", 8, takes_rest=True),
            Column("kind", 8, 8),
            Column("value", 8, 30),
            Column("unit", 4, 12),
        ]
        console.print(lined_up(columns, [_cells(text, one) for one in expressions], console.width))
    else:
        console.print(Text("no number and no time expression", style="dim"))


def _cells(text: str, expression: Expression) -> list[str]:
    unit = expression.currency or expression.unit or "-"
    return [text[expression.start : expression.end], expression.kind, meaning(expression), unit]


def meaning(expression: Expression) -> str:
    """What the expression says, for people: a value, bounds, days or a duration."""
    from yinuo.cli.row_tables import number_text

    if expression.kind == "date":
        if expression.date_start is None and expression.date_end is None:
            return "needs --reference-date"
        return f"{expression.date_start or '...'} to {expression.date_end or '...'}"
    if expression.kind == "duration":
        return expression.duration or "-"
    if expression.low is not None and expression.low == expression.high:
        return ("about " if expression.approximate else "") + number_text(expression.low)
    bounds = []
    if expression.low is not None:
        bounds.append(f"{'>=' if expression.low_inclusive else '>'} {number_text(expression.low)}")
    if expression.high is not None:
        bounds.append(f"{'<=' if expression.high_inclusive else '<'} {number_text(expression.high)}")
    return ", ".join(bounds) or number_text(expression.value)

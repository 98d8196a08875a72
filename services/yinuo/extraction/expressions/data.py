"""The rules that are data: reads the TOML files of this package into frozen lines and refuses bad ones.

For: one line a unit, comparator, calendar word, numeral character, look-alike or variant. Not for: matching.
Law kept: every line has an example, unknown keys are errors, no two lines say the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from importlib import resources
from typing import Any, TypeVar

Line = TypeVar("Line")


class BadRules(ValueError):
    """A data file of the package does not say what it must: a bug of this package, never of an article."""


@dataclass(frozen=True, slots=True)
class NumeralLine:
    """A character of numerals: a digit with its value, a multiplier with its power of ten, or a dozen (times).

    string: it can stand in a string of digits (二〇二三); 两 cannot.
    """

    text: str
    example: str
    digit: int | None = None
    power: int | None = None
    times: int | None = None
    string: bool = True
    not_before: tuple[str, ...] = ()
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit as written. kind: measure classifier percent money. factor: how many `si`, as n or n/d.

    code: UCUM or UN/CEFACT Rec 20, for money ISO 4217. not_before, only_before: what may not, what must follow.
    tail: a digit after it without unit counts tenths. lone: one Chinese digit before it needs a money word nearby.
    one: 一 before it counts one. prefix: it stands before the number. sub: only after a bigger one of its kind.
    """

    unit: str
    kind: str
    example: str
    si: str | None = None
    factor: str = "1"
    code: str | None = None
    not_before: tuple[str, ...] = ()
    only_before: tuple[str, ...] = ()
    counter: str | None = None
    tail: bool = False
    lone: bool = False
    one: bool = True
    prefix: bool = False
    sub: bool = False


@dataclass(frozen=True, slots=True)
class ComparatorLine:
    """A word that bounds a number. side: left right. sign: gt ge lt le approx eq.

    not_after, not_before: what may not stand around it (节 before 约). only: `scale` before bare 亿 or 百万,
    `large` before amounts with a multiplier or a share, `measure` after a measure.
    """

    text: str
    side: str
    sign: str
    example: str
    not_after: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    only: str | None = None
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class WordLine:
    """A word that is a number by itself: 首位, 过半. kind, unit and value as in the expression; sign as above."""

    text: str
    kind: str
    value: str
    example: str
    unit: str | None = None
    sign: str = "eq"
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class SuppliedLine:
    """What follows a bare 亿 amount and tells that it is money: 百亿级, 万亿台阶."""

    text: str
    sign: str
    example: str


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """A word of time. role decides what `value` means: see calendar.toml."""

    text: str
    role: str
    value: str
    example: str
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    only_before: tuple[str, ...] = ()
    counter: str | None = None


@dataclass(frozen=True, slots=True)
class LookalikeLine:
    """A word that holds a numeral and means no number; `example` gives nothing. Guards as above."""

    text: str
    reason: str
    example: str
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    counter: str | None = None


def read_lines(name: str, kind: type[Line], table: str) -> tuple[Line, ...]:
    """All lines of the array `table` in the package's file `name`. Raises BadRules."""
    content = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return parse_lines(content, name, kind, table)


def parse_lines(content: str, name: str, kind: type[Line], table: str) -> tuple[Line, ...]:
    """Lines from TOML text; `name` is for the error messages. Raises BadRules."""
    document = tomllib.loads(content)
    if set(document) != {table}:
        raise BadRules(f"{name}: one array {table!r} is expected, found {sorted(document)}")
    lines = tuple(_line(row, name, kind) for row in document[table])
    _refuse_twins(lines, name)
    return lines


def _line(row: Mapping[str, Any], name: str, kind: type[Line]) -> Line:
    known = {field.name.rstrip("_"): field for field in fields(kind)}  # type: ignore[arg-type]  # Line is bound to no protocol that mypy knows for dataclasses
    unknown = set(row) - set(known)
    missing = {key for key, field in known.items() if field.default is MISSING} - set(row)
    if unknown or missing:
        raise BadRules(f"{name}: {dict(row)}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    values = {known[key].name: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
    if not str(values.get("example", "")).strip():
        raise BadRules(f"{name}: {dict(row)}: an example is needed")
    return kind(**values)


def _refuse_twins(lines: Sequence[object], name: str) -> None:
    seen: set[tuple[object, ...]] = set()
    for line in lines:
        name_of = getattr(line, "text", None) or getattr(line, "unit", None)
        key = (name_of, getattr(line, "side", None), getattr(line, "role", None))
        if key in seen:
            raise BadRules(f"{name}: {key[0]} stands twice")
        seen.add(key)


def alternation(words: Iterable[str]) -> str:
    """A regex that matches the longest of the words, led by a lookahead on their first characters."""
    import re

    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    if not longest_first:
        return r"(?!)"
    first = "".join(sorted({re.escape(word[0]) for word in longest_first}))
    return f"(?=[{first}])(?:{'|'.join(map(re.escape, longest_first))})"

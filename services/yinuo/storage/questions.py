"""Questions of pages: which rows, in which order, from where on; put together from parts of one SQL file.

Not for reading commands (`queries.py`). Law: nobody's words become SQL: parts come out of `sql/explorer.sql`, values
are bound, and what names a part is looked up in a closed list first.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import InvalidOperation
from typing import Any

from yinuo.errors import Misuse
from yinuo.storage.searching import search_words
from yinuo.storage.sql_files import Sql, statements
from yinuo.storage.subjects import PLEDGES, Subject

PAGE_ROWS = 50
COMMON_ARTICLES = 2_000
"""Words that so many articles hold are common: a page of their rows is soon full."""
COMMON_TO_FACETS = 20_000
"""The same where a hundred times as many rows are wanted, in any order."""
MOST_WORDS = 8

SQL = statements("explorer")

FIRMNESS = ("guarantee", "commitment", "aim", "effort", "rhetoric")
"""The strongest first."""


def ranks(firmness: Sequence[str]) -> list[int]:
    """As the index on firmness has them, 1 the strongest; 0 for what is none, which no row has."""
    return [FIRMNESS.index(one) + 1 if one in FIRMNESS else 0 for one in firmness]


LIGHTS = ("to_come", "past", "due_30", "due_90", "later", "undated")


def asked_words(words: str) -> list[str]:
    """The words of a page's question as they are compared. Misuse for too many."""
    forms = search_words(words)
    if len(forms) > MOST_WORDS:
        raise Misuse(f"q: more than {MOST_WORDS} words; ask for fewer")
    return forms


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One page of rows. `chosen`: filter → the values one of which a row has; `due`: lights, for pledges."""

    subject: Subject
    today: date
    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    due: tuple[str, ...] = ()
    due_from: date | None = None
    due_by: date | None = None
    sort: str = ""
    after: str = ""
    common: bool = False
    """Whether so many articles hold the words that an index does not help."""

    @property
    def forms(self) -> list[str]:
        """The words as they are compared; a row has every one in its quote, name or title. Misuse for too many."""
        return asked_words(self.words)

    @property
    def order(self) -> tuple[str, bool]:
        """(name of the sort, descending). Misuse for one that there is not."""
        sort = self.sort or self.subject.default_sort
        name = sort.removeprefix("-")
        if name not in self.subject.sorts:
            raise Misuse(f"sort: {name[:40]!r} is none; there are {', '.join(self.subject.sorts)}")
        return name, sort.startswith("-")


def day(name: str, text: str) -> date | None:
    """The day in a parameter, None for an empty one; Misuse when it is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misuse(f"{name}: {text[:40]!r} is no day; write it YYYY-MM-DD") from None


class _Bound:
    """Gives each {} of a part the number of its value."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def __call__(self, part: str, *values: Any) -> str:
        pieces = part.split("{}")
        assert len(pieces) == len(values) + 1, part
        text = pieces[0]
        for value, piece in zip(values, pieces[1:], strict=True):
            self.values.append(value)
            text += f"${len(self.values)}{piece}"
        return text


Asked = tuple[Sql, list[Any]]


def asked(name: str, *values: Any) -> Asked:
    """A whole statement of the file with its values."""
    bound = _Bound()
    return Sql(bound(SQL[name], *values)), bound.values


def page(question: Question, limit: int | None = PAGE_ROWS + 1) -> tuple[Asked, ...]:
    """The rows of a page in parts, one after the other: those that have what is sorted by, then those without.

    Misuse for a sort or place that there is not.
    """
    place = _place(question)
    parts = (_WITH, _WITHOUT) if place is None or place[0] is not None else (_WITHOUT,)
    return tuple(_part(question, part, place, limit) for part in parts)


@dataclass(frozen=True, slots=True)
class _Part:
    """Names of the parts that ask for rows with or without the key."""

    condition: str
    order: str
    after: str


_WITH = _Part("with_key", "order", "after_value")
_WITHOUT = _Part("without_key", "order_without", "after_null")


def _part(question: Question, part: _Part, place: Sequence[Any] | None, limit: int | None) -> Asked:
    bound = _Bound()
    conditions = [*_conditions(question, bound), _named(SQL[part.condition], question)]
    if place is not None and part is _WITH:
        conditions.append(bound(_named(SQL[part.after], question), place[0], *place))
    elif place is not None and place[0] is None:
        conditions.append(bound(_named(SQL[part.after], question), *place[1:]))
    order = _named(SQL[part.order], question)
    text = " ".join((_named(SQL["page"], question), _where(conditions), order))
    if limit is not None:
        text += bound(" LIMIT {}", limit)
    return Sql(text), bound.values


def facets(question: Question) -> Asked:
    """How often each value of each facet occurs among the first `facet_rows` matches."""
    bound = _Bound()
    where = _where(list(_conditions(question, bound)))
    head, tail = SQL["facets"].split("{where}")
    middle, tail = tail.split("{columns}")
    days = [question.today + timedelta(days=days) for days in (0, 30, 90)]
    columns = bound(SQL[question.subject.facets], *(days if question.subject is PLEDGES else ()))
    text = head + where + bound(middle, question.subject.facet_rows + 1) + columns + tail
    return Sql(_named(text, question)), bound.values


def place_after(question: Question, row: Mapping[str, Any], key: Any) -> str:
    """What `after` says to go on behind this row."""
    place = [
        None if key is None else str(key),
        row["article_id"],
        row["span_start"],
        row[question.subject.id],
    ]
    return base64.urlsafe_b64encode(json.dumps(place, ensure_ascii=False).encode()).decode().rstrip("=")


def sort_key(question: Question, row: Mapping[str, Any]) -> Any:
    """The value of a row that its order goes by."""
    name, _ = question.order
    columns = {"published": "published_on", "period": "period_end"}
    value = row[columns.get(name, name)]
    if name == "firmness":
        return FIRMNESS.index(value) + 1 if value in FIRMNESS else None
    return value


def _conditions(question: Question, bound: _Bound) -> Iterator[str]:
    if question.forms:
        if not question.common:
            yield bound(SQL["in_articles"], question.forms)
        for form in question.forms:
            yield bound(SQL["row_word"].replace("{named}", question.subject.named), *[form] * 6)
    for name, values in question.chosen.items():
        if values and name == "light":
            yield _lights(values, question.today, bound)
        elif values:
            assert name in question.subject.filters, name
            yield bound(SQL[name], ranks(values) if name == "firmness" else list(values))
    if question.due_from:
        yield bound(SQL["due_from"], question.due_from)
    if question.due_by:
        yield bound(SQL["due_by"], question.due_by)
    if question.due:
        yield _lights(question.due, question.today, bound)


def _lights(lights: Sequence[str], today: date, bound: _Bound) -> str:
    return "(" + " OR ".join(_light(light, today, bound) for light in lights) + ")"


def _light(light: str, today: date, bound: _Bound) -> str:
    def between(start: int | None, end: int | None) -> str:
        parts = []
        if start is not None:
            parts.append(bound(SQL["due_from"], today + timedelta(days=start)))
        if end is not None:
            parts.append(bound(SQL["due_by"], today + timedelta(days=end)))
        return " AND ".join(parts)

    match light:
        case "past":
            return between(None, -1)
        case "due_30":
            return between(0, 30)
        case "due_90":
            return between(31, 90)
        case "later":
            return between(91, None)
        case "to_come":
            return between(0, None)
        case "undated":
            return SQL["undated"]
    raise Misuse(f"due: {light[:40]!r} is none; there are {', '.join(LIGHTS)}")


def _where(conditions: Sequence[str]) -> str:
    return "WHERE " + " AND ".join(conditions) if conditions else ""


def _named(part: str, question: Question) -> str:
    name, descending = question.order
    subject = question.subject
    # The index on days of publication runs from the newest on, all others from the least.
    back = descending != (name == "published")
    direction = f"{'DESC' if descending else 'ASC'} NULLS {'FIRST' if back else 'LAST'}"
    named = part.replace("{key}", SQL[f"sort_{name}"]).replace("{id}", subject.id)
    named = named.replace("{direction}", direction).replace("{ties}", "DESC" if back else "ASC")
    named = named.replace("{beyond}", "<" if descending else ">").replace("{behind}", "<" if back else ">")
    return named.replace("{view}", SQL[f"{subject.name}_rows"])


def _place(question: Question) -> tuple[Any, ...] | None:
    """(key, article, start, id) of the last row before; None at the beginning."""
    if not question.after:
        return None
    name, _ = question.order
    try:
        padded = question.after + "=" * (-len(question.after) % 4)
        key, article, start, row = json.loads(base64.b64decode(padded, b"-_", validate=True))
        value = None if key is None else _key(str(key), question.subject.sorts[name])
        return value, str(article), int(start), str(row)
    except (ValueError, TypeError, binascii.Error, RecursionError, InvalidOperation):
        raise Misuse("after: no place in this list; start from its first page") from None


def _key(text: str, kind: type) -> Any:
    if kind is date:
        return date.fromisoformat(text)
    return kind(text)

"""Who promises, who speaks, what is measured: the names there are with what is counted of each, a page at a time.

Not for one of them (`explorer.py`). Law: names are found along an index and counted when they are asked for; nothing
counted is kept.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yinuo.errors import Misuse
from yinuo.storage.connection import Connection
from yinuo.storage.questions import SQL, Asked, asked, asked_words
from yinuo.storage.sql_files import Sql

PAGE_NAMES = 50
SORTS = ("-rows", "name")
"""The most rows first, or by name."""
EXPORTED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class NameList:
    """A kind of names: the column they stand in, how its rows are counted, and what says of some what a page shows."""

    name: str
    table: str
    column: str
    often: str
    counted: str
    columns: tuple[str, ...]


_COUNTS = (
    "pledges",
    "aspirations",
    "guarantees",
    "commitments",
    "aims",
    "efforts",
    "rhetoric",
    "dated",
    "next_due",
)
PROMISERS = NameList(
    "promisers", "yinuo.pledges", "promiser", "pledges_alone", "promisers_named", ("promiser", *_COUNTS)
)
SPEAKERS = NameList(
    "speakers", "yinuo.pledges", "speaker", "pledges_alone", "speakers_named",
    ("speaker", "speaker_post", "promisers", *_COUNTS),
)  # fmt: skip
INDICATORS = NameList(
    "indicators", "yinuo.metrics", "indicator", "all_of_them", "indicators_named",
    ("indicator", "figures", "targets", "results", "expectations", "first_day", "last_day"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesQuestion:
    """A page of names: each holds every word."""

    names: NameList
    words: str = ""
    sort: str = ""
    after: str = ""

    @property
    def forms(self) -> list[str]:
        """The words as they are compared. Misuse for too many."""
        return asked_words(self.words)

    @property
    def order(self) -> str:
        """One of SORTS. Misuse for another."""
        if self.sort and self.sort not in SORTS:
            raise Misuse(f"sort: {self.sort[:40]!r} is none; there are {', '.join(SORTS)}")
        return self.sort or SORTS[0]

    @property
    def place(self) -> tuple[int | None, str] | None:
        """(rows, name) of the last name before. Misuse for what is no place."""
        if not self.after:
            return None
        try:
            padded = self.after + "=" * (-len(self.after) % 4)
            often, name = json.loads(base64.b64decode(padded, b"-_", validate=True))
            return (None if often is None else int(often)), str(name)
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise Misuse("after: no place in this list; start from its first page") from None


@dataclass(frozen=True, slots=True)
class NamesPage:
    """What is counted of the names of one page, in their order; a speaker has a row for each post."""

    rows: tuple[Mapping[str, Any], ...]
    next_after: str


async def names_page(connection: Connection, question: NamesQuestion) -> NamesPage:
    """One page. Misuse for a sort or place that there is not."""
    among = await _among(connection, question)
    found = await _fetch(connection, _names(question, among, question.place, PAGE_NAMES + 1))
    shown = found[:PAGE_NAMES]
    rows = await _counted(connection, question.names, [one["name"] for one in shown])
    more = len(found) > PAGE_NAMES
    return NamesPage(tuple(rows), _after(shown[-1]) if more else "")


async def all_names(connection: Connection, question: NamesQuestion) -> AsyncIterator[Mapping[str, Any]]:
    """The rows of every page, a few hundred names at a time."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        among = await _among(connection, question)
        place = question.place
        while True:
            found = await _fetch(connection, _names(question, among, place, EXPORTED_AT_ONCE))
            for row in await _counted(connection, question.names, [one["name"] for one in found]):
                yield row
            if len(found) < EXPORTED_AT_ONCE:
                return
            place = found[-1]["often"], found[-1]["name"]


async def _among(connection: Connection, question: NamesQuestion) -> list[str] | None:
    """The names that hold the words; None where there are no words."""
    if not question.forms:
        return None
    names = question.names
    found = await _fetch(connection, asked("names_with", names.table, names.column, question.forms))
    return [one["name"] for one in found]


def _names(
    question: NamesQuestion, among: list[str] | None, place: tuple[int | None, str] | None, most: int
) -> Asked:
    names = question.names
    often, name = place or (None, None)
    if question.order == "name":
        return asked("names_in_order", names.table, names.column, among, among, name, name, most)
    sql, values = asked("names_by_rows", among, among, often, often, often, name, most)
    sql = Sql(sql.replace("{often}", SQL[names.often]).replace("{table}", names.table))
    return Sql(sql.replace("{column}", names.column)), values


async def _counted(connection: Connection, names: NameList, wanted: Sequence[str]) -> list[dict[str, Any]]:
    assert names.counted in SQL
    found = await _fetch(connection, asked(names.counted, wanted))
    places = {name: place for place, name in enumerate(wanted)}
    rows = [{column: _value(column, record[column]) for column in names.columns} for record in found]
    return sorted(rows, key=lambda row: places[row[names.column]])


def _value(column: str, value: Any) -> Any:
    return json.loads(value or "[]") if column == "promisers" else value


def _after(last: Any) -> str:
    place = json.dumps([last["often"], last["name"]], ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


async def _fetch(connection: Connection, wanted: Asked) -> list[Any]:
    sql, values = wanted
    return await connection.fetch(sql, *values)

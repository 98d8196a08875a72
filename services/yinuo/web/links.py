"""Addresses of pages: a page's own query with one thing changed, and the addresses of articles, promisers, indicators."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

PLACE = ("after",)


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a list's address; every change starts from its first page again."""

    path: str
    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, path: str, parameters: QueryParams) -> Query:
        """Without language and empty ones."""
        given = parameters.multi_items()
        return cls(path, tuple((name, value) for name, value in given if value and name != "lang"))

    def toggled(self, name: str, value: str) -> str:
        """With the value if it is not there, without it if it is."""
        pair = (name, value)
        rest = [one for one in self.pairs if one != pair and one[0] not in PLACE]
        return self._address(rest if pair in self.pairs else [*rest, pair])

    def with_one(self, name: str, value: str) -> str:
        """With this as the name's only value; "" takes it away."""
        rest = [one for one in self.pairs if one[0] != name and one[0] not in PLACE]
        return self._address([*rest, (name, value)] if value else rest)

    def without(self, *names: str) -> str:
        """Without every value of these names."""
        return self._address([one for one in self.pairs if one[0] not in (*names, *PLACE)])

    def at(self, path: str) -> str:
        """The same question at another path."""
        return Query(path, self.pairs).without()

    def has(self, name: str, value: str) -> bool:
        """Whether the value is chosen."""
        return (name, value) in self.pairs

    def filters(self, *but: str) -> list[tuple[str, str]]:
        """Name and value of everything that filters."""
        return [one for one in self.pairs if one[0] not in (*but, "sort", *PLACE)]

    def _address(self, pairs: list[tuple[str, str]]) -> str:
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path


def article_address(article_id: str, row: str = "") -> str:
    """The article's page, at one of its rows."""
    own = article_query(article_id)
    address = "/article" if own else f"/articles/{quote(article_id, safe='')}"
    parts = "&".join(part for part in (own, f"row={quote(row, safe='')}" if row else "") if part)
    return address + (f"?{parts}" if parts else "") + ("#panel" if row else "")


def article_query(article_id: str) -> str:
    """What the query of an article's page must say of its id; "" where its path does.

    A browser takes `.` and `..` in a path for steps, however they are written.
    """
    return f"id={article_id}" if article_id in (".", "..") else ""


def rows_address(article_id: str) -> str:
    """Where an article's rows are asked for one by one: the row's name goes to its end."""
    own = article_query(article_id)
    return f"/article/rows?{own}&row=" if own else f"/articles/{quote(article_id, safe='')}/rows/"


def promiser_address(name: str) -> str:
    """The promiser's page."""
    return f"/promiser?{urlencode({'name': name})}"


def indicator_address(name: str) -> str:
    """The indicator's page."""
    return f"/indicator?{urlencode({'name': name})}"


def dead_address(identity: str) -> str:
    """The dead letter's page."""
    return f"/dead/{quote(identity, safe=':')}"

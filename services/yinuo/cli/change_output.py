"""How the changes of a re-reading are printed: as they come, so that memory does not grow with their number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yinuo.cli.console import print_line, remarks, results
from yinuo.cli.failures import complain
from yinuo.cli.formats import csv_text, plain
from yinuo.cli.words import Format

if TYPE_CHECKING:
    from rich.text import Text

    from yinuo.pipeline.rereading import Reread
    from yinuo.storage.comparing import Change

_TABLE_ROWS = 500
"""So many rows share one table's widths; more begin another table."""


@dataclass(slots=True)
class Totals:
    """What was counted over everything that was looked at, whatever the limit of the list."""

    articles: Counter[str] = field(default_factory=Counter)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)

    def add(self, reread: Reread) -> None:
        """Count one article; a row with several changed fields is one changed row."""
        self.articles[reread.outcome.value] += 1
        self.rows.update({(one.row, one.change): 0 for one in reread.changes})
        for row, change, _ in {(one.row, one.change, one.row_id) for one in reread.changes}:
            self.rows[row, change] += 1
        self.fields.update(f"{one.row}.{one.field}" for one in reread.changes if one.field)
        self.rules.update(
            rule for _, rules in {(one.row_id, one.cause) for one in reread.changes} for rule in rules.split()
        )

    @property
    def failed(self) -> int:
        """Articles that could not be read."""
        return self.articles["failed"]

    @property
    def changes(self) -> int:
        """Rows that come, go or change, those of the articles as a whole included."""
        return self.rows.total()

    def as_dict(self) -> dict[str, Any]:
        """For programs: articles by outcome, rows by kind and change, then what changed most and through what."""
        kinds = ("pledge", "metric", "article")
        return {
            "articles": {name: self.articles[name] for name in _OUTCOMES},
            **{
                kind: {change: self.rows[kind, change] for change in ("added", "removed", "changed")}
                for kind in kinds
            },
            "fields": dict(self.fields.most_common()),
            "rules": dict(self.rules.most_common()),
        }


_OUTCOMES: Mapping[str, str] = {
    "changed": "read, with changes",
    "same": "read, nothing differs",
    "current": "had been read by these rules",
    "kept": "were read by a newer release and stay",
    "failed": "cannot be read",
    "gone": "went meanwhile",
}


class Report:
    """Prints changes up to the limit and counts all of them."""

    def __init__(self, form: Format, limit: int, *, promoting: bool) -> None:
        """Nothing is printed yet; `limit` 0 is none."""
        self.promoting = promoting
        self.totals = Totals()
        self._form = form
        self._limit = limit
        self._printed = 0
        self._left_out = 0
        self._gathered: list[Change] = []

    def add(self, reread: Reread) -> None:
        """One article more; why it failed is said at once."""
        self.totals.add(reread)
        if reread.why:
            complain(f"{reread.article_id}: {reread.why}")
        for change in reread.changes:
            if self._limit and self._printed >= self._limit:
                self._left_out += 1
                continue
            self._print(change)
            self._printed += 1

    def end(self) -> None:
        """Print what is left, and the totals."""
        self._flush()
        totals = self.totals.as_dict()
        match self._form:
            case Format.JSON:
                opening = "" if self._printed else '{"changes": ['
                print_line(f'{opening}], "totals": {json.dumps(totals, ensure_ascii=False)}}}')
            case Format.JSONL:
                print_line(json.dumps({"totals": totals}, ensure_ascii=False))
            case Format.CSV:
                if not self._printed:
                    self._csv([])
                remarks().print(self._summary(), soft_wrap=True)
            case Format.TABLE:
                results().print(self._summary(), soft_wrap=True)
        if self._left_out and self._form is not Format.CSV and self._form is not Format.TABLE:
            remarks().print(self._cut(), style="dim", soft_wrap=True)

    def _print(self, change: Change) -> None:
        match self._form:
            case Format.JSON:
                opening = "," if self._printed else '{"changes": ['
                print_line(opening + json.dumps(change.as_dict(), ensure_ascii=False, default=plain))
            case Format.JSONL:
                print_line(json.dumps(change.as_dict(), ensure_ascii=False, default=plain))
            case Format.CSV:
                self._csv([change])
            case Format.TABLE:
                self._gathered.append(change)
                if len(self._gathered) == _TABLE_ROWS:
                    self._flush()

    def _csv(self, some: list[Change]) -> None:
        from yinuo.storage.comparing import CHANGE_FIELDS

        head, _, lines = csv_text([one.as_dict() for one in some], CHANGE_FIELDS).partition("\n")
        if not self._printed:
            print_line(head)
        if lines:
            print_line(lines.removesuffix("\n"))

    def _flush(self) -> None:
        if self._gathered:
            console = results()
            console.print(_table(self._gathered, console.width))
            self._gathered = []

    def _cut(self) -> str:
        return f"{self._printed} changes shown, {self._left_out} more: --limit N for another number, --limit 0 for all"

    def _summary(self) -> str:
        totals = self.totals
        lines = [self._cut()] if self._left_out else []
        lines += [
            f"{totals.articles[name]} {'article' if totals.articles[name] == 1 else 'articles'} {what}"
            for name, what in _OUTCOMES.items()
            if totals.articles[name]
        ] or ["no article is stored that fits"]
        for row in ("pledge", "metric"):
            counts = [f"{totals.rows[row, change]} {change}" for change in ("added", "removed", "changed")]
            lines.append(f"{row}s: {', '.join(counts)}")
        for name, counter in (("fields", totals.fields), ("rules", totals.rules)):
            if counter:
                most = ", ".join(f"{what} {count}" for what, count in counter.most_common(10))
                lines.append(f"{name}: {most}{' …' if len(counter) > 10 else ''}")
        if not self.promoting and totals.changes:
            lines.append("nothing was written; without --dry-run it is")
        return "\n".join(lines)


def _table(some: list[Change], width: int) -> Text:
    from yinuo.cli.tables import Column, lined_up

    columns = [
        Column("article_id", least=8, most=16),
        Column("row", 6, 7),
        Column("change", 7, 7),
        Column("field", 6, 14),
        Column("before", 6, 18),
        Column("after", 6, 18),
        Column("rules", 8, 30),
        Column("quote", least=10, takes_rest=True),
    ]
    return lined_up(columns, [_cells(one) for one in some], width)


def _cells(one: Change) -> list[str]:
    return [
        one.article_id,
        one.row,
        one.change,
        one.field or "-",
        _shown(one.before) if one.field else "-",
        _shown(one.after) if one.field else "-",
        one.cause or "-",
        one.quote or "-",
    ]


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=plain)
    return str(plain(value))

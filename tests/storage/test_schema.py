"""Law: the schema in use is what all migrations give from nothing; it is commented, and views keep their columns."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import typing
from enum import EnumType
from pathlib import Path
from typing import Any

import pydantic
import pytest

from storage.catalog import columns, comments, described
from yinuo.storage import rows
from yinuo.storage.dead_letters import DeadLetterSummary, StoredDeadLetter
from yinuo.storage.sql_files import statements
from yinuo.storage.view_rows import DueRow, MetricRow, PledgeRow, SearchRow, SilentRow, TargetRow
from yinuo_schemas import Article, DeadLetter, Extraction, Metric, Passage, Pledge

HERE = Path(__file__).parent
EXPECTED = HERE / "expected_schema.txt"
RELEASED_VIEWS = HERE / "released_views.json"
SQL = Path(rows.__file__).parent / "sql"
UPDATE = "UPDATE_SCHEMA=1 pytest tests/storage/test_schema.py, then look at the difference"

VIEWS = (
    "current_pledges", "current_metrics", "article_evidence", "promisers",
    "due_pledges", "pledge_targets", "speakers", "indicators", "silent_pledges",
)  # fmt: skip


def anew() -> bool:
    return bool(os.environ.get("UPDATE_SCHEMA"))


async def test_the_migrations_give_the_schema_in_use(connection: Any) -> None:
    found = await described(connection)
    if anew():
        EXPECTED.write_text(found, "utf-8")
    assert found == EXPECTED.read_text("utf-8"), UPDATE


async def test_every_table_view_and_column_has_a_comment(connection: Any) -> None:
    assert [name for name, comment in (await comments(connection)).items() if not comment] == []
    await connection.execute("CREATE TABLE yinuo.planted (silent text)")
    silent = [name for name, comment in (await comments(connection)).items() if not comment]
    assert silent == ["planted", "planted.silent"]


def kept(released: dict[str, list[str]], now: dict[str, list[str]]) -> bool:
    """Whether every released view still begins with the columns it had."""
    return all(now.get(view, [])[: len(names)] == names for view, names in released.items())


async def test_views_keep_their_columns(connection: Any) -> None:
    """Taken out of the list, put elsewhere or renamed, a column breaks who reads the view. New ones go to the end."""
    now = {view: await columns(connection, view) for view in VIEWS}
    if anew():
        RELEASED_VIEWS.write_text(json.dumps(now, indent=1) + "\n", "utf-8")
    released = json.loads(RELEASED_VIEWS.read_text("utf-8"))
    assert kept(released, now)
    assert set(now) == set(released), UPDATE
    for change in (lambda names: names[1:], lambda names: names[::-1], lambda names: ["x", *names]):
        assert not kept(released, now | {"promisers": change(now["promisers"])})
    assert kept(released, now | {"promisers": [*now["promisers"], "new"]})


def column_names(model: type[pydantic.BaseModel], prefix: str = "") -> list[str]:
    """Columns that the contract makes of a message's fields: `span_start`, nested ones joined, lists as they are."""
    found = []
    for name, field in model.model_fields.items():
        nested = nested_model(field.annotation)
        if nested is not None:
            found += column_names(nested, f"{prefix}{name}_")
        else:
            found.append(f"span_{name}" if not prefix and name in ("start", "end") else f"{prefix}{name}")
    return found


def nested_model(annotation: Any) -> type[pydantic.BaseModel] | None:
    if typing.get_origin(annotation) in (list, dict):
        return None
    for option in (annotation, *typing.get_args(annotation)):
        if isinstance(option, type) and issubclass(option, pydantic.BaseModel):
            return option
    return None


def test_every_field_of_the_messages_has_its_column() -> None:
    assert list(rows.PLEDGES.content) == column_names(Pledge)
    assert list(rows.METRICS.content) == column_names(Metric)
    assert set(rows.PASSAGE_COLUMNS) - set(rows.STAMP) - {"article_id", "ordinal"} == set(
        column_names(Passage)
    )
    of_extraction = {"reference_date", "reference_basis", "skipped"}
    assert of_extraction < set(Extraction.model_fields)
    assert set(rows.ARTICLE_CONTENT) | {"article_id"} == set(Article.model_fields) | of_extraction | {
        "content_hash"
    }


async def test_rows_are_written_into_all_columns(connection: Any) -> None:
    made_elsewhere = {"search_tokens", "name_tokens", "history_id"}
    for table, written in {
        "articles": rows.ARTICLE_COLUMNS,
        "article_history": rows.ARTICLE_HISTORY_COLUMNS,
        "passages": rows.PASSAGE_COLUMNS,
        "pledges": rows.PLEDGES.columns,
        "pledge_history": rows.PLEDGES.history_columns,
        "metrics": rows.METRICS.columns,
        "metric_history": rows.METRICS.history_columns,
    }.items():
        assert set(await columns(connection, table)) - made_elsewhere == set(written), table


async def test_rows_read_have_a_field_for_each_column(connection: Any) -> None:
    def fields(kind: Any) -> list[str]:
        return [field.name for field in dataclasses.fields(kind)]

    assert fields(PledgeRow) == await columns(connection, "current_pledges")
    assert fields(MetricRow) == await columns(connection, "current_metrics")
    light, days_left, *others = await columns(connection, "due_pledges")
    assert fields(DueRow) == [*others, light, days_left]
    looked_for, *due = await columns(connection, "silent_pledges")
    assert sorted(fields(SilentRow)) == sorted([*due, looked_for])
    assert fields(TargetRow) == await columns(connection, "pledge_targets")
    found = await connection.prepare(statements("reading")["search"])
    assert fields(SearchRow) == [attribute.name for attribute in found.get_attributes()]
    one = await connection.prepare(statements("dead_letters")["one"])
    assert fields(StoredDeadLetter) == [attribute.name for attribute in one.get_attributes()]
    some = await connection.prepare(statements("dead_letters")["find"])
    assert fields(DeadLetterSummary) == [attribute.name for attribute in some.get_attributes()]


def enums(model: type[pydantic.BaseModel]) -> dict[str, EnumType]:
    return {
        name: field.annotation
        for name, field in model.model_fields.items()
        if isinstance(field.annotation, EnumType)
    }


async def test_comments_name_every_value_of_a_closed_list(connection: Any) -> None:
    found = await comments(connection)
    lists: list[tuple[str, type[pydantic.BaseModel]]] = [
        ("pledges", Pledge), ("metrics", Metric), ("passages", Passage), ("articles", Extraction),
        ("dead_letters", DeadLetter),
    ]  # fmt: skip
    checked = 0
    for table, model in lists:
        for column, values in enums(model).items():
            words = set(re.findall(r"\w+", found[f"{table}.{column}"] or ""))
            assert {value.value for value in values} <= words, f"{table}.{column}"
            checked += 1
    assert checked == 14


# Parts that `explorer.py` puts together from its own names; tests/storage and tests/web ask each question they make.
PARTS = {"explorer"}


def whole_files() -> list[Path]:
    return [file for file in SQL.glob("*.sql") if file.stem not in PARTS]


async def test_every_statement_fits_the_schema(connection: Any) -> None:
    for file in whole_files():
        for statement in statements(file.stem).values():
            await connection.prepare(statement)


def test_every_statement_is_used_and_every_used_one_is_there() -> None:
    code = {path: path.read_text("utf-8") for path in SQL.parent.glob("*.py")}
    for file in whole_files():
        users = "".join(text for text in code.values() if f'statements("{file.stem}")' in text)
        assert set(re.findall(r'_SQL\["(\w+)"\]', users)) >= set(statements(file.stem)), file.name
    for path, text in code.items():
        known = {name for stem in re.findall(r'= statements\("(\w+)"\)', text) for name in statements(stem)}
        assert set(re.findall(r'_SQL\["(\w+)"\]', text)) <= known, path.name


SPOKEN = re.compile(r"""["']\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|GRANT)\s""")


def test_sql_stands_in_sql_files_only() -> None:
    services = SQL.parent.parent
    found = [
        path.relative_to(services).as_posix()
        for path in services.rglob("*.py")
        if SPOKEN.search(path.read_text("utf-8"))
    ]
    assert found == []
    assert SPOKEN.search('await connection.fetch("SELECT 1")')


def test_a_statement_named_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "twice.sql").write_text("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;\n", "utf-8")
    monkeypatch.setattr("yinuo.storage.sql_files.resources.files", lambda _: tmp_path)
    with pytest.raises(ValueError, match="two statements"):
        statements("twice")

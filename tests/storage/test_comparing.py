"""What other rules make of an article: shown row by row, before it is let in, and the same once it is."""

from __future__ import annotations

from typing import Any

import pytest

from storage.samples import METRICS, PLEDGES, TEXT, message, metric, pledge
from storage.tables import contents
from yinuo.storage.comparing import Change, changes
from yinuo.storage.rereading import (
    Promotion,
    Selection,
    Stored,
    count_stored,
    promote,
    stored,
    stored_forms,
    would_replace,
)
from yinuo.storage.store import Store
from yinuo_schemas import Extraction


def read_anew(**fields: Any) -> Extraction:
    return message(digest="d2", **fields).extraction


async def held(connection: Any, article_id: str = "a") -> Stored:
    return (await stored(connection, [article_id]))[article_id]


async def differences(connection: Any, extraction: Extraction) -> tuple[Change, ...]:
    one = await held(connection)
    return changes(one.held, one.passages, extraction)


@pytest.fixture
async def filled(store: Store) -> Store:
    await store.write_batch([message("a")])
    return store


@pytest.mark.usefixtures("filled")
async def test_the_same_rows_have_no_difference(connection: Any) -> None:
    assert await differences(connection, read_anew()) == ()


@pytest.mark.usefixtures("filled")
async def test_each_kind_of_change_is_told_with_its_rules(connection: Any) -> None:
    changed = pledge(TEXT, PLEDGES[0], due=None, rules=["cue.guarantee", "due.none"])
    found = await differences(
        connection,
        read_anew(
            pledges=[changed],
            metrics=[METRICS[0], metric(TEXT, "增长8%", rules=["metric.growth"]), METRICS[1]],
            extracted={"skipped": [], "reference_date": None},
        ),
    )
    told = [(one.row, one.change, one.field, one.cause) for one in found]
    assert told == [
        ("pledge", "changed", "due", "+due.none"),
        ("pledge", "removed", None, "-cue.guarantee"),
        ("metric", "added", None, "+metric.growth"),
        ("article", "changed", "reference_date", ""),
        ("article", "changed", "skipped", ""),
    ]
    due = found[0]
    assert (str(due.before), due.after, due.quote) == ("2025-12-31", None, PLEDGES[0])
    assert TEXT[due.span_start : due.span_end] == PLEDGES[0]
    assert found[-1].before == [{"start": 0, "end": 1, "reason": "date"}]
    assert found[-1].after == []


@pytest.mark.usefixtures("filled")
async def test_rules_are_a_change_only_where_nothing_else_is(connection: Any) -> None:
    found = await differences(
        connection, read_anew(pledges=[pledge(TEXT, PLEDGES[0], rules=["x"]), PLEDGES[1]])
    )
    assert [(one.field, one.before, one.after, one.cause) for one in found] == [
        ("rules", ["cue.guarantee"], ["x"], "+x -cue.guarantee")
    ]


@pytest.mark.usefixtures("filled")
async def test_passages_that_differ_are_told(connection: Any) -> None:
    body = {"start": 0, "end": 3, "kind": "body", "speaker": None}
    (found,) = await differences(connection, read_anew(extracted={"passages": [body]}))
    assert found.field == "passages"
    assert [one["kind"] for one in found.before] == ["answer"]
    assert [(one["kind"], one["span_end"]) for one in found.after] == [("body", 3)]


async def test_a_promotion_is_what_the_writer_would_have_written(store: Store, connection: Any) -> None:
    new = read_anew(pledges=[pledge(TEXT, PLEDGES[0], due=None)], metrics=METRICS[:1])
    await store.write_batch([message("a")])
    assert await promote(connection, (await held(connection)).form, new) is Promotion.DONE
    promoted = await contents(connection)
    assert await differences(connection, new) == ()
    assert {row["reason"] for row in await connection.fetch("SELECT reason FROM yinuo.pledge_history")} == {
        "rules"
    }
    await connection.execute("DELETE FROM yinuo.articles")
    for table in ("article_history", "pledge_history", "metric_history"):
        await connection.execute(f"DELETE FROM yinuo.{table}")
    await store.write_batch([message("a")])
    writer = message("a", digest="d2", pledges=[pledge(TEXT, PLEDGES[0], due=None)], metrics=METRICS[:1])
    await store.write_batch([writer])
    assert await contents(connection) == promoted


@pytest.mark.parametrize(
    ("version", "digest", "replaces"),
    [("1.0.0", "d1", False), ("1.0.0", "d2", True), ("0.9.9", "d2", False), ("1.0.1", "d1", True)],
)
async def test_the_guards_are_the_writers(
    store: Store, connection: Any, version: str, digest: str, replaces: bool
) -> None:
    await store.write_batch([message("a")])
    form = (await held(connection)).form
    new = message("a", version=version, digest=digest, pledges=()).extraction
    before = await contents(connection)
    assert would_replace(form, new.extractor) is replaces
    promotion = await promote(connection, form, new)
    assert promotion is (Promotion.DONE if replaces else Promotion.REFUSED)
    assert (await contents(connection) != before) is replaces


@pytest.mark.usefixtures("filled")
async def test_an_article_that_changed_or_went_meanwhile_is_left_as_it_is(
    store: Store, connection: Any
) -> None:
    form, new = (await held(connection)).form, read_anew(pledges=())
    await store.write_batch([message("a", "改了。", revision=1)])
    before = await contents(connection)
    assert await promote(connection, form, new) is Promotion.RACED
    assert await contents(connection) == before
    await connection.execute("DELETE FROM yinuo.articles")
    assert await promote(connection, form, new) is Promotion.GONE


async def test_the_selection(store: Store, connection: Any) -> None:
    await store.write_batch([message("a", source="西海岸报"), message("b", source="Daily"), message("c")])
    await connection.execute("UPDATE yinuo.articles SET received_at = '2020-01-01' WHERE article_id = 'c'")
    moment = (await connection.fetchval("SELECT now()")).replace(year=2021)

    async def ids(**wanted: Any) -> str:
        pages = [page async for page in stored_forms(connection, Selection(**wanted))]
        found = "".join(article_id for page in pages for article_id, _ in page)
        assert await count_stored(connection, Selection(**wanted)) == len(found)
        return found

    assert await ids() == "abc"
    assert await ids(source="海岸") == "a"
    assert await ids(source="daily") == "b"
    assert await ids(since=moment) == "ab"
    assert await ids(articles=["c", "x"]) == "c"
    assert await ids(articles=["c"], since=moment) == ""


async def test_pages_meet_every_article_once(
    store: Store, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yinuo.storage.rereading._PAGE", 3)
    await store.write_batch([message(f"a{number}") for number in range(10)])
    pages = [page async for page in stored_forms(connection, Selection())]
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert [article_id for page in pages for article_id, _ in page] == [f"a{number}" for number in range(10)]

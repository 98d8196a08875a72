"""Names that stand in no text as they are: the writer keeps their tokens, the migration made the same of what stood."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from storage.samples import message, metric, pledge
from yinuo.storage.searching import name_tokens, search_tokens
from yinuo.storage.store import Store

MIGRATION = Path(__file__).parents[2] / "schemas" / "postgres" / "0008_whose_and_when.sql"
TEXT = "全市力争接待游客3万人次。其中:境外ＡＢ4千人次。"
TOKENS = "SELECT name_tokens FROM yinuo.articles ORDER BY article_id"


def read(indicator: str | None, promiser: str | None = "全市", text: str = TEXT) -> dict[str, Any]:
    return {
        "text": text,
        "pledges": [pledge(text, "力争接待游客3万人次", promiser=promiser)],
        "metrics": [metric(text, "3万人次", indicator=indicator)],
    }


@pytest.mark.parametrize(
    ("indicator", "promiser", "kept"),
    [
        ("接待游客", "全市", []),
        ("境外ab", "全市", []),
        ("境外游客", "全市", search_tokens("境外游客")),
        (None, None, []),
        (None, "市政府", search_tokens("市政府")),
    ],
)
async def test_names_put_together_are_kept(
    store: Store, connection: Any, indicator: str | None, promiser: str | None, kept: list[str]
) -> None:
    await store.write_batch([message(**read(indicator, promiser))])
    assert await connection.fetchval(TOKENS) == kept


async def test_a_title_holds_names_too(store: Store, connection: Any) -> None:
    await store.write_batch([message(title="境外\n游客", **read("境外游客"))])
    assert await connection.fetchval(TOKENS) == []


async def test_they_change_with_the_rows(store: Store, connection: Any) -> None:
    await store.write_batch([message(**read("境外游客"))])
    await store.write_batch([message(version="1.1.0", digest="d2", **read("接待游客"))])
    assert await connection.fetchval(TOKENS) == []


async def test_the_migration_makes_the_same(store: Store, connection: Any) -> None:
    names = ("境外游客", "接待游客", "境外ab", "ＡＢ市", None)
    await store.write_batch([message(f"a{n}", **read(name, name)) for n, name in enumerate(names)])
    written = await connection.fetch(TOKENS)
    assert [bool(row["name_tokens"]) for row in written] == [True, False, False, True, False]
    await connection.execute("UPDATE yinuo.articles SET name_tokens = '{}'")
    assert await connection.fetch(TOKENS) != written
    (made,) = re.findall(r"^UPDATE .*?;$", MIGRATION.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    await connection.execute(made)
    assert await connection.fetch(TOKENS) == written


@pytest.mark.parametrize("words", ["游客", "外游", "境外游客", "游", "ab", "外a", "外游 人次", ""])
async def test_what_may_hold_words_is_all_that_does(store: Store, connection: Any, words: str) -> None:
    """`articles_with` leaves out no article that has a row with the words."""
    await store.write_batch(
        [
            message("put", **read("境外游客")),
            message("plain", **read("接待游客")),
            message("other", text="全市的事。", pledges=[], metrics=[]),
        ]
    )
    found = {row[0] for row in await connection.fetch("SELECT yinuo.articles_with($1)", words.split())}
    held = await connection.fetch("SELECT article_id, text FROM yinuo.articles")
    names = {"put": "境外游客", "plain": "接待游客", "other": ""}
    for row in held:
        if all(
            word in row["text"].replace("ＡＢ", "ab") or word in names[row["article_id"]]
            for word in words.split()
        ):
            assert row["article_id"] in found


def test_name_tokens() -> None:
    assert name_tokens(["甲乙", None, "", "乙丙"], "甲 乙", None) == search_tokens("乙丙")

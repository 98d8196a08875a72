"""Search: one definition of tokens in Python and SQL; everything that a linear scan finds, and nothing else."""

from __future__ import annotations

import json
import random
import subprocess
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.samples import message, position
from yinuo.storage import searching
from yinuo.storage.store import Store

VECTORS = json.loads((Path(__file__).parent / "search_vectors.json").read_text("utf-8"))
ROOT = Path(__file__).parents[2]


def shared_texts() -> Path:
    """Texts beside the checkout; for a second working tree, beside the first."""
    first = subprocess.run(
        ["git", "rev-parse", "--path-format=absolute", "--git-common-dir"],
        cwd=ROOT, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    return (Path(first).parent if first else ROOT).parent / "shared" / "corpus" / "texts"


SHARED = shared_texts()

WORDS = (
    "停车场", "琅琊镇", "项目", "镇", "亿", "GDP", "gdp", "A", "5", "%", "2023年", "，", "高质量发展", "旅游", "西海岸",
    "新区", "建设", "工作 项目", "确保 年", "停车场 镇", "不见于此的词", "车停", "the", "乡村振兴", "教育", "人才",
)  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS, ids=[ascii(vector["text"]) for vector in VECTORS])
def test_vectors_in_python(vector: dict[str, Any]) -> None:
    assert searching.search_form(vector["text"]) == vector["form"]
    assert searching.search_tokens(vector["text"]) == vector["tokens"]
    assert searching.search_words(vector["text"]) == vector["words"]


async def test_vectors_in_sql(connection: Any) -> None:
    for vector in VECTORS:
        for name in ("form", "tokens", "words"):
            found = await connection.fetchval(f"SELECT yinuo.search_{name}($1)", vector["text"])
            assert found == vector[name], (vector["text"], name)


async def test_both_give_the_same_for_every_character_of_a_page(connection: Any) -> None:
    """All of the basic plane that Postgres 15's Unicode (14) and Python's know alike, in one go."""
    known = "".join(
        chr(code)
        for code in range(1, 0x10000)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co") and code not in range(0xD800, 0xE000)
    )
    for start in range(0, len(known), 500):
        part = "|".join(known[start : start + 500])
        assert await connection.fetchval("SELECT yinuo.search_form($1)", part) == searching.search_form(part)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 50), st.integers(1, 5))
def test_each_substring_has_its_tokens_in_the_text(text: str, start: int, length: int) -> None:
    form = searching.search_form(text)
    part = form[start : start + length]
    pairs = {part[at : at + 2] for at in range(len(part) - 1)} or set(part)
    assert pairs <= set(searching.search_tokens(text))


def texts() -> list[str]:
    found = [path.read_bytes() for path in sorted((ROOT / "seeds").glob("*.txt"))]
    if SHARED.is_dir():
        found += [path.read_bytes() for path in sorted(SHARED.rglob("*.txt"))]
    return [raw.decode("utf-8" if _is_utf8(raw) else "gb18030") for raw in found]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


async def stored(store: Store, given: list[str], **fields: Any) -> None:
    await store.write_batch(
        [
            message(f"a{number:04}", text, pledges=[], metrics=[], raw=position(number), **fields)
            for number, text in enumerate(given)
        ]
    )


def scanned(given: list[str], question: str) -> set[str]:
    """What holds all words, looked for one text after the other."""
    words = [searching.search_form(word) for word in question.split()]
    return {
        f"a{number:04}"
        for number, text in enumerate(given)
        if all(word in searching.search_form(text) for word in words)
    }


async def found(connection: Any, question: str, most: int | None = None) -> list[str]:
    rows = await connection.fetch("SELECT article_id FROM yinuo.search($1, $2)", question, most)
    return [row["article_id"] for row in rows]


async def test_search_finds_what_a_linear_scan_finds(store: Store, connection: Any) -> None:
    given = texts()
    assert len(given) >= 8
    await stored(store, given)
    substrings = {
        text[at : at + size] for text in given for at in range(0, len(text), 61) for size in (1, 2, 3, 6)
    }
    questions = [*WORDS, *sorted(word for word in substrings if word.split())]
    right = wrong = missed = 0
    for question in questions:
        expected, answer = scanned(given, question), set(await found(connection, question))
        right, wrong, missed = (
            right + len(expected & answer), wrong + len(answer - expected), missed + len(expected - answer),
        )  # fmt: skip
    assert right > 1000
    assert missed == 0
    assert right / (right + wrong) >= 0.99


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared corpus is not beside this checkout: seeds alone are searched"
)
def test_the_corpus_is_among_what_is_searched() -> None:
    assert len(texts()) > 10


async def test_pairs_apart_are_no_hit(store: Store, connection: Any) -> None:
    """The planted false hit: both pairs of 停车场 are there, the word is not."""
    await stored(store, ["停车很难,车场很远", "有停车\n场", "停车场"])
    assert sorted(await found(connection, "停车场")) == ["a0001", "a0002"]


async def test_title_and_text_are_searched_and_not_their_seam(store: Store, connection: Any) -> None:
    await stored(store, ["乙丙"], title="标题甲")
    assert await found(connection, "题甲") == ["a0000"]
    assert await found(connection, "标题甲") == ["a0000"]
    assert await found(connection, "标题 乙丙") == ["a0000"]
    assert await found(connection, "甲乙") == []


async def test_a_changed_article_is_found_by_its_new_words(store: Store, connection: Any) -> None:
    await store.write_batch([message("a", "旧的词", pledges=[], metrics=[])])
    await store.write_batch([message("a", "新的话", pledges=[], metrics=[], raw=position(1))])
    assert await found(connection, "旧的") == []
    assert await found(connection, "新的") == ["a"]


async def test_the_best_come_first(store: Store, connection: Any) -> None:
    filler = "其他的事情。" * 100
    await stored(store, ["学校" + filler, "学校学校学校" + filler, filler])
    await store.write_batch(
        [message("t", filler + "学校", title="学校", pledges=[], metrics=[], raw=position(9))]
    )
    rows = await connection.fetch("SELECT * FROM yinuo.search('学校')")
    assert [(row["article_id"], row["hits"]) for row in rows] == [("t", 1), ("a0001", 3), ("a0000", 1)]


async def test_equals_come_newest_first_and_at_most_so_many(store: Store, connection: Any) -> None:
    for number in range(4):
        await store.write_batch(
            [
                message(
                    f"a{number}", "学校", pledges=[], metrics=[], raw=position(number),
                    published_on=date(2024, 1, 1) + timedelta(days=number),
                )
            ]
        )  # fmt: skip
    assert await found(connection, "学校") == ["a3", "a2", "a1", "a0"]
    assert await found(connection, "学校", 2) == ["a3", "a2"]
    assert await found(connection, "学校", 0) == []


async def test_the_first_hit_is_shown_where_it_stands(store: Store, connection: Any) -> None:
    text = "𠮷。" + "甲" * 30 + "新建停车\n  场三处。" + "乙" * 60
    await stored(store, [text])
    row = (await connection.fetch("SELECT * FROM yinuo.search('停车场 乙')"))[0]
    assert text[row["hit_start"] : row["hit_end"]] == "停车\n  场"
    assert row["excerpt"] == "甲" * 18 + "新建停车 场三处。" + "乙" * 37
    assert (row["pledges"], row["metrics"]) == (0, 0)


async def test_no_word_finds_nothing(store: Store, connection: Any) -> None:
    await stored(store, ["甲 乙"])
    for question in ("", " ", "\t\n", "\u200b"):
        assert await found(connection, question) == []


async def test_words_are_words(store: Store, connection: Any) -> None:
    words = ["(", "[a", "a{2}", "\\", "';DROP", "%", "_", "$1", "a|b", "^"]
    await stored(store, [*(f"有{word}的" for word in words), "甲乙丙 aa ab 1"])
    for number, word in enumerate(words):
        rows = await connection.fetch("SELECT article_id, hit_start FROM yinuo.search($1)", word)
        assert [tuple(row) for row in rows] == [(f"a{number:04}", 1)], word


async def test_an_article_of_the_greatest_length_is_taken(store: Store, connection: Any) -> None:
    """200,000 characters of which hardly a pair repeats: more tokens than a tsvector would hold."""
    characters = random.Random(0)
    text = "".join(chr(0x4E00 + characters.randrange(20_000)) for _ in range(200_000))
    await stored(store, [text])
    assert await found(connection, text[100_000:100_010]) == ["a0000"]
    assert await connection.fetchval("SELECT cardinality(search_tokens) FROM yinuo.articles") > 100_000

"""Articles of every form come out as rows; what is none comes out as a dead letter; a repeat changes nothing."""

from __future__ import annotations

import json

import pytest

from pipeline.stage import Stage, article

pytestmark = pytest.mark.asyncio(loop_scope="module")

COUNT = "select count(*) from yinuo.articles where article_id = $1"
AT = "source_topic = $1 and source_partition = $2 and source_offset = $3"
DEAD = f"select stage || '/' || type from yinuo.dead_letters where {AT}"


async def test_an_article_becomes_rows(running: Stage) -> None:
    sent = await running.send(article(1), key=b"a1")
    await running.settled(COUNT, "a1", wanted=1)
    row = (await running.rows("select * from yinuo.articles where article_id = 'a1'"))[0]
    assert (row["source_topic"], row["source_partition"], row["source_offset"]) == (
        running.prefix + "articles.raw", sent.partition, sent.offset,
    )  # fmt: skip
    pledges = await running.rows(
        "select quote, due::text, firmness from yinuo.current_pledges where article_id = 'a1'"
    )
    assert [tuple(row) for row in pledges] == [("到2026年底，新建农村公路1公里", "2026-12-31", "guarantee")]


async def test_plain_text_in_gb18030_with_its_metadata_in_headers(running: Stage) -> None:
    text = "今年，东湖区将新建停车场2处。"
    await running.send(
        text.encode("gb18030"),
        headers=[("article_id", b"gb"), ("published_on", b"2023-01-10"), ("source", "晚报".encode())],
    )
    await running.settled(COUNT, "gb", wanted=1)
    row = (await running.rows("select text, source from yinuo.articles where article_id = 'gb'"))[0]
    assert (row["text"], row["source"]) == (text, "晚报")
    assert await running.value("select due::text from yinuo.pledges where article_id = 'gb'") == "2023-12-31"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "decode/empty"),
        (b" \n", "decode/blank"),
        (b"\x00\x01", "decode/binary"),
        (b"\xff\xff\xff", "decode/encoding"),
        (b"{nothing", "decode/json"),
        (b'{"text": "x", "colour": 1}', "validate/unknown_field"),
        (b'{"text": 1}', "validate/wrong_type"),
        (b'{"text": "x", "published_on": "2023-1-1"}', "validate/bad_date"),
        (b'{"text": "x", "article_id": "a b"}', "validate/bad_id"),
    ],
)
async def test_what_is_no_article_becomes_a_dead_letter(running: Stage, value: bytes, reason: str) -> None:
    sent = await running.send(value, key=b"k")
    at = (running.prefix + "articles.raw", sent.partition, sent.offset)
    await running.settled(f"select coalesce(({DEAD}), '')", *at, wanted=reason)
    kept = await running.value(
        "select value from yinuo.dead_letters where source_topic = $1 and source_partition = $2 and source_offset = $3",
        *at,
    )
    assert kept == value


async def test_a_repeat_changes_nothing_and_an_older_revision_neither(running: Stage) -> None:
    newer = json.dumps({"text": "今年，东湖区将新建学校。", "article_id": "r", "revision": 2}).encode()
    older = json.dumps({"text": "今年，东湖区将新建医院。", "article_id": "r", "revision": 1}).encode()
    await running.send(newer, key=b"r")
    await running.settled(COUNT, "r", wanted=1)
    before = await running.rows("select xmin::text, * from yinuo.articles where article_id = 'r'")
    for value in (newer, older, newer):
        await running.send(value, key=b"r")
    await running.send(article(99), key=b"r")
    await running.settled(COUNT, "a99", wanted=1)
    assert await running.rows("select xmin::text, * from yinuo.articles where article_id = 'r'") == before


async def test_a_newer_revision_replaces_and_leaves_history(running: Stage) -> None:
    for revision, thing in ((1, "学校"), (2, "医院")):
        value = {"text": f"今年，东湖区将新建{thing}。", "article_id": "h", "revision": revision}
        await running.send(json.dumps(value).encode(), key=b"h")
    await running.settled("select max(revision) from yinuo.articles where article_id = 'h'", wanted=2)
    assert [
        row["quote"] for row in await running.rows("select quote from yinuo.pledges where article_id = 'h'")
    ] == ["今年，东湖区将新建医院"]
    assert await running.value("select count(*) from yinuo.pledge_history where article_id = 'h'") == 1

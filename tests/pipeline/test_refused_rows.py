"""A row that the database refuses, in the middle of good ones: it alone becomes a dead letter, with its own bytes."""

from __future__ import annotations

import json

from pipeline.stage import Stage, article, until

ARTICLES = "select count(*) from yinuo.articles"
MISQUOTED = (7, 8, 30)


def marked(number: int) -> bytes:
    return json.dumps({**json.loads(article(number)), "title": "MISQUOTE"}).encode()


async def test_refused_rows_alone_are_dead_and_their_neighbours_stored(stage: Stage) -> None:
    extractor = stage.start("extractor", handler="faulty:misquoting_marked_articles")
    for number in range(40):
        value = marked(number) if number in MISQUOTED else article(number)
        await stage.send(value, key=b"a%d" % number, partition=0)

    async def all_read() -> bool:
        return len(await stage.messages("articles.extracted")) == 40

    await until(all_read)
    # Only now, so that they come in one batch.
    writer = stage.start("writer")
    await stage.settled(ARTICLES, wanted=40 - len(MISQUOTED))
    await stage.settled("select count(*) from yinuo.dead_letters", wanted=len(MISQUOTED))
    names = {f"a{number}".encode() for number in MISQUOTED}
    refused = [one for one in await stage.messages("articles.extracted") if one.key in names]
    letters = await stage.rows("select * from yinuo.dead_letters")
    assert {(row["stage"], row["type"], row["state"]) for row in letters} == {("write", "db_data", "new")}
    topic = stage.prefix + "articles.extracted"
    assert {
        (row["source_topic"], row["source_partition"], row["source_offset"]): (row["key"], row["value"])
        for row in letters
    } == {(topic, one.partition, one.offset): (one.key, one.value) for one in refused}
    assert all("check constraint" in row["message"] for row in letters)
    await stage.all_ingested()
    await stage.send(article(99), partition=1)
    await stage.settled(ARTICLES, wanted=40 - len(MISQUOTED) + 1)
    assert (await extractor.stop(), await writer.stop()) == (0, 0)

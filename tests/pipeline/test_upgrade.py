"""Releases follow each other on topics that are full: what an older one wrote is taken, what a newer one writes waits.

The messages of each release stand in `schemas/released`. Laws: every one of them comes to what its release said; a
message of a newer major schema stops its partition, loudly, and the release that knows it stores it and all behind it;
a release whose rows the database refuses stops the writer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import servers
from pipeline.stage import START, Stage, article, until
from yinuo_schemas import DeadLetter, SourcePosition
from yinuo_schemas.extraction import SCHEMA_HEADER
from yinuo_schemas.topic_files import SCHEMAS, Example, load_examples, load_topics

RELEASES = sorted((SCHEMAS / "released").iterdir())
LARGEST = 7 * 1024 * 1024
KNOWS_MAJOR_2 = "import yinuo.pipeline.consumed\nyinuo.pipeline.consumed.SCHEMA_MAJOR = 2\n"
"""Put before a service's program: the release after this one, as far as the writer can tell."""
LETTER_AT = (
    "select coalesce(max(coalesce(stage || ' ' || type, 'as it is')), '') from yinuo.dead_letters "
    "where source_topic = $1 and source_partition = $2 and source_offset = $3"
)


@pytest.fixture
def broker(embedded_broker: servers.Broker) -> Iterator[servers.Broker]:
    yield embedded_broker


def released(release: Path, topic: str) -> list[Example]:
    return [
        one for one in load_examples(load_topics(release)[topic], release) if len(one.value or b"") < LARGEST
    ]


def reason(example: Example) -> str:
    error = example.case.error
    return f"{error.stage} {error.type}" if error else ""


async def sent(stage: Stage, topic: str, examples: list[Example]) -> list[tuple[Example, Any]]:
    return [
        (one, await stage.send(one.value, key=one.key, headers=one.headers, topic=topic, partition=0))
        for one in examples
    ]


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
async def test_articles_of_a_release_come_to_what_it_said(stage: Stage, release: Path) -> None:
    for name in ("extractor", "writer"):
        await stage.start(name).ready()
    messages = await sent(stage, "articles.raw", released(release, "articles.raw"))
    await stage.send(article(1), partition=0)
    await stage.settled("select count(*) from yinuo.articles where article_id = 'a1'", wanted=1)
    read = {
        offset_of(one): json.loads(one.value)["article"] for one in await stage.messages("articles.extracted")
    }
    dead = {
        offset_of(one): DeadLetter.from_message(one.key, one.value, one.headers)
        for one in await stage.messages("articles.dead")
    }
    for example, at in messages:
        if example.valid:
            found = read[at.offset]
            assert example.case.article.items() <= found.items(), example.name
        else:
            letter = dead[at.offset]
            assert f"{letter.stage} {letter.type}" == reason(example), example.name
    assert len(read) + len(dead) == len(messages) + 1
    ids = {one["article_id"] for one in read.values()}
    await stage.settled("select count(*) from yinuo.articles", wanted=len(ids))
    await stage.settled("select count(*) from yinuo.dead_letters", wanted=len(dead))


def offset_of(record: Any) -> int:
    """Where the raw message stood."""
    return SourcePosition.from_headers(record.headers).offset


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
async def test_what_a_release_put_between_the_services_is_taken(stage: Stage, release: Path) -> None:
    await stage.start("writer").ready()
    examples = [one for one in released(release, "articles.extracted") if one.case.outcome is None]
    for example, at in await sent(stage, "articles.extracted", examples):
        if example.valid:
            name = json.loads(example.value or b"")["article"]["article_id"]
            await stage.settled("select count(*) from yinuo.articles where article_id = $1", name, wanted=1)
        await stage.settled(LETTER_AT, at.topic, at.partition, at.offset, wanted=reason(example))
    for example, at in await sent(stage, "articles.dead", released(release, "articles.dead")):
        if example.valid:
            letter = DeadLetter.from_message(example.key, example.value, example.headers)
            at, wanted = letter.source, f"{letter.stage} {letter.type}"
        else:
            wanted = "as it is"
        await stage.settled(LETTER_AT, at.topic, at.partition, at.offset, wanted=wanted)


async def test_a_newer_schema_waits_for_the_release_that_knows_it(stage: Stage) -> None:
    writer = await newer_among_others(stage)
    await writer.waits_for("start a newer release")
    await stage.settled("select count(*) from yinuo.articles", wanted=5)
    assert (await ingested(stage))[0] == 2
    assert await writer.stop() == 0
    assert await stage.value("select count(*) from yinuo.dead_letters") == 0
    await stage.start("writer", program=KNOWS_MAJOR_2 + START).ready()
    await stage.settled("select count(*) from yinuo.articles", wanted=8)
    assert (await ingested(stage))[0] == 5


async def test_a_writer_that_takes_a_newer_schema_for_its_own_is_found_out(stage: Stage) -> None:
    """The planted violation: the same messages, and nothing waits."""
    await newer_among_others(stage, KNOWS_MAJOR_2)

    async def passed() -> bool:
        return (await ingested(stage)).get(0) == 5

    await until(passed)


async def test_a_release_whose_rows_are_refused_stops_the_writer_and_is_stored_by_none(stage: Stage) -> None:
    """With the limit off, the same messages are dead letters: that is what the limit is there for."""
    extractor = stage.start("extractor", handler="faulty:misquoting_marked_articles")
    for number in range(30):
        value = json.loads(article(number)) | ({"title": "MISQUOTE"} if number % 2 else {})
        await stage.send(json.dumps(value).encode(), key=b"a%d" % number, partition=0, wait=number == 29)

    async def all_read() -> bool:
        return len(await stage.messages("articles.extracted")) == 30

    await until(all_read)
    writer = stage.start("writer")
    assert await writer.ended() == 1, writer.log
    (line,) = [line for line in writer.log.splitlines() if "critical" in line]
    assert "YINUO_MAX_BUG_SHARE" in json.loads(line)["reason"]
    assert await stage.value("select count(*) from yinuo.ingest_offsets") == 0
    assert await stage.messages("articles.dead") == []
    stage.start("writer", YINUO_MAX_BUG_SHARE="1")
    await stage.settled("select count(*) from yinuo.articles", wanted=15)
    await stage.settled("select count(*) from yinuo.dead_letters", wanted=15)
    await stage.all_ingested()
    assert await extractor.stop() == 0


async def newer_among_others(stage: Stage, before: str = "") -> Any:
    """The writer, and two messages, one of the next major schema, and two more in partition 0, three in partition 1."""
    writer = stage.start("writer", program=before + START)
    await writer.ready()
    (example,) = [
        one for one in released(RELEASES[-1], "articles.extracted") if one.name == "one_pledge_two_metrics"
    ]
    newer = [(name, b"extraction/2" if name == SCHEMA_HEADER else value) for name, value in example.headers]
    for number in range(8):
        value = json.loads(example.value or b"")
        value["article"]["article_id"] = f"n{number}"
        await stage.send(
            json.dumps(value).encode(),
            key=b"n%d" % number,
            headers=newer if number == 2 else example.headers,
            topic="articles.extracted",
            partition=0 if number < 5 else 1,
        )
    return writer


async def ingested(stage: Stage) -> dict[int, int]:
    rows = await stage.rows(
        "select partition, next_offset from yinuo.ingest_offsets where topic = $1",
        stage.prefix + "articles.extracted",
    )
    return {row["partition"]: row["next_offset"] for row in rows}

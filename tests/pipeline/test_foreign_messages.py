"""What others put on the topics between the services: kept as dead letters, and the writer goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.stage import Stage, article, until
from yinuo_schemas.dead_letter import REPLAY_HEADER
from yinuo_schemas.extraction import SCHEMA_HEADER

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = {"YINUO_MAX_BUG_SHARE": "1"}
"""More of them are refused in a row than a good release gives: without this the writer would stop."""
LETTERS = (
    "select coalesce(stage || '/' || type, 'unreadable') from yinuo.dead_letters "
    "where source_topic = $1 and source_partition = $2 and source_offset = $3"
)
HUGE = b"9" * 30


async def good(stage: Stage, number: int) -> Any:
    """An extraction message of the extractor's own."""
    await stage.send(article(number), key=b"g%d" % number)

    async def found() -> Any:
        name = f"a{number}".encode()
        return next((one for one in await stage.messages("articles.extracted") if one.key == name), None)

    return await until(found)


def changed(value: bytes, *path: Any, to: Any) -> bytes:
    """The extraction with another value at a path."""
    tree = place = json.loads(value)
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return json.dumps(tree).encode()


def spoilt(value: bytes) -> Iterator[tuple[str, bytes | None, str]]:
    """(what is wrong, bytes, stage and type of the dead letter)"""
    first = ("pledges", 0)
    yield "nothing", None, "decode/empty"
    yield "empty", b"", "decode/empty"
    yield "no JSON", b"{", "decode/json"
    yield "no UTF-8", b"\xff" + value, "decode/json"
    yield "half a surrogate", value.replace(b'"quote": "', b'"quote": "\\ud800', 1), "decode/json"
    yield "nested without end", b"[" * 100_000, "decode/json"
    yield "no extraction", b"{}", "validate/wrong_type"
    yield "no id", changed(value, "article", "article_id", to=None), "validate/bad_id"
    yield "a NUL in a quote", changed(value, *first, "quote", to="\0"), "write/db_data"
    yield "a NUL in JSON", changed(value, *first, "rules", to=["\0"]), "write/db_data"
    yield "beyond integer", changed(value, *first, "end", to=10**12), "write/db_data"
    yield "a huge number", changed(value, "metrics", 0, "value", to="1e200000"), "write/db_data"
    yield "a tiny number", changed(value, "metrics", 0, "value", to="1e-20000"), "write/db_data"
    yield "a pledge that is not there", changed(value, "metrics", 0, "pledge_id", to="x"), "write/db_data"
    yield "an id for no index", changed(value, *first, "pledge_id", to="甲乙丙丁" * 200_000), "write/db_data"
    pledge = json.loads(value)["pledges"][0]
    yield "one pledge twice", changed(value, "pledges", to=[pledge, pledge]), "write/db_data"


async def test_extractions_that_are_none(running: Stage) -> None:
    message = await good(running, 500)
    headers = list(message.headers)
    await running.settled("select count(*) from yinuo.articles where article_id = 'a500'", wanted=1)
    base = changed(message.value, "article", "article_id", to="spoilt")
    wanted = {}
    for what, value, reason in spoilt(base):
        sent = await running.send(value, key=b"k", headers=headers, topic="articles.extracted")
        wanted[what] = (sent, reason)
    for name, wrong in (
        (SCHEMA_HEADER, b"something/1"),
        (SCHEMA_HEADER, b"\xff\xff"),
        ("yinuo-source-offset", b"x"),
        ("yinuo-source-cluster", None),
        ("yinuo-source-timestamp", b"\xff"),
    ):
        other = [pair for pair in headers if pair[0] != name] + [(name, wrong)]
        sent = await running.send(base, key=b"k", headers=other, topic="articles.extracted")
        wanted[f"{name} {wrong!r}"] = (sent, "validate/wrong_type")
    for name, wrong in (("yinuo-source-offset", HUGE), ("yinuo-source-cluster", b"a\0b")):
        other = [pair for pair in headers if pair[0] != name] + [(name, wrong)]
        sent = await running.send(base, key=b"k", headers=other, topic="articles.extracted")
        wanted[f"{name} {wrong!r}"] = (sent, "write/db_data")
    await kept(running, "articles.extracted", wanted)
    assert await running.value("select count(*) from yinuo.articles where article_id = 'spoilt'") == 0
    await going_on(running, 501)


async def test_dead_letters_that_are_none(running: Stage) -> None:
    await running.send(b"{nothing", key=b"x")

    async def found() -> Any:
        return next(
            (one for one in await running.messages("articles.dead") if one.value == b"{nothing"), None
        )

    letter = await until(found)
    headers = list(letter.headers)
    wanted = {"no headers": (await running.send(b"x", topic="articles.dead"), "unreadable")}
    for name, wrong in (
        ("yinuo-error-stage", b"somewhere"),
        ("yinuo-error-type", b"\xff"),
        ("yinuo-failed-at", b"yesterday"),
        ("yinuo-attempts", b"-1"),
        ("yinuo-attempts", HUGE),
        ("yinuo-source-partition", HUGE),
        ("yinuo-source-offset", HUGE),
        ("yinuo-source-offset", b""),
        ("yinuo-source-cluster", None),
        ("yinuo-failed-at", b"0001-01-01T00:00:00+23:59"),
    ):
        other = [pair for pair in headers if pair[0] != name] + [(name, wrong)]
        sent = await running.send(b"v", key=b"k", headers=other, topic="articles.dead")
        wanted[f"{name} {wrong!r}"] = (sent, "unreadable")
    await kept(running, "articles.dead", wanted)
    before = await running.value("select count(*) from yinuo.dead_letters")
    odd = [
        ("yinuo-source-cluster", b"a\0\xff"),
        ("yinuo-error-message", b"\0\xff"),
        (REPLAY_HEADER, b"\0\xff"),
        ("\x01甲", None),
    ]
    other = [pair for pair in headers if pair[0] not in dict(odd)] + odd
    for _ in range(2):
        await running.send(None, key=b"k\0", headers=other, topic="articles.dead")
    await running.send(None, headers=[("甲\0", b"\0")], topic="articles.dead")
    await running.settled("select count(*) from yinuo.dead_letters", wanted=before + 2)
    await going_on(running, 502)


async def kept(stage: Stage, topic: str, wanted: dict[str, tuple[Any, str]]) -> None:
    for what, (sent, reason) in wanted.items():
        at = (stage.prefix + topic, sent.partition, sent.offset)
        try:
            await stage.settled(f"select coalesce(({LETTERS}), '')", *at, wanted=reason)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from None


async def going_on(stage: Stage, number: int) -> None:
    await stage.send(article(number))
    await stage.settled("select count(*) from yinuo.articles where article_id = $1", f"a{number}", wanted=1)

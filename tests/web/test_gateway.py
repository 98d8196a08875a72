"""POST /articles: what is taken, what is refused and where, what comes back when there is too much or no broker."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

import servers
from web import site as sites
from web.site import Site

TEXT = "霁川市将在2027年底前建成12所学校。"


@pytest.fixture(scope="module")
def gateway(stocked: str, embedded_broker: servers.Broker) -> Iterator[Site]:
    """With small limits and topics of its own."""
    with sites.running(
        stocked,
        kafka_url=embedded_broker.bootstrap,
        topic_prefix="gateway.",
        max_text_chars=100,
        max_message_bytes=4096,
    ) as found:
        yield found


def messages(site: Site) -> list[tuple[str, Any]]:
    """Key and article of every raw message there is."""

    async def read() -> list[tuple[str, Any]]:
        topic = f"{site.settings.topic_prefix}articles.raw"
        async with AIOKafkaConsumer(
            topic, bootstrap_servers=site.settings.kafka_url, auto_offset_reset="earliest"
        ) as consumer:
            found = []
            while batch := await consumer.getmany(timeout_ms=700):
                found += [one for records in batch.values() for one in records]
            return [(one.key.decode(), json.loads(one.value)) for one in found]

    return servers.apart(read)


def test_one_article(gateway: Site) -> None:
    answer = gateway.post(json.dumps({"text": TEXT, "article_id": "one", "title": "题"}).encode())
    assert (answer.status, answer.json) == (202, {"id": "one", "ids": ["one"]})
    assert [article["title"] for key, article in messages(gateway) if key == "one"] == ["题"]


def test_an_id_is_derived_and_stays(gateway: Site) -> None:
    body = json.dumps({"text": TEXT}).encode()
    first, second = gateway.post(body), gateway.post(body)
    assert first.json == second.json
    assert len(first.json["id"]) == 16


def test_an_array_as_a_whole(gateway: Site) -> None:
    body = json.dumps([{"text": TEXT, "article_id": f"many-{n}"} for n in range(3)]).encode()
    answer = gateway.post(body)
    assert (answer.status, answer.json) == (202, {"ids": ["many-0", "many-1", "many-2"]})


def test_an_array_with_one_wrong_is_not_taken_at_all(gateway: Site) -> None:
    articles = [{"text": TEXT, "article_id": "half-0"}, {"text": TEXT, "published_on": "soon"}, 7]
    answer = gateway.post(json.dumps(articles).encode())
    assert answer.status == 400
    assert [(one["pointer"], one["type"]) for one in answer.json["errors"]] == [
        ("/1/published_on", "bad_date"),
        ("/2", "wrong_type"),
    ]
    assert not [key for key, _ in messages(gateway) if key.startswith("half")]


def test_plain_text_with_its_fields_in_the_query(gateway: Site) -> None:
    query = "?article_id=plain&published_on=2026-01-20&title=%E9%A2%98"
    for content_type in ("text/plain", "text/plain; charset=gb18030"):
        encoding = "gb18030" if "gb18030" in content_type else "utf-8"
        answer = gateway.post(TEXT.encode(encoding), content_type, query)
        assert (answer.status, answer.json["id"]) == (202, "plain"), answer.text
    (first, second) = [article for key, article in messages(gateway) if key == "plain"]
    assert first == second
    assert (first["text"], first["title"], first["published_on"]) == (TEXT, "题", "2026-01-20")


REFUSED: dict[str, tuple[bytes, str | None, str, str, str]] = {
    "no text": (b"{}", "application/json", "", "/text", "wrong_type"),
    "blank": (b'{"text": " "}', "application/json", "", "/text", "blank"),
    "NUL": (b'{"text": "a\\u0000"}', "application/json", "", "/text", "binary"),
    "half a pair": (b'{"text": "\\ud800"}', "application/json", "", "/text", "binary"),
    "half a pair in an array": (b'[{"text": "\\ud800"}]', "application/json", "", "/0/text", "binary"),
    "too long": (b'{"text": "%b"}' % (b"a" * 101), "application/json", "", "/text", "too_large"),
    "a bad day": (
        b'{"text": "a", "published_on": "2023-02-30"}',
        "application/json",
        "",
        "/published_on",
        "bad_date",
    ),
    "a bad id": (b'{"text": "a", "article_id": "a/b"}', "application/json", "", "/article_id", "bad_id"),
    "an unknown field": (b'{"text": "a", "tilte": "b"}', "application/json", "", "/tilte", "unknown_field"),
    "an odd name": (b'{"text": "a", "a/b~c": 1}', "application/json", "", "/a~1b~0c", "unknown_field"),
    "cut off": (b'{"text": "a"', "application/json", "", "", "json"),
    "an array cut off": (b'[{"text": "a"}', "application/json", "", "", "json"),
    "an empty array": (b"[]", "application/json", "", "", "empty"),
    "nested deeply": (b"[" * 3000, "application/json", "", "", "json"),
    "a key twice": (b'[{"text": "a", "text": "b"}]', "application/json", "", "", "json"),
    "not UTF-8": (b'[{"text": "\xff"}]', "application/json", "", "", "encoding"),
    "nothing": (b"", "application/json", "", "", "empty"),
    "no text at all": (b"", "text/plain", "", "", "empty"),
    "bytes": (b"\x00\x01", "text/plain", "", "", "binary"),
    "an unknown parameter": (b"a", "text/plain", "?tilte=b", "?tilte", "unknown_field"),
    "a bad day in the query": (b"a", "text/plain", "?published_on=x", "?published_on", "bad_date"),
    "parameters with JSON": (b'{"text": "a"}', "application/json", "?title=b", "?title", "unknown_field"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_and_where(gateway: Site, case: str) -> None:
    body, content_type, query, pointer, kind = REFUSED[case]
    answer = gateway.post(body, content_type, query)
    assert answer.status == 400, answer.text
    first = answer.json["errors"][0]
    assert (first["pointer"], first["type"]) == (pointer, kind), answer.text
    assert first["message"] in answer.json["error"] or answer.json["error"] in first["message"]


def test_other_types_are_refused(gateway: Site) -> None:
    assert gateway.post(b"text=a", "application/x-www-form-urlencoded").status == 415


def test_too_many_bytes_are_not_read(gateway: Site) -> None:
    declared = gateway.post(b'{"text": "' + b"a" * 5000 + b'"}')
    assert declared.status == 413
    assert "YINUO_MAX_MESSAGE_BYTES" in declared.json["error"]
    chunked = gateway.ask("/articles", method="POST", body=(b"a" * 1000 for _ in range(9)))
    assert chunked.status == 413


def test_no_more_at_once_than_memory_has_room_for(gateway: Site) -> None:
    head = f"POST /articles HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nContent-Length: 10\r\n\r\n".encode()
    waiting = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(16)]
    try:
        for one in waiting:
            one.sendall(head)
        answers = [gateway.post(b'{"text": "a"}').status for _ in range(20)]
        assert 429 in answers
    finally:
        for one in waiting:
            one.close()
    for _ in range(100):
        if gateway.post(json.dumps({"text": TEXT}).encode()).status == 202:
            break
    else:
        pytest.fail("those who went away still count")


def test_a_body_that_does_not_come_holds_no_place(gateway: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yinuo.web.gateway.BODY_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as slow:
        head = f"POST /articles HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nContent-Length: 10\r\n\r\n"
        slow.sendall(head.encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_a_broker_that_is_away(stocked: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with sites.running(stocked, kafka_url=f"127.0.0.1:{taken.getsockname()[1]}") as away:
            answer = away.post(json.dumps({"text": TEXT}).encode())
            assert (answer.status, answer.headers["retry-after"]) == (503, "5")
            assert "Kafka" in answer.json["error"]
            assert away.ask("/pledges").status == 200, "what is stored can be read all the same"


def test_the_document_names_every_address_and_status(gateway: Site) -> None:
    document = gateway.ask("/openapi.json").json
    post = document["paths"]["/articles"]["post"]
    assert set(post["responses"]) == {"202", "400", "408", "413", "415", "429", "503"}
    assert document["components"]["schemas"]["Article"]["additionalProperties"] is False
    for path, operations in document["paths"].items():
        if "get" in operations and not any(one["required"] for one in operations["get"]["parameters"]):
            assert gateway.ask(path).status == 200, path


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_sent_is_answered(gateway: Site, seed: int) -> None:
    """Bodies made at random out of what the document speaks of: never a 500, and always JSON."""
    import random

    chance = random.Random(seed)
    names = [
        *gateway.ask("/openapi.json").json["components"]["schemas"]["Article"]["properties"],
        "other",
        "a/b",
        "",
    ]
    values: list[Any] = ["", "a", TEXT, None, 0, -1, 1.5, True, [], {}, "2023-01-01", "\x00", "𠀀", 2**40]

    async def sent() -> list[tuple[int, bytes]]:
        found = []
        for _ in range(60):
            one = {chance.choice(names): chance.choice(values) for _ in range(chance.randrange(5))}
            body = json.dumps(chance.choice([one, [one, one], [one, 1], 3, "a", None])).encode()
            cut = body[: chance.randrange(len(body))] if chance.random() < 0.2 else body
            content_type = chance.choice(["application/json", "text/plain", None])
            answer = await asyncio.to_thread(gateway.post, cut, content_type)
            found.append((answer.status, answer.body))
        return found

    for status, body in servers.apart(sent):
        assert status in (202, 400), body
        assert json.loads(body)

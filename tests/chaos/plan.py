"""What is sent in a run: messages of every kind, drawn by a seed, and what must become of each.

Pure: the same seed and size give the same messages in the same order. Revisions of one article carry its id as key
and go to one partition, as the contract wants them; what has no key gets a partition here, so that two runs send
alike.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from yinuo_schemas.topic_files import load_examples, load_topics

PARTITIONS = 4
STORED = "stored"
"""The outcome of a message that is read; others are `stage type` of the dead letter, or "" where nobody says."""
BUG, MISQUOTE = "BUG", "MISQUOTE"
"""Marks in a title that make the harness's release fail at an article, or read it so that the database refuses it."""
_BUG_OUTCOME, _MISQUOTE_OUTCOME = "extract bug", "write db_data"

LARGEST = 7 * 1024 * 1024

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One raw message, where it goes, and what must become of it."""

    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    outcome: str = STORED


@dataclass(frozen=True, slots=True)
class Plan:
    """The messages of a run, and probes: articles one of which is sent to each partition after each fault."""

    name: str
    seed: int
    messages: tuple[Message, ...]
    probes: tuple[tuple[Message, ...], ...]

    @property
    def all(self) -> tuple[Message, ...]:
        return (*self.messages, *(probe for round_ in self.probes for probe in round_))


def made(name: str, seed: int, size: int, probes: int) -> Plan:
    """The plan `mixed`, `unmarked`, `mutated` or `large`."""
    kind = {"mixed": _mixed, "unmarked": _unmarked, "mutated": _mutated, "large": _large}[name]
    messages = tuple(kind(random.Random(f"{name} {seed}"), size))
    return Plan(name, seed, messages, tuple(tuple(_probes(number)) for number in range(probes)))


def probe_ids(probes: tuple[Message, ...]) -> list[str]:
    return [(probe.key or b"").decode() for probe in probes]


def _probes(number: int) -> Iterator[Message]:
    for partition in range(PARTITIONS):
        name = f"probe{number}-{partition}"
        yield Message(
            partition, name.encode(), _json(article_id=name, text=f"县长承诺，新建学校{number + 1}所。")
        )


# --- mixed: what a bad week brings


def _mixed(draw: random.Random, size: int) -> Iterator[Message]:
    """Articles with poison, duplicates, older and newer revisions among them; every raw example of the contract."""
    messages = [*_examples(), *_poison(draw, max(2, size // 70))]
    articles: list[Message] = []
    while len(messages) + len(articles) < size:
        articles += _article(draw, len(articles), articles)
    # The order of articles stands, as revisions have one; what is poison falls where it falls, but leaves room for
    # the articles after it that decide on a bug.
    room = len(articles) * 3 // 4
    for message in messages:
        articles.insert(draw.randrange(room + 1), message)
    return iter(articles)


def _unmarked(draw: random.Random, size: int) -> Iterator[Message]:
    """The same without what the harness's own release fails at: for services that are the product's alone."""
    return (one for one in _mixed(draw, size) if one.outcome not in (_BUG_OUTCOME, _MISQUOTE_OUTCOME))


def _article(draw: random.Random, number: int, before: list[Message]) -> Iterator[Message]:
    kind = draw.choices(
        ("new", "revisions", "again", "plain", "unkeyed", "headers"), (50, 12, 10, 12, 10, 6)
    )[0]
    name = f"a{number}"
    if kind == "again" and before:
        yield draw.choice(before[-40:])
    elif kind == "revisions":
        # Newer, older and other ones of the same number, in any order.
        for revision in draw.choices(range(5), k=draw.randint(2, 6)):
            yield _keyed(name, _json(article_id=name, revision=revision, text=_text(draw)))
    elif kind == "plain":
        yield _keyed(
            name, _text(draw).encode(draw.choice(("utf-8", "gb18030"))), (("content-type", b"text/plain"),)
        )
    elif kind == "unkeyed":
        value = _json(text=_text(draw), source=f"{number}日报")
        yield Message(zlib.crc32(value) % PARTITIONS, None, value)
    elif kind == "headers":
        yield _keyed(name, _json(article_id=name, text=_text(draw)), _odd_headers(draw))
    else:
        title = f"{number}号公告"
        yield _keyed(name, _json(article_id=name, title=title, text=_text(draw), published_on="2024-03-05"))


def _odd_headers(draw: random.Random) -> Headers:
    """Headers without sense: JSON articles take no metadata from them."""
    noise = draw.randbytes(12)
    return (
        ("x" * 300, noise),
        ("", None),
        ("标题", b"\xff\xfe"),
        ("traceparent", b"00-x"),
        ("traceparent", None),
    )


def _poison(draw: random.Random, each: int) -> Iterator[Message]:
    """Of every stage; so few with a bug that the release is not to blame."""
    for number in range(each):
        title = f"{MISQUOTE}{number}"
        yield _keyed(
            f"m{number}", _json(article_id=f"m{number}", title=title, text=_text(draw)), (), _MISQUOTE_OUTCOME
        )
    for number in range(each):
        title = f"{BUG}{number}"
        yield _keyed(
            f"b{number}", _json(article_id=f"b{number}", title=title, text=_text(draw)), (), _BUG_OUTCOME
        )
    for number in range(8):
        yield _keyed(f"e{number}", draw.choice((b"", None)), (), "decode empty")
    yield Message(1, None, None, (), "decode empty")
    yield Message(2, None, b"", (("content-type", b"application/json"),), "decode empty")
    yield _keyed("n1", b"\x89PNG\r\n\x1a\n" + bytes(200), (), "decode binary")
    yield _keyed("n2", b'{"text": "' + "路".encode() * 20, (), "decode json")


def _examples() -> Iterator[Message]:
    """All in one partition: some are the same article twice."""
    for example in _raw_examples():
        if len(example.value or b"") > LARGEST:
            continue  # the topic itself refuses it
        error = example.case.error
        yield Message(
            0, example.key, example.value, example.headers, f"{error.stage} {error.type}" if error else STORED
        )


@cache
def _raw_examples():  # type: ignore[no-untyped-def]
    return load_examples(load_topics()["articles.raw"])


# --- mutated: what a broken client sends


def _mutated(draw: random.Random, size: int) -> Iterator[Message]:
    """Articles with bytes changed, cut, repeated and swapped."""
    for number in range(size):
        name = f"x{number}"
        value = bytearray(_json(article_id=name, title=f"{number}号", text=_text(draw), revision=number % 3))
        for _ in range(draw.randint(1, 4)):
            draw.choice(_MUTATIONS)(draw, value)
        yield Message(_partition_of(bytes(value), name), name.encode(), bytes(value), (), "")


def _partition_of(value: bytes, name: str) -> int:
    """By the id that the article has now: changed ids may meet, and only in one partition has their order a meaning."""
    try:
        found = json.loads(value)
        name = str(found.get("article_id") or name)
    except (ValueError, AttributeError):
        pass
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) % PARTITIONS


def _flip(draw: random.Random, value: bytearray) -> None:
    if value:
        value[draw.randrange(len(value))] ^= 1 << draw.randrange(8)


def _cut(draw: random.Random, value: bytearray) -> None:
    start = draw.randrange(len(value) + 1)
    del value[start : start + draw.randint(1, 12)]


def _insert(draw: random.Random, value: bytearray) -> None:
    start = draw.randrange(len(value) + 1)
    value[start:start] = draw.choice(
        (b"\x00", b"\\u0000", b"\\ud800", b'"', b"{", b"}", b",", b"\xff", b"1e999", b"\r\n")
    )


def _repeat(draw: random.Random, value: bytearray) -> None:
    start = draw.randrange(len(value) + 1)
    value[start:start] = value[start : start + draw.randint(1, 40)]


_MUTATIONS: tuple[Callable[[random.Random, bytearray], None], ...] = (_flip, _cut, _insert, _repeat)


# --- large: what is longest


def _large(draw: random.Random, size: int) -> Iterator[Message]:
    """Articles of 200,000 characters, messages of 5 MB, and small ones between them."""
    for number in range(size):
        name = f"l{number}"
        if number % 15 == 3:
            text = "".join(_text(draw) for _ in range(8000))[:200_000]
            yield _keyed(name, _json(article_id=name, text=text))
        elif number % 10 == 7:
            value = _json(article_id=name, text="路" * 1_700_000)
            yield _keyed(name, value, (), "validate too_large")
        else:
            yield _keyed(name, _json(article_id=name, text=_text(draw)))


# --- parts


def _keyed(name: str, value: bytes | None, headers: Headers = (), outcome: str = STORED) -> Message:
    return Message(zlib.crc32(name.encode()) % PARTITIONS, name.encode(), value, headers, outcome)


def _json(**fields: object) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


def _text(draw: random.Random) -> str:
    places = ("栖霖县", "永安镇", "平和市", "长兴区")
    year, kilometres, money, share = (
        draw.randint(2024, 2035),
        draw.randint(1, 900),
        draw.random() * 90,
        draw.random() * 30,
    )
    return (
        f"县长承诺，到{year}年底，{draw.choice(places)}新建农村公路{kilometres}公里。"
        f"去年完成投资{money:.2f}亿元，比上年增长{share:.1f}%。"
        f"力争新增就业{draw.randint(100, 9000)}人以上，确保粮食产量稳定在{draw.randint(2, 40)}万吨。"
    )

"""What travels between the stations: a raw message as it was read, and a message to be sent. Plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yinuo_schemas import DeadLetter, Extraction, SourcePosition
from yinuo_schemas.dead_letter import REPLAY_HEADER
from yinuo_schemas.extraction import SCHEMA_HEADER, SCHEMA_VERSION

Headers = tuple[tuple[str, bytes | None], ...]
RAW = "articles.raw"
EXTRACTED = "articles.extracted"
DEAD = "articles.dead"
ATTEMPTS_HEADER = "yinuo-attempts"


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message of a topic, unchanged, and where it stands."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    source: SourcePosition

    @property
    def size(self) -> int:
        """Bytes that it holds in memory, roughly."""
        return len(self.value or b"") + len(self.key or b"") + 512

    @property
    def replay_of(self) -> str | None:
        """The identity of the message that this one repeats, if a replay sent it."""
        value = last_header(self.headers, REPLAY_HEADER)
        return value.decode("utf-8", "replace") if value else None

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1; a replay says how many there were before."""
        before = last_header(self.headers, ATTEMPTS_HEADER) or b""
        return int(before) + 1 if self.replay_of and before.isdigit() and len(before) < 9 else 1


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent. `topic` is the name without the deployment's prefix; `rows` is for counters alone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    rows: tuple[tuple[str, int], ...] = ()


def last_header(headers: Sequence[tuple[str, bytes | None]], name: str) -> bytes | None:
    """The value of the last header of this name."""
    return next((value for header, value in reversed(headers) if header == name), None)


def extraction_message(extraction: Extraction, raw: RawMessage) -> Outgoing:
    """What was read, ready for the topic: keyed by the article, carrying where the raw message stands."""
    assert extraction.article.article_id is not None
    headers: Headers = (
        (SCHEMA_HEADER, SCHEMA_VERSION.encode()),
        *raw.source.to_headers(),
    )
    if raw.replay_of:
        headers += ((REPLAY_HEADER, raw.replay_of.encode()),)
    rows = (
        ("pledge", len(extraction.pledges)),
        ("metric", len(extraction.metrics)),
        ("skipped", len(extraction.skipped)),
    )
    return Outgoing(
        EXTRACTED,
        extraction.article.article_id.encode(),
        extraction.model_dump_json().encode(),
        headers,
        rows,
    )


def dead_letter_message(letter: DeadLetter) -> Outgoing:
    """A dead letter ready for its topic: key and bytes unchanged, the reason in headers."""
    return Outgoing(DEAD, letter.key, letter.value, tuple(letter.to_headers()))

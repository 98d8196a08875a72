"""What the writer hands to storage and what it gets back: frozen values, no Kafka client and no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from yinuo.storage.newer import Form
from yinuo_schemas import Extraction, SourcePosition


@dataclass(frozen=True, slots=True)
class IncomingExtraction:
    """A message of `articles.extracted`. `source` is the raw message's position, `replay_of` its header."""

    extraction: Extraction
    source: SourcePosition
    replay_of: str | None = None

    @property
    def article_id(self) -> str:
        """The article's id, which an extraction always has."""
        article_id = self.extraction.article.article_id
        if article_id is None:
            raise ValueError("an extraction names its article")
        return article_id

    def form(self) -> Form:
        """What decides whether it is newer; hashes the whole article."""
        extractor = self.extraction.extractor
        return Form(
            revision=self.extraction.article.revision,
            content_hash=self.extraction.article.content_hash(),
            source=self.source,
            extractor_version=extractor.version,
            rules_digest=extractor.rules_digest,
        )


@dataclass(frozen=True, slots=True)
class UnreadableDeadLetter:
    """A message of `articles.dead` whose headers are not ours: stored as it is, under its own position."""

    position: SourcePosition
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    message: str


@dataclass(frozen=True, slots=True)
class ConsumedOffset:
    """How far a consumer group has come in one partition: the offset of the next message."""

    cluster: str
    group: str
    topic: str
    partition: int
    next_offset: int


class ArticleState(StrEnum):
    """What became of an article that was sent; forgotten: it was purged, and stays out."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OLDER = "older"
    DEAD = "dead"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class ArticleOutcome:
    """What one message did; `source_identity` is the raw message's `cluster:topic:partition:offset`."""

    article_id: str
    source_identity: str
    state: ArticleState


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a batch did, article messages in their order."""

    articles: tuple[ArticleOutcome, ...]
    dead_letters_stored: int
    dead_letters_repeated: int

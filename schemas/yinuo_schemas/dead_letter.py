"""What could not be read: the headers of a message on `articles.dead` (its value is the original bytes)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

HEADER_PREFIX = "yinuo-"
REPLAY_HEADER = "yinuo-replay-of"

Headers = Sequence[tuple[str, bytes | None]]
"""A message's headers; Kafka allows one without a value."""


class ErrorStage(StrEnum):
    """Where a message failed."""

    DECODE = "decode"
    VALIDATE = "validate"
    EXTRACT = "extract"
    WRITE = "write"


class ErrorType(StrEnum):
    """Why a message failed."""

    EMPTY = "empty"
    BLANK = "blank"
    BINARY = "binary"
    ENCODING = "encoding"
    JSON = "json"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    BAD_DATE = "bad_date"
    BAD_ID = "bad_id"
    TOO_LARGE = "too_large"
    BUG = "bug"
    DB_DATA = "db_data"


class SourcePosition(BaseModel):
    """Where a raw message stands: its identity is `cluster:topic:partition:offset`."""

    model_config = ConfigDict(frozen=True)

    cluster: str
    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    timestamp: datetime = Field(description="The broker's timestamp of the raw message, UTC.")

    @property
    def identity(self) -> str:
        """`cluster:topic:partition:offset`."""
        return f"{self.cluster}:{self.topic}:{self.partition}:{self.offset}"

    def to_headers(self) -> list[tuple[str, bytes]]:
        """The `yinuo-source-*` headers, timestamp as RFC 3339 UTC."""
        return [
            ("yinuo-source-cluster", self.cluster.encode()),
            ("yinuo-source-topic", self.topic.encode()),
            ("yinuo-source-partition", str(self.partition).encode()),
            ("yinuo-source-offset", str(self.offset).encode()),
            ("yinuo-source-timestamp", _rfc3339(self.timestamp).encode()),
        ]

    @classmethod
    def from_headers(cls, headers: Headers) -> SourcePosition:
        """The position that `to_headers` wrote; pydantic's ValidationError when one is missing or wrong."""
        read = _last_wins(headers)
        return cls.model_validate(
            {
                name: read.get(f"yinuo-source-{name}")
                for name in ("cluster", "topic", "partition", "offset", "timestamp")
            }
        )


class DeadLetter(BaseModel):
    """A message that could not be read: its key, bytes and headers unchanged, and the reason."""

    model_config = ConfigDict(frozen=True)

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = Field(description="The original message's own headers.")
    stage: ErrorStage
    type: ErrorType
    message: str = Field(description="One line: what is wrong and how to mend it.")
    source: SourcePosition
    failed_at: datetime
    attempts: int = Field(1, ge=1)

    def to_headers(self) -> list[tuple[str, bytes | None]]:
        """The original headers followed by the reason's; what stands under `yinuo-error-*` is ours."""
        ours: list[tuple[str, bytes | None]] = [
            ("yinuo-error-stage", self.stage.value.encode()),
            ("yinuo-error-type", self.type.value.encode()),
            ("yinuo-error-message", self.message.encode()),
            *self.source.to_headers(),
            ("yinuo-failed-at", _rfc3339(self.failed_at).encode()),
            ("yinuo-attempts", str(self.attempts).encode()),
        ]
        names = {name for name, _ in ours}
        return [pair for pair in self.headers if pair[0] not in names] + ours

    @classmethod
    def from_message(cls, key: bytes | None, value: bytes | None, headers: Headers) -> DeadLetter:
        """The dead letter that a message on `articles.dead` carries; ValidationError without our headers."""
        read = _last_wins(headers)
        return cls.model_validate(
            {
                "key": key,
                "value": value,
                "headers": tuple(pair for pair in headers if pair[0] not in _OUR_HEADERS),
                "stage": read.get("yinuo-error-stage"),
                "type": read.get("yinuo-error-type"),
                "message": read.get("yinuo-error-message"),
                "source": SourcePosition.from_headers(headers),
                "failed_at": read.get("yinuo-failed-at"),
                "attempts": read.get("yinuo-attempts", 1),
            }
        )


_OUR_HEADERS = frozenset(
    f"yinuo-{name}"
    for name in (
        "error-stage", "error-type", "error-message", "source-cluster", "source-topic", "source-partition",
        "source-offset", "source-timestamp", "failed-at", "attempts",
    )
)  # fmt: skip


def _last_wins(headers: Headers) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in headers if value is not None}


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

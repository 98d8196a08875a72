"""Which message of an article replaces what an earlier one gave. Pure: the law of the word "newer".

Newer is a higher revision; at the same revision the later message: in one partition the higher offset, else the
later raw timestamp, then the higher content hash. Only a newer message with other content changes anything. The
same content read by other rules replaces only what an older or equal version of the extractor read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from yinuo_schemas import SourcePosition


@dataclass(frozen=True, slots=True)
class Form:
    """What decides about one form of an article: content, position of its raw message, rules."""

    revision: int
    content_hash: str
    source: SourcePosition
    extractor_version: str
    rules_digest: str


class Verdict(Enum):
    """What a message does to the form that is held."""

    NEW = "there was none"
    REVISION = "newer, with other content"
    RULES = "the same content, read by other rules"
    UNCHANGED = "the same content, and rules that replace nothing"
    OLDER = "other content, but not newer"


def verdict(held: Form | None, incoming: Form) -> Verdict:
    """What `incoming` does to the form `held`; None: the article is not there."""
    if held is None:
        return Verdict.NEW
    if held.content_hash == incoming.content_hash:
        return Verdict.RULES if _replaces_rules(held, incoming) else Verdict.UNCHANGED
    return Verdict.REVISION if is_newer(incoming, held) else Verdict.OLDER


def standing_after(held: Form | None, incoming: Form) -> Form:
    """The form that stands once `incoming` was accepted: of two equal contents the later position is kept.

    Else a redelivery through new rules would put the article back to the position of its first copy, and an
    older message between the two copies would count as newer.
    """
    if held is None or held.content_hash != incoming.content_hash or is_newer(incoming, held):
        return incoming
    return replace(incoming, source=held.source)


def is_newer(one: Form, other: Form) -> bool:
    """Whether `one` is newer than `other`; a form is not newer than itself."""
    if one.revision != other.revision:
        return one.revision > other.revision
    in_one_partition = _partition(one.source) == _partition(other.source)
    if in_one_partition and one.source.offset != other.source.offset:
        return one.source.offset > other.source.offset
    return (one.source.timestamp, one.content_hash) > (other.source.timestamp, other.content_hash)


def _partition(source: SourcePosition) -> tuple[str, str, int]:
    return source.cluster, source.topic, source.partition


def _replaces_rules(held: Form, incoming: Form) -> bool:
    ours, theirs = precedence(incoming.extractor_version), precedence(held.extractor_version)
    return ours > theirs or (ours == theirs and incoming.rules_digest != held.rules_digest)


_SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)

Precedence = tuple[int, int, int, int, bool, tuple[tuple[int, int, str], ...]]


def precedence(version: str) -> Precedence:
    """Sort key of a semantic version; a text that is none comes before all, so that it replaces nothing."""
    parts = _SEMVER.fullmatch(version)
    if parts is None:
        return (0, 0, 0, 0, False, ())
    before_release = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in (parts[4] or "").split(".")
        if part
    )
    return (1, int(parts[1]), int(parts[2]), int(parts[3]), not before_release, before_release)

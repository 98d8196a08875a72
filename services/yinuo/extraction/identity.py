"""Ids of rows: the first 16 hex digits of a sha256 over what a row is, so that equal readings bear equal ids."""

from __future__ import annotations

import hashlib


def row_id(article_id: str, kind: str, quote: str, occurrence: int, value: str) -> str:
    """Id of a row: article, `pledge` or `metric`, the quote without white space, which occurrence, the value."""
    identity = "\0".join((article_id, kind, quote, str(occurrence), value))
    return hashlib.sha256(identity.encode()).hexdigest()[:16]

"""The table of contents of the core: `read` makes a `Reading` of a text in a fixed order of steps."""

from __future__ import annotations

from datetime import date

from yinuo.extraction.rows import Reading


def read(
    text: str,
    *,
    article_id: str,
    published_on: date | None = None,
    title: str | None = None,
    source: str | None = None,
    region: str | None = None,
) -> Reading:
    """Read one article. Pure: the same arguments give the same rows. Offsets are code points of `text`."""
    return Reading(published_on, "published" if published_on else "none", (), (), (), ())

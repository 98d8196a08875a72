"""The edge of the pure core: articles in as models, `Extraction` out as a model, nothing else.

Everything outside `yinuo.extraction` that wants to read an article comes through here.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from yinuo.extraction import expressions, version
from yinuo.extraction.expressions.model import Expression
from yinuo.extraction.extract import read
from yinuo_schemas import Article, Extraction
from yinuo_schemas.extraction import ExtractorVersion


def extract_article(article: Article) -> Extraction:
    """Read one article: a pure function of its fields. Fills in the derived id."""
    article = article.with_id()
    assert article.article_id is not None
    reading = read(
        article.text,
        article_id=article.article_id,
        published_on=article.published_on,
        region=article.region,
    )
    fields = {field.name: getattr(reading, field.name) for field in dataclasses.fields(reading)}
    return Extraction.model_validate(
        {"article": article.model_dump(), "extractor": extractor_version(), **fields}, from_attributes=True
    )


def extract(text: str, published_on: date | str | None = None, **article_fields: Any) -> Extraction:
    """Read pledges and metrics out of a text; offsets in the answer are code points into `text`.

    `published_on` is a date or YYYY-MM-DD; further fields are those of `Article`.
    """
    return extract_article(Article(text=text, published_on=published_on, **article_fields))


def parse(text: str, reference_date: date | None = None) -> tuple[Expression, ...]:
    """Numbers, quantities and time expressions of a text, in order; offsets are code points into `text`."""
    return expressions.parse(text, reference_date)


@functools.cache
def extractor_version() -> ExtractorVersion:
    """Name, version and digest of the rules in this installation."""
    return ExtractorVersion(name=version.NAME, version=version.VERSION, rules_digest=_rules_digest())


def _rules_digest() -> str:
    """sha256 over the names and bytes of all data files and sources of the extraction package, in order."""
    digest = hashlib.sha256()
    for name, content in sorted(_package_files(resources.files("yinuo.extraction"), "")):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def _package_files(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                found += _package_files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".py", ".toml", ".tsv")):
            found.append((prefix + entry.name, entry.read_bytes()))
    return found

"""The public messages of yinuo: articles in, extractions and dead letters out.

The pydantic models here are the one source of every message's shape; JSON Schemas and the AsyncAPI document
are generated from them (`make schemas`). This package imports nothing of the services.
"""

from yinuo_schemas.article import Article, derive_article_id
from yinuo_schemas.dead_letter import DeadLetter, SourcePosition
from yinuo_schemas.extraction import Extraction, Metric, Passage, Pledge

__all__ = [
    "Article",
    "DeadLetter",
    "Extraction",
    "Metric",
    "Passage",
    "Pledge",
    "SourcePosition",
    "derive_article_id",
]

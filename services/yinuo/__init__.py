"""yinuo (一诺千金): pledges and metrics out of Chinese public-affairs articles, kept in Postgres."""

from yinuo.extraction_api import extract, extract_article

__all__ = ["extract", "extract_article"]

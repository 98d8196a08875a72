"""yinuo (一诺千金): pledges and metrics out of Chinese public-affairs articles, kept in Postgres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yinuo.extraction_api import extract, extract_article, parse

__all__ = ["extract", "extract_article", "parse"]


def __getattr__(name: str) -> Any:
    """The public functions, loaded when first asked for: `yinuo --help` pays for no word table."""
    if name in __all__:
        from yinuo import extraction_api

        return getattr(extraction_api, name)
    raise AttributeError(f"module 'yinuo' has no attribute {name!r}")

"""The line that `yinuo --version` prints."""

from __future__ import annotations

import platform
from importlib import metadata


def version_line() -> str:
    """Version of the program, of the reading rules and of Python."""
    from yinuo.extraction_api import extractor_version

    rules = extractor_version()
    return (
        f"yinuo {metadata.version('yinuo')} (rules {rules.version}, digest {rules.rules_digest[:12]}; "
        f"Python {platform.python_version()})"
    )

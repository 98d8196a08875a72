"""Loads the tables of this package: TOML and TSV beside the code, read once at import. No other I/O.

A table is data about the language. Unknown keys are errors, so that a misspelt one cannot switch a rule off.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any


def toml_table(name: str) -> dict[str, Any]:
    """The TOML file `name` of this package as nested dictionaries."""
    return tomllib.loads((resources.files(__package__) / name).read_text(encoding="utf-8"))


def tsv_rows(name: str) -> list[tuple[str, str]]:
    """The two-column rows of the TSV file `name` of this package, comment lines left out."""
    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [(left, right) for left, right in rows]


def alternation(words: list[str] | tuple[str, ...] | set[str] | frozenset[str]) -> str:
    """A regex alternation of literal words, longest first, guarded by a lookahead on the first characters."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    first = "".join(sorted({re.escape(word[0]) for word in ordered}))
    return f"(?=[{first}])(?:{'|'.join(map(re.escape, ordered))})"

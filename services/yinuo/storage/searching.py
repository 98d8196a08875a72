"""What full-text search compares: the text's search form, its tokens, the words of a question.

The twin of the SQL functions of the same names, held to one definition by tests/storage/search_vectors.json: the
writer makes an article's tokens here (much faster), a question's are made in SQL. Not for the reading of language:
a token is one character or two neighbours, whatever they mean, so that every substring can be found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

_ASCII_SMALL = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_BLANKS = "\t\n\v\f\r \u0085\u1680\u2028\u2029"
_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_FOLDED: dict[int, int | None] = {**dict.fromkeys(map(ord, _BLANKS + _INVISIBLE)), **_ASCII_SMALL}
_PARTED = dict.fromkeys(map(ord, _BLANKS), " ")


def search_form(text: str) -> str:
    """The text in NFKC without blanks, breaks and invisible characters, ASCII letters small. Offsets do not hold."""
    return unicodedata.normalize("NFKC", text).translate(_FOLDED)


def search_tokens(*texts: str | None) -> list[str]:
    """Every character and every two neighbours of each text's search form, once each, in code point order."""
    found: set[str] = set()
    for text in texts:
        form = search_form(text or "")
        found.update(form)
        found.update(map("".join, pairwise(form)))
    return sorted(found)


def name_tokens(names: Iterable[str | None], *texts: str | None) -> list[str]:
    """The tokens of those names that none of the texts holds as it is, once each, in code point order."""
    forms = [search_form(text or "") for text in texts]
    missing = {name for name in names if name and not any(search_form(name) in form for form in forms)}
    return search_tokens(*missing)


def search_words(question: str) -> list[str]:
    """The words of a question, parted at blanks, each in its search form, once each, in code point order."""
    parts = unicodedata.normalize("NFKC", question).translate(_PARTED).split(" ")
    return sorted({form for part in parts if (form := search_form(part))})

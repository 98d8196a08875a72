"""The pages' words in Chinese and English, out of `labels.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@cache
def tables() -> Mapping[str, Mapping[str, list[str]]]:
    """Section → key → [English, Chinese]."""
    text = resources.files("yinuo.web").joinpath("labels.toml").read_text("utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language."""

    language: Language

    def __call__(self, key: str) -> str:
        """A word of the page itself; KeyError for one there is not."""
        return tables()["page"][key][LANGUAGES.index(self.language)]

    def field(self, name: str) -> str:
        """A field's name."""
        return self._or_itself("field", name)

    def value(self, value: object) -> str:
        """A value out of a closed list; what is not in one is shown as it is."""
        return self._or_itself("value", str(value))

    def reason(self, name: str) -> str:
        """Why something was skipped."""
        return self._or_itself("reason", name)

    def _or_itself(self, section: str, key: str) -> str:
        found = tables()[section].get(key)
        return key.replace("_", " ") if found is None else found[self._at]

    @property
    def _at(self) -> int:
        return LANGUAGES.index(self.language)


def chosen_language(asked: str | None, kept: str | None, accepted: str) -> Language:
    """The language asked for, else the one kept from before, else what the browser prefers."""
    for wanted in (asked, kept):
        if wanted == "zh":
            return "zh"
        if wanted == "en":
            return "en"
    return "zh" if accepted.lower().startswith("zh") else "en"

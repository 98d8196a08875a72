"""The topic files and the example messages, read as values; a misspelt key is an error.

For `generate` and for tests. Not for the services: they never read these files (PyYAML is a development
dependency). Keeps the law that every message's shape is stated once, as data.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from yinuo_schemas.dead_letter import ErrorStage, ErrorType

SCHEMAS = Path(__file__).resolve().parents[1]
"""The folder `schemas/` of a checkout."""

CASE_SUFFIX = ".case.yaml"

NAME = r"^[a-z][a-z0-9_]*$"

_Model = TypeVar("_Model", bound=BaseModel)


class BadTopicFile(ValueError):
    """A topic file or an example does not hold what it must: the message names the file and the place."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Party(_Strict):
    """Who writes or reads a topic."""

    name: str = Field(pattern=NAME)
    about: str = Field(min_length=1)


class Key(_Strict):
    """What the message key is."""

    required: bool
    about: str = Field(min_length=1)


class Header(_Strict):
    """One header, its value read as UTF-8 text; at most one of `pattern` and `values_of` narrows it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    required: bool
    about: str = Field(min_length=1)
    pattern: str | None = None
    values_of: str | None = Field(None, description="module:Enum whose values the header takes.")

    @model_validator(mode="after")
    def _narrowed_once(self) -> Self:
        if self.pattern is not None and self.values_of is not None:
            raise ValueError("give pattern or values_of, not both")
        return self

    def schema_(self) -> dict[str, Any]:
        """JSON Schema of the header's value."""
        schema: dict[str, Any] = {"type": "string", "description": self.about}
        if self.pattern is not None:
            schema["pattern"] = self.pattern
        if self.values_of is not None:
            schema["enum"] = [member.value for member in _named(self.values_of)]
        return schema


class Compatibility(_Strict):
    """`backward`: new readers take old messages. `full`: old readers take new messages too."""

    mode: Literal["backward", "full"]
    why: str = Field(min_length=1)


class Message(_Strict):
    """One form a value may have. Files in `json/`: `written`, what is sent; `read`, what must be taken."""

    name: str = Field(pattern=NAME)
    about: str = Field(min_length=1)
    content_type: str
    model: str | None = Field(None, description="module:Class in yinuo_schemas.")
    written: str | None = None
    read: str | None = None

    @model_validator(mode="after")
    def _schemas_of_a_model(self) -> Self:
        if (self.written is None) != (self.read is None):
            raise ValueError("give both written and read, or neither")
        if self.written is not None and self.model is None:
            raise ValueError("a schema is generated from a model: name it")
        return self

    def model_class(self) -> type[BaseModel] | None:
        """The pydantic model, or None for a value without one."""
        return None if self.model is None else _named(self.model)


class Topic(_Strict):
    """One topic: who writes and reads it, what stands in it, how long and how large. Sizes in bytes."""

    topic: str = Field(pattern=r"^[a-z]+(\.[a-z]+)+$")
    about: str = Field(min_length=1)
    writers: tuple[Party, ...] = Field(min_length=1)
    readers: tuple[Party, ...] = Field(min_length=1)
    key: Key
    retention_days: int = Field(ge=1)
    max_message_bytes: int = Field(ge=1)
    compatibility: Compatibility
    headers: tuple[Header, ...]
    messages: tuple[Message, ...] = Field(min_length=1)
    examples: str
    dead_letters_of: tuple[str, ...] = ()

    @property
    def headers_file(self) -> str:
        """Name of the generated schema of this topic's headers."""
        return f"{self.topic.rpartition('.')[2]}_headers.v1.schema.json"


class ExpectedError(_Strict):
    """Which dead letter an invalid example becomes."""

    stage: ErrorStage
    type: ErrorType


class Repeated(_Strict):
    """A value too large to keep as a file: `text` as often as said, UTF-8."""

    text: str = Field(min_length=1)
    times: int = Field(ge=1)


class Case(_Strict):
    """The file beside an example: what it shows, what comes with it, what must come of it.

    Without `error` and `outcome` the example is valid. `outcome` is neither: a reader waits, or stores as it is.
    `article` names fields of the article that must come out. `beyond_schema` marks an invalid example that
    the JSON Schema alone cannot refuse.
    """

    about: str = Field(min_length=1)
    key: str | None = None
    headers: tuple[tuple[str, str | bytes | None], ...] = ()
    value: Repeated | None = None
    no_value: bool = False
    article: dict[str, Any] = {}
    error: ExpectedError | None = None
    outcome: Literal["waits", "stored_as_is"] | None = None
    beyond_schema: bool = False


class Example(BaseModel):
    """One message as a handler gets it, and what must come of it."""

    model_config = ConfigDict(frozen=True)

    topic: str
    name: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    case: Case

    @property
    def valid(self) -> bool:
        """True where every handler must take it."""
        return self.case.error is None and self.case.outcome is None


def load_topics(root: Path = SCHEMAS) -> dict[str, Topic]:
    """All topics by name, in the order of their names; BadTopicFile for the first wrong file."""
    topics: dict[str, Topic] = {}
    if not (root / "topics").is_dir():
        raise BadTopicFile(f"{root / 'topics'}: no such folder")
    for path in sorted((root / "topics").iterdir()):
        if path.suffix != ".yaml":
            raise BadTopicFile(f"{path}: only topic files (.yaml) belong in topics/")
        topic = _validated(Topic, path)
        if path.stem != topic.topic:
            raise BadTopicFile(f"{path}: the file is named {path.stem!r}, the topic {topic.topic!r}")
        topics[topic.topic] = topic
    return topics


def load_examples(topic: Topic, root: Path = SCHEMAS) -> list[Example]:
    """The topic's examples in the order of their names; BadTopicFile for one without a value and the like."""
    folder = root / topic.examples
    if not folder.is_dir():
        raise BadTopicFile(f"{folder}: {topic.topic} has no examples")
    values: dict[str, Path] = {}
    cases: dict[str, Case] = {}
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(CASE_SUFFIX) if path.name.endswith(CASE_SUFFIX) else path.stem
        if path.name.endswith(CASE_SUFFIX):
            cases[name] = _validated(Case, path)
        elif name in values:
            raise BadTopicFile(f"{path}: two examples are named {name!r}")
        else:
            values[name] = path
    return [
        _example(topic.topic, folder / name, values.get(name), cases.get(name))
        for name in sorted(values.keys() | cases.keys())
    ]


def all_examples(root: Path = SCHEMAS) -> list[Example]:
    """The examples of all topics."""
    return [example for topic in load_topics(root).values() for example in load_examples(topic, root)]


def _example(topic: str, stem: Path, value_file: Path | None, case: Case | None) -> Example:
    case = case or Case(about=stem.name.replace("_", " "))
    sources = [value_file is not None, case.value is not None, case.no_value]
    if sources.count(True) != 1:
        raise BadTopicFile(f"{stem}: give its value once: a file, or `value` or `no_value` in the sidecar")
    if value_file is not None:
        value: bytes | None = value_file.read_bytes()
    else:
        value = (case.value.text * case.value.times).encode() if case.value else None
    return Example(
        topic=topic,
        name=stem.name,
        key=None if case.key is None else case.key.encode(),
        value=value,
        headers=tuple(
            (name, text.encode() if isinstance(text, str) else text) for name, text in case.headers
        ),
        case=case,
    )


def _validated(model: type[_Model], path: Path) -> _Model:
    try:
        return model.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except yaml.YAMLError as error:
        raise BadTopicFile(f"{path}: not YAML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadTopicFile(f"{path}: {place}: {first['msg']}") from None


def _named(reference: str) -> Any:
    module, _, name = reference.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        raise BadTopicFile(f"{reference}: no such model; write module:Name") from None

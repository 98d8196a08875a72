"""Whether a reader takes every message that a writer may send, decided on their JSON Schemas.

`refusals(reader, writer)` is a one-sided test: it may call a harmless change a break, never a break harmless;
a keyword it does not know is an error, so that no constraint is passed over. Covers what pydantic generates
for this package; not a general JSON Schema prover.
Keeps the law that a change which an old reader cannot take fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_ANNOTATIONS = frozenset({"$defs", "$id", "$schema", "default", "description", "examples", "title"})
_STRUCTURE = frozenset(
    {"$ref", "type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "items"}
)
_LOWER_BOUNDS = frozenset({"minimum", "minLength", "minItems"})
_UPPER_BOUNDS = frozenset({"maximum", "maxLength", "maxItems"})
_VERBATIM = frozenset({"pattern", "format"})
_KNOWN = _ANNOTATIONS | _STRUCTURE | _LOWER_BOUNDS | _UPPER_BOUNDS | _VERBATIM


class UnknownKeyword(ValueError):
    """A schema holds a keyword that cannot be compared: teach this module before using it."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A schema and the document that its references point into."""

    schema: Schema
    document: Schema

    def at(self, schema: Any) -> _Side:
        return _Side({} if schema is True else schema, self.document).resolved()

    def resolved(self) -> _Side:
        """With references followed and every keyword known."""
        schema = self.schema
        while "$ref" in schema:
            _alone("$ref", schema)
            target: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            schema = target
        unknown = sorted(schema.keys() - _KNOWN)
        if unknown:
            raise UnknownKeyword(f"cannot compare the keyword {unknown[0]!r}")
        if "anyOf" in schema:
            _alone("anyOf", schema)
        return _Side(schema, self.document)

    def branches(self) -> list[_Side]:
        """The alternatives of an `anyOf`; the schema itself where it has none."""
        if "anyOf" not in self.schema:
            return [self]
        return [part for option in self.schema["anyOf"] for part in self.at(option).branches()]


def _alone(keyword: str, schema: Schema) -> None:
    beside = sorted(schema.keys() - _ANNOTATIONS - {keyword})
    if beside:
        raise UnknownKeyword(f"cannot compare {keyword!r} beside {beside[0]!r}")


def refusals(reader: Schema, writer: Schema) -> list[str]:
    """Why `reader` could refuse a message that `writer` allows, each with its place; empty when it takes all.

    Raises UnknownKeyword for a schema that uses more than this module compares.
    """
    return sorted(set(_refusals(_Side(reader, reader).resolved(), _Side(writer, writer).resolved(), "$")))


def _refusals(reader: _Side, writer: _Side, place: str) -> Iterator[str]:
    for branch in writer.branches():
        attempts = [list(_branch_refusals(option, branch, place)) for option in reader.branches()]
        if all(attempts):
            # Of several alternatives the one that comes nearest says best what is wrong.
            yield from min(attempts, key=len)


def _branch_refusals(reader: _Side, writer: _Side, place: str) -> Iterator[str]:
    values = _closed_values(writer.schema)
    if values is not None:
        yield from _value_refusals(reader.schema, values, place)
        return
    yield from _type_refusals(reader.schema, writer.schema, place)
    yield from _bound_refusals(reader.schema, writer.schema, place)
    if writer.schema.get("type") == "object" and reader.schema.get("type") == "object":
        yield from _object_refusals(reader, writer, place)
    if "items" in reader.schema and writer.schema.get("type") == "array":
        yield from _refusals(
            reader.at(reader.schema["items"]), writer.at(writer.schema.get("items", {})), f"{place}[]"
        )


def _closed_values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _value_refusals(reader: Schema, values: list[Any], place: str) -> Iterator[str]:
    allowed = _closed_values(reader)
    for value in values:
        if allowed is not None:
            if value not in allowed:
                yield f"{place}: the reader does not know the value {value!r}"
        elif not _is_of(reader.get("type"), value) or reader.keys() & (
            _VERBATIM | _LOWER_BOUNDS | _UPPER_BOUNDS
        ):
            yield f"{place}: the reader may refuse the value {value!r}"


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list,),
}


def _is_of(type_name: str | None, value: Any) -> bool:
    if type_name is None:
        return True
    if isinstance(value, bool) and type_name != "boolean":
        return False
    return isinstance(value, _PYTHON_TYPES[type_name])


def _type_refusals(reader: Schema, writer: Schema, place: str) -> Iterator[str]:
    if _closed_values(reader) is not None:
        yield f"{place}: the reader takes only {_closed_values(reader)}, the writer is free"
    taken, sent = reader.get("type"), writer.get("type")
    if taken is not None and taken != sent and not (taken == "number" and sent == "integer"):
        yield f"{place}: the reader takes {taken}, the writer sends {sent or 'anything'}"


def _bound_refusals(reader: Schema, writer: Schema, place: str) -> Iterator[str]:
    for keyword in sorted(reader.keys() & (_LOWER_BOUNDS | _UPPER_BOUNDS | _VERBATIM)):
        taken, sent = reader[keyword], writer.get(keyword)
        if keyword in _VERBATIM:
            fits = sent == taken
        elif keyword in _LOWER_BOUNDS:
            fits = sent is not None and sent >= taken
        else:
            fits = sent is not None and sent <= taken
        if not fits:
            yield f"{place}: the reader demands {keyword} {taken}, the writer's is {sent}"


def _object_refusals(reader: _Side, writer: _Side, place: str) -> Iterator[str]:
    sent = writer.schema.get("properties", {})
    taken = reader.schema.get("properties", {})
    always_sent = set(writer.schema.get("required", []))
    for name in reader.schema.get("required", []):
        if name not in always_sent:
            yield f"{place}.{name}: the reader needs it, the writer may leave it out"
    for name in sorted(sent.keys() & taken.keys()):
        yield from _refusals(reader.at(taken[name]), writer.at(sent[name]), f"{place}.{name}")
    rest = reader.schema.get("additionalProperties", True)
    for name in sorted(sent.keys() - taken.keys()):
        if rest is False:
            yield f"{place}.{name}: the reader refuses fields it does not know"
        elif rest is not True:
            yield from _refusals(reader.at(rest), writer.at(sent[name]), f"{place}.{name}")
    yield from _rest_refusals(reader, writer, place)


def _rest_refusals(reader: _Side, writer: _Side, place: str) -> Iterator[str]:
    """Fields that neither names: `inherited` is such a map."""
    taken = reader.schema.get("additionalProperties", True)
    sent = writer.schema.get("additionalProperties", True)
    if taken is True or sent is False:
        return
    if taken is False:
        # A writer's schema without the keyword does not mean that it sends what it never names.
        if sent is not True:
            yield f"{place}.*: the reader refuses fields it does not know"
    elif sent is True and not writer.schema.get("properties"):
        yield f"{place}.*: the reader takes only some values, the writer is free"
    elif sent is not True:
        yield from _refusals(reader.at(taken), writer.at(sent), f"{place}.*")

"""Readers and writers of different releases: each kind of break planted once; what is harmless passes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from yinuo_schemas.compatibility import Schema, UnknownKeyword, refusals
from yinuo_schemas.generate import generated_files

FILES = {name: json.loads(text) for name, text in generated_files().items() if name.endswith(".json")}
WRITTEN, READ = FILES["extraction.v1.schema.json"], FILES["extraction_reader.v1.schema.json"]
ARTICLE = FILES["article.v1.schema.json"]

Change = Callable[[Schema], Any]


def changed(schema: Schema, change: Change) -> Schema:
    schema = copy.deepcopy(schema)
    change(schema)
    return schema


def test_a_release_reads_itself() -> None:
    assert refusals(READ, WRITTEN) == []
    for name, schema in FILES.items():
        assert refusals(schema, schema) == [], name


def metric(schema: Schema) -> Any:
    return schema["$defs"]["Metric"]


def drop(record: Any, name: str) -> None:
    del record["properties"][name]
    if name in record["required"]:
        record["required"].remove(name)


OLD_READER_NEW_MESSAGE: dict[str, tuple[Change, str]] = {
    "a field is gone": (lambda s: drop(metric(s), "unit"), "$.metrics[].unit: the reader needs it"),
    "a field may be missing": (
        lambda s: metric(s)["required"].remove("flow"),
        "$.metrics[].flow: the reader needs it",
    ),
    "a field got another type": (
        lambda s: metric(s)["properties"].update(value={"type": "number"}),
        "$.metrics[].value: the reader takes string, the writer sends number",
    ),
    "a field may be null": (
        lambda s: metric(s)["properties"].update(quote={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "$.metrics[].quote: the reader takes string, the writer sends null",
    ),
    "a closed list got a value": (
        lambda s: s["$defs"]["Comparator"]["enum"].append("ne"),
        "$.metrics[].comparator: the reader does not know the value 'ne'",
    ),
    "a closed list was opened": (
        lambda s: s["$defs"]["Comparator"].pop("enum"),
        "$.metrics[].comparator: the reader takes only",
    ),
    "a bound was widened": (
        lambda s: s["$defs"]["Pledge"]["properties"]["specificity"].update(maximum=7),
        "$.pledges[].specificity: the reader demands maximum 6",
    ),
    "a bound was dropped": (
        lambda s: s["$defs"]["Pledge"]["properties"]["start"].pop("minimum"),
        "$.pledges[].start: the reader demands minimum 0",
    ),
    "a pattern changed": (
        lambda s: metric(s)["properties"]["value"].update(pattern="^.*$"),
        "$.metrics[].value: the reader demands pattern",
    ),
    "values of a map changed": (
        lambda s: s["$defs"]["Pledge"]["properties"]["inherited"].update(
            additionalProperties={"type": "string"}
        ),
        "$.pledges[].inherited.*: the reader takes object",
    ),
    "items of a list changed": (
        lambda s: metric(s)["properties"].update(rules={"type": "array", "items": {"type": "integer"}}),
        "$.metrics[].rules[]: the reader takes string",
    ),
    "a nested article got a stricter reader": (
        lambda s: s["$defs"]["ReadArticle"]["properties"]["title"]["anyOf"][0].pop("maxLength"),
        "$.article.title: the reader demands maxLength 2000",
    ),
}


@pytest.mark.parametrize("name", OLD_READER_NEW_MESSAGE)
def test_an_old_reader_and_a_new_message(name: str) -> None:
    change, complaint = OLD_READER_NEW_MESSAGE[name]
    found = refusals(READ, changed(WRITTEN, change))
    assert any(line.startswith(complaint) for line in found), found


NEW_READER_OLD_MESSAGE: dict[str, tuple[Change, str]] = {
    "a field is required anew": (
        lambda s: s["required"].append("summary"),
        "$.summary: the reader needs it",
    ),
    "a closed list lost a value": (
        lambda s: s["$defs"]["Firmness"]["enum"].remove("rhetoric"),
        "$.pledges[].firmness: the reader does not know the value 'rhetoric'",
    ),
    "null is refused": (
        lambda s: s["$defs"]["Pledge"]["properties"].update(due={"type": "string", "format": "date"}),
        "$.pledges[].due: the reader takes string, the writer sends null",
    ),
    "a bound was narrowed": (
        lambda s: s["$defs"]["Pledge"]["properties"]["specificity"].update(minimum=2),
        "$.pledges[].specificity: the reader demands minimum 2",
    ),
    "unknown fields are refused": (
        lambda s: (drop(metric(s), "flow"), metric(s).update(additionalProperties=False)),
        "$.metrics[].flow: the reader refuses fields it does not know",
    ),
}


@pytest.mark.parametrize("name", NEW_READER_OLD_MESSAGE)
def test_a_new_reader_and_an_old_message(name: str) -> None:
    change, complaint = NEW_READER_OLD_MESSAGE[name]
    found = refusals(changed(READ, change), WRITTEN)
    assert any(line.startswith(complaint) for line in found), found


ARTICLE_BREAKS: dict[str, tuple[Change, str]] = {
    "a field was removed": (lambda s: drop(s, "page"), "$.page: the reader refuses fields"),
    "a field became required": (lambda s: s["required"].append("source"), "$.source: the reader needs it"),
    "a text got shorter": (
        lambda s: s["properties"]["title"]["anyOf"][0].update(maxLength=100),
        "$.title: the reader demands maxLength 100",
    ),
    "the empty string is refused": (
        lambda s: s["properties"]["published_on"]["anyOf"].remove({"const": ""}),
        "$.published_on: the reader may refuse the value ''",
    ),
    "a field was renamed": (
        lambda s: s["properties"].update(headline=s["properties"].pop("title")),
        "$.title: the reader refuses fields",
    ),
}


@pytest.mark.parametrize("name", ARTICLE_BREAKS)
def test_a_new_extractor_and_an_old_article(name: str) -> None:
    change, complaint = ARTICLE_BREAKS[name]
    found = refusals(changed(ARTICLE, change), ARTICLE)
    assert any(line.startswith(complaint) for line in found), found


HARMLESS: dict[str, Change] = {
    "a field was added": lambda s: (
        metric(s)["properties"].update(confidence={"type": "string"}),
        metric(s)["required"].append("confidence"),
    ),
    "a closed list was narrowed by the writer": lambda s: s["$defs"]["Comparator"]["enum"].remove("lt"),
    "a description changed": lambda s: metric(s).update(description="Another wording."),
    "a bound was narrowed by the writer": lambda s: s["$defs"]["Pledge"]["properties"]["specificity"].update(
        maximum=5
    ),
    "null is never sent": lambda s: metric(s)["properties"].update(unit={"type": "string"}),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_an_old_reader_takes(name: str) -> None:
    assert refusals(READ, changed(WRITTEN, HARMLESS[name])) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "not": {"const": "x"}},
        {"anyOf": [{"type": "string"}], "maxLength": 3},
        {"$ref": "#/$defs/A", "maxLength": 3, "$defs": {"A": {"type": "string"}}},
    ],
)
def test_a_keyword_it_cannot_compare_is_an_error(schema: Schema) -> None:
    with pytest.raises(UnknownKeyword):
        refusals(schema, {"type": "string"})

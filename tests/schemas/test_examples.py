"""Every example against the models and the generated schemas, and the test vector of the derived id."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from yinuo_schemas import Article, DeadLetter, Extraction, derive_article_id
from yinuo_schemas.dead_letter import ErrorStage
from yinuo_schemas.extraction import SCHEMA_HEADER, SCHEMA_VERSION
from yinuo_schemas.topic_files import SCHEMAS, Example, load_examples, load_topics

TOPICS = load_topics()
EXAMPLES = {name: load_examples(topic) for name, topic in TOPICS.items()}


def named(examples: list[Example]) -> Any:
    return pytest.mark.parametrize("example", examples, ids=[example.name for example in examples])


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / "json" / name).read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def header_object(example: Example) -> dict[str, str]:
    return {name: value.decode() for name, value in example.headers if value is not None}


def json_value(example: Example) -> Any:
    assert example.value is not None
    return json.loads(example.value.decode("utf-8-sig"))


def is_json(example: Example) -> bool:
    return example.name.startswith("json_") and not (
        example.case.error and example.case.error.stage is ErrorStage.DECODE
    )


RAW_JSON = [example for example in EXAMPLES["articles.raw"] if is_json(example)]
EXTRACTED = EXAMPLES["articles.extracted"]
DEAD = EXAMPLES["articles.dead"]


@named([example for example in RAW_JSON if example.valid])
def test_a_valid_article_fits_schema_and_model(example: Example) -> None:
    value = json_value(example)
    validator("article.v1.schema.json").validate(value)
    Article.model_validate(value)


@named([example for example in RAW_JSON if not example.valid])
def test_an_invalid_article_fits_neither(example: Example) -> None:
    value = json_value(example)
    with pytest.raises(ValidationError):
        Article.model_validate(value)
    assert validator("article.v1.schema.json").is_valid(value) is example.case.beyond_schema


@named([example for example in EXAMPLES["articles.raw"] if example.valid])
def test_headers_of_a_valid_raw_message_fit_their_schema(example: Example) -> None:
    validator("raw_headers.v1.schema.json").validate(header_object(example))


@named([example for example in EXTRACTED if example.valid])
def test_a_valid_extraction_fits_both_schemas_and_model(example: Example) -> None:
    value = json_value(example)
    validator("extracted_headers.v1.schema.json").validate(header_object(example))
    validator("extraction.v1.schema.json").validate(value)
    validator("extraction_reader.v1.schema.json").validate(value)
    extraction = Extraction.model_validate_json(example.value or b"")
    again = json.loads(extraction.model_dump_json())
    validator("extraction.v1.schema.json").validate(again)
    assert Extraction.model_validate(again) == extraction
    assert example.key == (extraction.article.article_id or "").encode()


@named([example for example in EXTRACTED if example.valid])
def test_rows_of_an_extraction_point_at_their_quotes(example: Example) -> None:
    extraction = Extraction.model_validate_json(example.value or b"")
    text = extraction.article.text
    for row in (*extraction.pledges, *extraction.metrics):
        assert text[row.start : row.end] == row.quote
    for pledge in extraction.pledges:
        assert pledge.cue is None or text[pledge.cue.start : pledge.cue.end] == pledge.cue.text


@named([example for example in EXTRACTED if example.case.error])
def test_an_invalid_extraction_does_not_fit_the_model(example: Example) -> None:
    with pytest.raises(ValidationError):
        Extraction.model_validate_json(example.value or b"")


def test_a_newer_major_version_is_told_by_its_header() -> None:
    (newer,) = (example for example in EXTRACTED if example.case.outcome == "waits")
    assert header_object(newer)[SCHEMA_HEADER] != SCHEMA_VERSION
    assert not validator("extracted_headers.v1.schema.json").is_valid(header_object(newer))


def test_unknown_keys_disappear_and_nothing_else() -> None:
    by_name = {example.name: example for example in EXTRACTED}
    newer = Extraction.model_validate_json(by_name["unknown_keys_are_ignored"].value or b"")
    assert newer == Extraction.model_validate_json(by_name["one_pledge_two_metrics"].value or b"")


@named([example for example in DEAD if example.valid])
def test_a_valid_dead_letter_comes_out_as_it_went_in(example: Example) -> None:
    validator("dead_headers.v1.schema.json").validate(header_object(example))
    letter = DeadLetter.from_message(example.key, example.value, example.headers)
    assert (letter.key, letter.value) == (example.key, example.value)
    assert letter.to_headers() == list(example.headers)


@named([example for example in DEAD if not example.valid])
def test_what_is_no_dead_letter_does_not_fit(example: Example) -> None:
    assert example.case.outcome == "stored_as_is"
    assert not validator("dead_headers.v1.schema.json").is_valid(header_object(example))
    with pytest.raises(ValidationError):
        DeadLetter.from_message(example.key, example.value, example.headers)


VECTOR = json.loads((SCHEMAS / "examples" / "derived_article_id.json").read_text("utf-8"))


@pytest.mark.parametrize("case", VECTOR, ids=[case["about"] for case in VECTOR])
def test_derived_ids(case: dict[str, Any]) -> None:
    fields = {"source": None, "published_on": None, "title": None, "page": None, **case["article"]}
    assert hashlib.sha256(case["hashed"].encode()).hexdigest()[:16] == case["article_id"]
    assert json.loads(case["hashed"]) == [
        fields[name] for name in ("source", "published_on", "title", "page", "text")
    ]
    assert derive_article_id(**fields) == case["article_id"]
    assert Article.model_validate(case["article"]).with_id().article_id == case["article_id"]


def test_the_vector_would_notice_another_way_of_writing() -> None:
    """Planted: escapes, blanks after separators and another order give other ids somewhere in the vector."""
    for change in ({"ensure_ascii": True}, {"separators": (", ", ": ")}, {"indent": 0}):
        options: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":"), **change}
        assert any(json.dumps(json.loads(case["hashed"]), **options) != case["hashed"] for case in VECTOR), (
            change
        )

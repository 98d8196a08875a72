"""Law: every example of a raw message goes through the handlers, and the same message gives the same answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import jsonschema
import pytest

from yinuo.errors import BadInput
from yinuo.intake.decode import Limits, decode_article
from yinuo.pipeline import kafka
from yinuo.pipeline.handle import handle
from yinuo.pipeline.messages import (
    DEAD,
    EXTRACTED,
    Outgoing,
    RawMessage,
    dead_letter_message,
    extraction_message,
)
from yinuo_schemas import Article, DeadLetter, SourcePosition
from yinuo_schemas.topic_files import SCHEMAS, Case, Example, load_examples, load_topics

TOPICS = load_topics()
EXAMPLES = load_examples(TOPICS["articles.raw"])
VALID = [example for example in EXAMPLES if example.valid]
INVALID = [example for example in EXAMPLES if not example.valid]

NOW = datetime(2026, 1, 12, 8, 0, tzinfo=UTC)
SOURCE = SourcePosition(cluster="c", topic="articles.raw", partition=2, offset=7, timestamp=NOW)


def decoded(example: Example) -> Article:
    return decode_article(example.key, example.value, example.headers)


def disagreements(example: Example) -> list[str]:
    """What the decoder does otherwise than the example says."""
    case = example.case
    try:
        article = decoded(example)
    except BadInput as refusal:
        if case.error is None:
            return [f"refused as {refusal.stage}/{refusal.error_type}: {refusal}"]
        found, expected = (refusal.stage, refusal.error_type), (case.error.stage, case.error.type)
        return [] if found == expected else [f"refused as {found}, not as {expected}"]
    if case.error is not None:
        return [f"taken, though it is {case.error.stage}/{case.error.type}"]
    fields = article.model_dump(mode="json")
    return [f"{k}: {fields[k]!r}, not {v!r}" for k, v in case.article.items() if fields[k] != v]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_decoder_does_what_the_example_says(example: Example) -> None:
    assert disagreements(example) == []


@pytest.mark.parametrize("example", INVALID, ids=lambda example: example.name)
def test_a_refusal_is_one_line_for_people(example: Example) -> None:
    with pytest.raises(BadInput) as refusal:
        decoded(example)
    line = str(refusal.value)
    assert line.isprintable()
    assert 0 < len(line) < 400


def raw_message(example: Example) -> RawMessage:
    return RawMessage(example.key, example.value, example.headers, SOURCE)


def answer(example: Example) -> Outgoing:
    """The message that the extractor sends for this one."""
    raw = raw_message(example)
    result = handle(raw, Limits(), NOW)
    return dead_letter_message(result) if isinstance(result, DeadLetter) else extraction_message(result, raw)


@cache
def schema(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((SCHEMAS / "json" / name).read_text("utf-8")))


def misfits(sent: Outgoing) -> list[str]:
    """What in a sent message is not as its topic's generated schemas say."""
    headers = {name: value.decode() for name, value in sent.headers if value is not None and is_text(value)}
    errors = list(schema(TOPICS[sent.topic].headers_file).iter_errors(headers))
    if sent.topic == EXTRACTED:
        errors += schema("extraction.v1.schema.json").iter_errors(json.loads(sent.value or b""))
    return [error.message for error in errors]


def is_text(value: bytes) -> bool:
    """Headers of a failed message may hold any bytes; ours are text."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


# The decoder's test covers the text of the longest length; reading it takes minutes while a rule is quadratic.
READ = [example for example in EXAMPLES if example.name != "text_of_the_longest_length"]


@pytest.mark.parametrize("example", READ, ids=lambda example: example.name)
def test_the_answer_fits_its_topic_and_is_the_same_twice(example: Example) -> None:
    sent = answer(example)
    assert sent.topic == (EXTRACTED if example.valid else DEAD)
    assert misfits(sent) == []
    assert answer(example) == sent


@pytest.mark.parametrize("example", INVALID, ids=lambda example: example.name)
def test_a_dead_letter_keeps_key_bytes_and_headers(example: Example) -> None:
    sent = answer(example)
    assert (sent.key, sent.value) == (example.key, example.value)
    assert sent.headers[: len(example.headers)] == example.headers


def test_an_answer_that_does_not_fit_is_caught() -> None:
    """Planted: a key of the value, and a header, that the schemas do not allow."""
    sent = answer(next(example for example in VALID if example.name == "json_text_only"))
    value = json.loads(sent.value or b"")
    assert misfits(replace(sent, value=json.dumps(value | {"metrics": None}).encode()))
    assert misfits(replace(sent, headers=sent.headers[1:]))


def test_topics_are_made_as_their_files_say() -> None:
    said = {name: (topic.retention_days, topic.max_message_bytes) for name, topic in TOPICS.items()}
    made = {name: (spec.retention_days, spec.max_message_bytes) for name, spec in kafka.TOPICS.items()}
    assert made == said


def test_a_wrong_expectation_is_caught() -> None:
    """Planted: an example that says otherwise than the decoder does, each way."""
    valid, invalid = VALID[0], INVALID[0]
    assert invalid.case.error is not None
    other = Case(about="planted", article={"revision": 7})
    assert disagreements(valid.model_copy(update={"case": other}))
    assert disagreements(invalid.model_copy(update={"case": other}))
    assert disagreements(valid.model_copy(update={"case": invalid.case}))
    wrong = next(e for e in INVALID if e.case.error and e.case.error.type != invalid.case.error.type)
    assert disagreements(invalid.model_copy(update={"case": wrong.case}))

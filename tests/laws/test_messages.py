"""Law: every example of a raw message goes through the handlers, and the same message gives the same answer."""

from __future__ import annotations

import pytest

from yinuo import extract_article
from yinuo.errors import BadInput
from yinuo.intake.decode import decode_article
from yinuo_schemas import Article
from yinuo_schemas.topic_files import Case, Example, load_examples, load_topics

EXAMPLES = load_examples(load_topics()["articles.raw"])
VALID = [example for example in EXAMPLES if example.valid]
INVALID = [example for example in EXAMPLES if not example.valid]


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


@pytest.mark.parametrize(
    "example", [e for e in VALID if e.case.value is None], ids=lambda example: example.name
)
def test_twice_the_same_bytes(example: Example) -> None:
    first, second = (extract_article(decoded(example)).model_dump_json() for _ in range(2))
    assert first == second


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

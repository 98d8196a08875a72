"""Every line of the word tables has an example that runs, and fails when the line is taken away."""

import tomllib
from importlib import resources

import pytest

from yinuo import extract

_LEAD = "东湖区将做好今年工作，落实惠企政策。"


def _table(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((resources.files("yinuo.extraction") / name).read_text("utf-8"))


_AIM = "今年，东湖区力争完成年度任务，"


def _rows(text: str, lead: str = _LEAD):
    found = extract(lead + text + "。", published_on="2023-01-10").pledges
    return [row for row in found if row.start >= len(lead)]


_VERBS = [(word, example) for lines in _table("verbs.toml").values() for word, example in lines.items()]


@pytest.mark.parametrize(("word", "example"), _VERBS, ids=lambda value: value)
def test_a_verb_is_read_as_the_action_of_its_example(word: str, example: str) -> None:
    lead = _LEAD if example.startswith(word) else _AIM  # a noun phrase and its predicate need a cue to aim at
    assert word in [row.action for row in _rows(example, lead)]


_CUES = [
    (section, word, example)
    for section, lines in _table("cues.toml").items()
    if section != "lookalike"
    for word, example in lines.items()
]


@pytest.mark.parametrize(("firmness", "word", "example"), _CUES, ids=lambda value: value)
def test_a_cue_decides_the_firmness_of_its_example(firmness: str, word: str, example: str) -> None:
    assert [row.firmness for row in _rows(example)] == [firmness]


def test_a_planted_line_that_does_nothing_is_caught() -> None:
    with pytest.raises(AssertionError):
        test_a_verb_is_read_as_the_action_of_its_example("腾挪", "腾挪旧厂房")


@pytest.mark.parametrize(
    ("word", "example"), list(_table("manner.toml")["manner"].items()), ids=lambda value: value
)
def test_a_manner_word_hides_no_verb(word: str, example: str) -> None:
    assert [row for row in _rows(example) if row.action and word in row.quote]


_NOUNS = [
    ("pledge" if section in ("thing", "campaign") else "aspiration", word, example)
    for section, lines in _table("nouns.toml").items()
    for word, example in lines.items()
]


@pytest.mark.parametrize(("kind", "word", "example"), _NOUNS, ids=lambda value: value)
def test_a_noun_decides_whether_its_example_can_be_checked(kind: str, word: str, example: str) -> None:
    assert word in example
    assert [row.kind for row in _rows(example)] == [kind]


_FRAMES = _table("frames.toml")


@pytest.mark.parametrize(("word", "example"), list(_FRAMES["frame"].items()), ids=lambda value: value)
def test_a_frame_is_the_means_of_the_clause_behind_it(word: str, example: str) -> None:
    assert word in example
    rows = _rows(f"{example}，建设体育公园")
    assert [row.quote for row in rows] == ["建设体育公园"]
    assert rows[0].means is not None and example.endswith(rows[0].means)


@pytest.mark.parametrize(("word", "example"), list(_FRAMES["tail"].items()), ids=lambda value: value)
def test_a_tail_is_the_purpose_of_the_clause_before_it(word: str, example: str) -> None:
    assert word in example
    rows = _rows(f"建设体育公园，{example}")
    assert [(row.quote, row.purpose) for row in rows] == [("建设体育公园", example)]


@pytest.mark.parametrize(("word", "example"), list(_FRAMES["event"].items()), ids=lambda value: value)
def test_a_clause_before_an_event_is_promised_without_a_day(word: str, example: str) -> None:
    assert f"{word}前" in example
    (row,) = extract(f"{example}。", published_on="2023-01-10").pledges
    assert (row.due, row.due_basis) == (None, "relative")
    assert extract(f"去年，{example}。", published_on="2023-01-10").pledges == []


_NO_ROWS = [
    (section, word, example)
    for section in ("third_party", "past", "standing")
    for word, example in _FRAMES[section].items()
]


@pytest.mark.parametrize(("section", "word", "example"), _NO_ROWS, ids=lambda value: value)
def test_what_is_past_another_s_or_standing_is_no_row(section: str, word: str, example: str) -> None:
    assert word in example
    assert _rows(example) == []


def test_a_planted_example_that_promises_is_caught() -> None:
    with pytest.raises(AssertionError):
        test_what_is_past_another_s_or_standing_is_no_row("past", "建成", "将建成体育公园")

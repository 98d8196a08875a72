"""Each topic word decides the topic of its example; the head of the noun phrase wins."""

import tomllib
from importlib import resources

import pytest

from yinuo import extract
from yinuo_schemas.extraction import Topic

_TABLE = tomllib.loads((resources.files("yinuo.extraction") / "topics.toml").read_text("utf-8"))
_LINES = [(topic, word, example) for topic, lines in _TABLE.items() for word, example in lines.items()]


def _topics(text: str) -> list[str]:
    return [row.topic for row in extract(f"我们将{text}。", published_on="2023-01-10").pledges]


def test_the_table_has_every_topic_of_the_contract_and_no_other() -> None:
    assert [*_TABLE, "other"] == [topic.value for topic in Topic]


@pytest.mark.parametrize(("topic", "word", "example"), _LINES, ids=lambda value: value)
def test_a_word_decides_the_topic_of_its_example(topic: str, word: str, example: str) -> None:
    assert word in example
    assert _topics(example) == [topic]


def test_the_head_of_the_phrase_decides() -> None:
    assert _topics("完善城市医院的教育中心") == ["education"]
    assert _topics("建好两处") == ["other"]


def test_a_planted_line_under_another_topic_is_caught() -> None:
    with pytest.raises(AssertionError):
        test_a_word_decides_the_topic_of_its_example("health", "公路", "改造公路20公里")

"""Topic files: complete, without orphans, in step with the models; a misspelt key is an error."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from yinuo_schemas import Article
from yinuo_schemas.dead_letter import REPLAY_HEADER, DeadLetter, ErrorStage, ErrorType, SourcePosition
from yinuo_schemas.extraction import SCHEMA_HEADER, SCHEMA_VERSION
from yinuo_schemas.topic_files import (
    CASE_SUFFIX,
    SCHEMAS,
    BadTopicFile,
    Topic,
    all_examples,
    load_examples,
    load_topics,
)

TOPICS = load_topics()
RAW, EXTRACTED, DEAD = (TOPICS[name] for name in ("articles.raw", "articles.extracted", "articles.dead"))


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of the topic files and examples, to break."""
    for part in ("topics", "examples"):
        shutil.copytree(SCHEMAS / part, tmp_path / part)
    return tmp_path


def unused_examples(root: Path) -> list[str]:
    """Files and folders of examples/ that no topic takes up."""
    used = {(root / topic.examples).name for topic in load_topics(root).values()}
    known = used | {"derived_article_id.json"}
    return sorted(path.name for path in (root / "examples").iterdir() if path.name not in known)


def missing_schemas(topics: dict[str, Topic], root: Path) -> list[str]:
    """Schema files of json/ that a topic does not name, and named ones that are not there."""
    named = {topic.headers_file for topic in topics.values()}
    for topic in topics.values():
        for message in topic.messages:
            named |= {name for name in (message.written, message.read) if name}
    found = {path.name for path in (root / "json").glob("*.json")}
    return sorted(named ^ found)


def test_three_topics() -> None:
    assert sorted(TOPICS) == ["articles.dead", "articles.extracted", "articles.raw"]


def test_no_orphans() -> None:
    assert unused_examples(SCHEMAS) == []
    assert missing_schemas(TOPICS, SCHEMAS) == []


def test_every_topic_has_valid_and_other_examples() -> None:
    for topic in TOPICS.values():
        examples = load_examples(topic)
        assert any(e.valid for e in examples), topic.topic
        assert any(not e.valid for e in examples), topic.topic


def test_every_error_type_has_an_example() -> None:
    shown = {example.case.error.type for example in all_examples() if example.case.error}
    written = {
        value.decode()
        for example in load_examples(DEAD)
        for name, value in example.headers
        if name == "yinuo-error-type" and value
    }
    assert shown | {ErrorType(name) for name in written - {"moonlight"}} == set(ErrorType)


def test_an_example_folder_without_a_topic_is_an_orphan(schemas: Path) -> None:
    (schemas / "examples" / "articles.gone").mkdir()
    assert unused_examples(schemas) == ["articles.gone"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("retention_days: 7", "retention_day: 7", "retention_day"),
        ("  - name: extractor", "  - nam: extractor", "name"),
        ("retention_days: 7", "retention_days: a week", "retention_days"),
        ("topic: articles.raw", "topic: articles.row", "the file is named"),
        ("  mode: backward", "  mode: sideways", "compatibility.mode"),
        ("    written: article.v1.schema.json\n", "", "written and read"),
        ("topic: articles.raw", "topic: [articles.raw", "not YAML"),
        ("Article\n", "Artikel\n", "no such model"),
    ],
)
def test_a_wrong_topic_file_is_an_error(schemas: Path, old: str, new: str, complaint: str) -> None:
    path = schemas / "topics" / "articles.raw.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(BadTopicFile, match=complaint):
        [message.model_class() for topic in load_topics(schemas).values() for message in topic.messages]


def test_a_stray_file_among_the_topics_is_an_error(schemas: Path) -> None:
    (schemas / "topics" / "articles.raw.yml").write_text("topic: x", "utf-8")
    with pytest.raises(BadTopicFile, match="only topic files"):
        load_topics(schemas)


@pytest.mark.parametrize(
    ("sidecar", "complaint"),
    [
        ("about: Nothing comes with it.\n", "give its value once"),
        ("about: Both.\nno_value: true\nvalue: {text: a, times: 1}\n", "give its value once"),
        ("about: x\nno_value: true\neror: {stage: decode, type: json}\n", "eror"),
        ("about: x\nno_value: true\nerror: {stage: decode, type: sadness}\n", "error.type"),
    ],
)
def test_a_wrong_sidecar_is_an_error(schemas: Path, sidecar: str, complaint: str) -> None:
    (schemas / "examples" / "articles.raw" / f"planted{CASE_SUFFIX}").write_text(sidecar, "utf-8")
    with pytest.raises(BadTopicFile, match=complaint):
        load_examples(load_topics(schemas)["articles.raw"], schemas)


def test_two_values_of_one_name_are_an_error(schemas: Path) -> None:
    (schemas / "examples" / "articles.raw" / "empty_value.txt").write_bytes(b"")
    with pytest.raises(BadTopicFile, match="two examples"):
        load_examples(load_topics(schemas)["articles.raw"], schemas)


def test_metadata_headers_are_the_fields_of_an_article() -> None:
    headers = {header.name for header in RAW.headers} - {"content-type", REPLAY_HEADER, "yinuo-attempts"}
    assert headers == Article.model_fields.keys() - {"text"}


def test_headers_of_a_dead_letter_are_those_it_writes() -> None:
    letter = DeadLetter(
        key=None,
        value=b"",
        headers=(),
        stage=ErrorStage.DECODE,
        type=ErrorType.EMPTY,
        message="empty",
        source=_POSITION,
        failed_at=_POSITION.timestamp,
    )
    assert [header.name for header in DEAD.headers] == [name for name, _ in letter.to_headers()]
    assert all(header.required for header in DEAD.headers)


def test_headers_of_an_extraction_are_schema_and_source() -> None:
    expected = [SCHEMA_HEADER, *(name for name, _ in _POSITION.to_headers())]
    assert [header.name for header in EXTRACTED.headers if header.required] == expected
    assert [header.name for header in EXTRACTED.headers if not header.required] == [REPLAY_HEADER]
    assert EXTRACTED.headers[0].pattern == f"^{SCHEMA_VERSION}$"


def test_dead_letters_keep_longer_and_hold_at_least_as_much() -> None:
    assert set(DEAD.dead_letters_of) == TOPICS.keys() - {DEAD.topic}
    for name in DEAD.dead_letters_of:
        assert DEAD.retention_days >= TOPICS[name].retention_days
        assert DEAD.max_message_bytes >= TOPICS[name].max_message_bytes


_POSITION = SourcePosition.model_validate(
    {"cluster": "c", "topic": "t", "partition": 0, "offset": 0, "timestamp": "2026-01-12T00:00:00Z"}
)

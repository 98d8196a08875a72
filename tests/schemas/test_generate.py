"""Committed files equal the generated ones; a release is kept as it was; the AsyncAPI document is valid."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel, ValidationError

from yinuo_schemas import Article, Extraction, generate
from yinuo_schemas.topic_files import SCHEMAS, Example, load_examples, load_topics

ASYNCAPI_SCHEMA = Path(__file__).parent / "vendor" / "asyncapi-3.0.0.schema.json.gz"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of the schemas folder without its releases."""
    for part in ("topics", "examples", "json"):
        shutil.copytree(SCHEMAS / part, tmp_path / part)
    return tmp_path


@pytest.fixture
def released(schemas: Path) -> Path:
    """The same with today's state frozen as release 1."""
    generate.freeze("1", schemas)
    return schemas


def document() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((SCHEMAS / "json" / "asyncapi.yaml").read_text("utf-8"))
    return content


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_committed_files_are_the_generated_ones() -> None:
    assert generate.differences() == []
    assert generate.breaks() == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("article.v1.schema.json", "json/article.v1.schema.json: differs from the models and topic files"),
        ("asyncapi.yaml", "json/asyncapi.yaml: differs from the models and topic files"),
    ],
)
def test_an_edited_file_is_told(
    schemas: Path, name: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = schemas / "json" / name
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert generate.main(["--check", "--root", str(schemas)]) == 1
    assert line in capsys.readouterr().err


def test_a_missing_and_a_foreign_file_are_told(schemas: Path) -> None:
    (schemas / "json" / "extraction.v1.schema.json").rename(schemas / "json" / "old.json")
    assert generate.differences(schemas) == [
        "json/extraction.v1.schema.json: missing",
        "json/old.json: nothing generates it",
    ]


def test_writing_mends_every_difference(schemas: Path) -> None:
    (schemas / "json" / "extraction.v1.schema.json").rename(schemas / "json" / "old.json")
    assert generate.main(["--root", str(schemas)]) == 0
    assert generate.main(["--check", "--root", str(schemas)]) == 0


def test_a_changed_topic_file_asks_for_generating(schemas: Path) -> None:
    replace(schemas / "topics" / "articles.raw.yaml", "retention_days: 7", "retention_days: 8")
    assert generate.differences(schemas) == ["json/asyncapi.yaml: differs from the models and topic files"]


def test_a_wrong_topic_file_is_one_line_and_bad_use(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(schemas / "topics" / "articles.raw.yaml", "retention_days", "retention_dais")
    assert generate.main(["--check", "--root", str(schemas)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_missing_folder_is_bad_use(tmp_path: Path) -> None:
    assert generate.main(["--check", "--root", str(tmp_path / "none")]) == 2


def test_a_release_is_kept_and_fits_itself(released: Path) -> None:
    assert generate.main(["--check", "--root", str(released)]) == 0


def test_a_release_is_never_made_twice(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--freeze", "--root", str(released)]) == 2
    assert "released/1 exists" in capsys.readouterr().err


def test_a_later_release_of_the_same_major_stands_beside_it(released: Path) -> None:
    assert generate.main(["--freeze", "1.1", "--root", str(released)]) == 0
    assert [path.name for path in generate.releases(released)] == ["1", "1.1"]


def test_a_release_of_another_major_is_refused(schemas: Path) -> None:
    assert generate.main(["--freeze", "2", "--root", str(schemas)]) == 2


def test_nothing_is_frozen_while_files_differ(schemas: Path) -> None:
    replace(schemas / "json" / "article.v1.schema.json", "newspaper", "paper")
    assert generate.main(["--freeze", "--root", str(schemas)]) == 2
    assert not (schemas / "released").exists()


def test_an_edited_release_is_told(released: Path) -> None:
    replace(released / "released/1/json/article.v1.schema.json", "newspaper", "paper")
    assert generate.breaks(released) == [
        "1 json/article.v1.schema.json: edited, added or removed after the release"
    ]


def test_a_break_against_a_release_fails(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Planted: the release had a header, a topic, a field and a value that today's files do not know."""
    topics = released / "released/1/topics"
    replace(released / "released/1/json/extraction_reader.v1.schema.json", '"approx"', '"nearly"')
    (topics / "articles.dead.yaml").rename(topics / "articles.gone.yaml")
    replace(topics / "articles.gone.yaml", "topic: articles.dead", "topic: articles.gone")
    refreeze(released / "released/1")
    assert generate.main(["--check", "--root", str(released)]) == 1
    told = capsys.readouterr().err
    assert (
        "new message, old reader: $.metrics[].comparator: the reader does not know the value 'approx'" in told
    )
    assert "articles.gone: the topic is gone" in told


def test_what_old_articles_hold_must_be_taken(released: Path) -> None:
    """Planted: the release knew a field of an article that today's extractor refuses."""
    replace(released / "released/1/json/article.v1.schema.json", '"page": {', '"sheet": {')
    refreeze(released / "released/1")
    assert any("old message, new reader: $.sheet" in line for line in generate.breaks(released))


def test_a_required_header_more_is_a_break(released: Path) -> None:
    replace(
        released / "topics/articles.raw.yaml",
        "content-type\n    required: false",
        "content-type\n    required: true",
    )
    assert generate.main(["--root", str(released)]) == 1


def refreeze(release: Path) -> None:
    lines = [f"{checksum}  {name}\n" for name, checksum in generate._checksums(release)]
    (release / generate.CHECKSUMS).write_text("".join(lines), "utf-8")


def unread_examples(release: Path) -> list[str]:
    """Names of a release's valid examples that today's models refuse."""
    topics = load_topics(release)
    articles = [e for e in load_examples(topics["articles.raw"], release) if e.name.startswith("json_")]
    extractions = load_examples(topics["articles.extracted"], release)
    pairs = [(Article, e) for e in articles] + [(Extraction, e) for e in extractions]
    return [example.name for model, example in pairs if example.valid and not reads(model, example)]


def reads(model: type[BaseModel], example: Example) -> bool:
    try:
        model.model_validate_json((example.value or b"").removeprefix(b"\xef\xbb\xbf"))
    except ValidationError:
        return False
    return True


def test_every_released_example_is_still_read() -> None:
    for release in generate.releases():
        assert unread_examples(release) == []


def test_an_example_that_is_read_no_more_is_told(released: Path) -> None:
    examples = released / "released/1/examples/articles.extracted"
    replace(examples / "one_pledge_two_metrics.json", '"target"', '"aimed"')
    assert unread_examples(released / "released/1") == ["one_pledge_two_metrics"]


def test_the_asyncapi_document_is_valid() -> None:
    schema = json.loads(gzip.decompress(ASYNCAPI_SCHEMA.read_bytes()))
    jsonschema.Draft7Validator(schema).validate(document())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.pop("info"),
        lambda content: content["operations"]["extractor_receives_articles_raw"].update(action="reads"),
        lambda content: content["channels"]["articles_raw"].update(adress="articles.raw"),
    ],
)
def test_the_asyncapi_schema_refuses_a_wrong_document(spoil: Any) -> None:
    content = document()
    spoil(content)
    schema = json.loads(gzip.decompress(ASYNCAPI_SCHEMA.read_bytes()))
    assert not jsonschema.Draft7Validator(schema).is_valid(content)


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    if isinstance(node, list):
        return [found for value in node for found in references(value)]
    return []


def test_every_reference_leads_somewhere() -> None:
    content = document()
    found = references(content)
    assert any(reference.startswith("./") for reference in found)
    for reference in found:
        if reference.startswith("./"):
            assert (SCHEMAS / "json" / reference).is_file(), reference
        else:
            target = content
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]


def test_every_party_of_every_topic_is_an_operation() -> None:
    names = document()["operations"].keys()
    for topic in load_topics().values():
        channel = topic.topic.replace(".", "_")
        assert {f"{party.name}_sends_{channel}" for party in topic.writers} <= names
        assert {f"{party.name}_receives_{channel}" for party in topic.readers} <= names

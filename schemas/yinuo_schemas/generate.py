"""The JSON Schemas and the AsyncAPI document, made from models and topic files.

`python -m yinuo_schemas.generate` writes them. `--check` writes nothing and fails on a difference, on a
change that a released reader or message cannot take, and on a released file that was edited. `--freeze`
keeps what stands as a release. Not part of any service. Keeps the law: generated files equal the models.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from yinuo_schemas import asyncapi
from yinuo_schemas.compatibility import Schema, refusals
from yinuo_schemas.extraction import SCHEMA_MAJOR
from yinuo_schemas.topic_files import SCHEMAS, BadTopicFile, Topic, load_examples, load_topics

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CHECKSUMS = "SHA256SUMS"


class _Written(GenerateJsonSchema):
    """What a writer sends: every key is always there. Property titles repeat the names and are left out."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def generated_files(root: Path = SCHEMAS) -> dict[str, str]:
    """Name → content of every file of `json/`. BadTopicFile where topics or examples are wrong."""
    topics = load_topics(root)
    files: dict[str, str] = {}
    for topic in topics.values():
        files[topic.headers_file] = _json(headers_schema(topic))
        for message in topic.messages:
            model = message.model_class()
            if model is None or message.written is None or message.read is None:
                continue
            # One file for both directions says what may be sent, which is what is taken.
            mode: JsonSchemaMode = "validation" if message.written == message.read else "serialization"
            files[message.written] = _json(_model_schema(model, mode))
            files[message.read] = _json(_model_schema(model, "validation"))
    examples = {name: load_examples(topic, root) for name, topic in topics.items()}
    files["asyncapi.yaml"] = asyncapi.document(topics, examples)
    return dict(sorted(files.items()))


def headers_schema(topic: Topic) -> Schema:
    """JSON Schema of a message's headers, read as an object of UTF-8 strings; foreign headers are free."""
    return {
        "$schema": DIALECT,
        "title": f"Headers of {topic.topic}",
        "type": "object",
        "properties": {header.name: header.schema_() for header in topic.headers},
        "required": [header.name for header in topic.headers if header.required],
    }


def differences(root: Path = SCHEMAS) -> list[str]:
    """One line for each file of `json/` that is not what the models generate."""
    wanted = generated_files(root)
    folder = root / "json"
    found = {path.name: path.read_text("utf-8") for path in folder.iterdir()} if folder.is_dir() else {}
    lines = [f"json/{name}: missing" for name in wanted.keys() - found.keys()]
    lines += [f"json/{name}: nothing generates it" for name in found.keys() - wanted.keys()]
    lines += [
        f"json/{name}: differs from the models and topic files"
        for name in wanted.keys() & found.keys()
        if wanted[name] != found[name]
    ]
    return sorted(lines)


def breaks(root: Path = SCHEMAS) -> list[str]:
    """One line for each way in which today's schemas and a release of the same major version do not fit."""
    now = {name: json.loads(text) for name, text in generated_files(root).items() if name.endswith(".json")}
    lines: list[str] = []
    for release in releases(root):
        lines += edited(release)
        then = {path.name: json.loads(path.read_text("utf-8")) for path in (release / "json").glob("*.json")}
        old_topics, new_topics = load_topics(release), load_topics(root)
        for name, old in old_topics.items():
            if name in new_topics:
                lines += [
                    f"{release.name} {line}" for line in _topic_breaks(old, new_topics[name], then, now)
                ]
            else:
                lines.append(f"{release.name} {name}: the topic is gone")
    return lines


def releases(root: Path = SCHEMAS) -> list[Path]:
    """The frozen releases of this major version, `released/1`, `released/1.1` …"""
    folder = root / "released"
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name.split(".")[0] == str(SCHEMA_MAJOR))


def edited(release: Path) -> list[str]:
    """One line for each file of a release that is not as it was frozen."""
    lines = (release / CHECKSUMS).read_text("utf-8").splitlines()
    listed = {name: checksum for checksum, _, name in (line.partition("  ") for line in lines)}
    found = dict(_checksums(release))
    return [
        f"{release.name} {name}: edited, added or removed after the release"
        for name in sorted(listed.keys() | found.keys())
        if listed.get(name) != found.get(name)
    ]


def freeze(version: str, root: Path = SCHEMAS) -> Path:
    """Keep json, topics and examples as release `version`; BadTopicFile when it exists or all is not well."""
    target = root / "released" / version
    if version.split(".")[0] != str(SCHEMA_MAJOR):
        raise BadTopicFile(f"{version}: the models are of major version {SCHEMA_MAJOR}")
    if target.exists():
        raise BadTopicFile(f"released/{version} exists and is never changed; choose a new version")
    wrong = differences(root) + breaks(root)
    if wrong:
        raise BadTopicFile(f"not fit for a release: {wrong[0]}")
    for part in ("json", "topics", "examples"):
        shutil.copytree(root / part, target / part)
    lines = [f"{checksum}  {name}\n" for name, checksum in _checksums(target)]
    (target / CHECKSUMS).write_text("".join(lines), "utf-8")
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 done, 1 a difference or a break, 2 bad use."""
    parser = argparse.ArgumentParser(
        prog="python -m yinuo_schemas.generate", description="Make, check or freeze json/."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference or a break")
    parser.add_argument(
        "--freeze", metavar="VERSION", nargs="?", const=str(SCHEMA_MAJOR), help="keep a release"
    )
    parser.add_argument("--root", type=Path, default=SCHEMAS, help="the schemas folder")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            return _report(differences(options.root) + breaks(options.root))
        if options.freeze:
            freeze(options.freeze, options.root)
            return 0
        _write(options.root)
        return _report(breaks(options.root))
    except BadTopicFile as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _report(lines: list[str]) -> int:
    for line in lines:
        sys.stderr.write(f"{line}\n")
    if lines:
        sys.stderr.write(
            "Run `make schemas` for what differs; a break needs a default, or a new major version.\n"
        )
    return 1 if lines else 0


def _write(root: Path) -> None:
    wanted = generated_files(root)
    folder = root / "json"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, "utf-8")


def _topic_breaks(old: Topic, new: Topic, then: dict[str, Schema], now: dict[str, Schema]) -> Iterator[str]:
    """`then` and `now`: the JSON Schemas by file name."""
    pairs = [("headers", old.headers_file, old.headers_file, new.headers_file, new.headers_file)]
    messages = {message.name: message for message in new.messages}
    for message in old.messages:
        if message.name not in messages:
            yield f"{old.topic} {message.name}: the message is gone"
        elif message.written and message.read:
            today = messages[message.name]
            pairs.append((message.name, message.written, message.read, today.written or "", today.read or ""))
    for name, old_written, old_read, new_written, new_read in pairs:
        for line in refusals(now.get(new_read, {}), then[old_written]):
            yield f"{old.topic} {name}: old message, new reader: {line}"
        if new.compatibility.mode == "full":
            for line in refusals(then[old_read], now.get(new_written, {})):
                yield f"{old.topic} {name}: new message, old reader: {line}"


def _model_schema(model: type[BaseModel], mode: JsonSchemaMode) -> Schema:
    return {"$schema": DIALECT, **model.model_json_schema(schema_generator=_Written, mode=mode)}


def _json(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _checksums(folder: Path) -> list[tuple[str, str]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    return [
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files
    ]


if __name__ == "__main__":
    sys.exit(main())

"""The AsyncAPI 3 document of the topics, as YAML text.

Says nothing of its own: all of it comes from topic files and models. For `generate` alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from yinuo_schemas.extraction import SCHEMA_MAJOR
from yinuo_schemas.topic_files import Example, Message, Topic

_MILLISECONDS_A_DAY = 24 * 60 * 60 * 1000
_HEAD = "# Generated from the models and topic files: `make schemas`. Edit those, not this.\n"


def document(topics: Mapping[str, Topic], examples: Mapping[str, Sequence[Example]]) -> str:
    """The whole document; schemas are referred to as files beside it."""
    content = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "yinuo",
            "version": f"{SCHEMA_MAJOR}",
            "description": (
                "Articles in, pledges and metrics out, over Kafka. A topic prefix goes literally before "
                "every address; unset, the addresses are as here."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_identifier(name): _channel(topic) for name, topic in topics.items()},
        "operations": {
            name: operation for topic in topics.values() for name, operation in _operations(topic).items()
        },
        "components": {
            "messages": {
                message.name: _message(topic, message, _shown(message, examples[topic.topic]))
                for topic in topics.values()
                for message in topic.messages
            }
        },
    }
    return _HEAD + yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    """Without anchors: every part reads on its own."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _identifier(topic: str) -> str:
    return topic.replace(".", "_")


def _channel(topic: Topic) -> dict[str, Any]:
    retention = topic.retention_days * _MILLISECONDS_A_DAY
    return {
        "address": topic.topic,
        "description": topic.about,
        "messages": {
            message.name: {"$ref": f"#/components/messages/{message.name}"} for message in topic.messages
        },
        "bindings": {
            "kafka": {
                "topic": topic.topic,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": retention,
                    "max.message.bytes": topic.max_message_bytes,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(topic: Topic) -> dict[str, dict[str, Any]]:
    channel = f"#/channels/{_identifier(topic.topic)}"
    written = {
        f"{party.name}_sends_{_identifier(topic.topic)}": ("send", party.about) for party in topic.writers
    }
    read = {
        f"{party.name}_receives_{_identifier(topic.topic)}": ("receive", party.about)
        for party in topic.readers
    }
    return {
        name: {"action": action, "channel": {"$ref": channel}, "description": about}
        for name, (action, about) in (written | read).items()
    }


def _message(topic: Topic, message: Message, shown: Sequence[Example]) -> dict[str, Any]:
    key = {"type": "string", "description": topic.key.about}
    content: dict[str, Any] = {
        "name": message.name,
        "summary": message.about,
        "contentType": message.content_type,
        "headers": {"$ref": f"./{topic.headers_file}"},
        "payload": {"$ref": f"./{message.written}"} if message.written else {"type": "string"},
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
    }
    if shown:
        content["examples"] = [_example(example) for example in shown]
    return content


def _shown(message: Message, examples: Sequence[Example]) -> list[Example]:
    """The valid examples that can be written down: JSON for a message with a schema."""
    if message.written is None:
        return []
    return [e for e in examples if e.valid and e.value is not None and _is_object(e.value)]


def _is_object(value: bytes) -> bool:
    try:
        return isinstance(json.loads(value), dict)
    except ValueError:
        return False


def _example(example: Example) -> dict[str, Any]:
    content: dict[str, Any] = {"name": example.name, "summary": example.case.about}
    if example.headers:
        content["headers"] = {name: value.decode() for name, value in example.headers if value}
    assert example.value is not None
    content["payload"] = json.loads(example.value)
    return content

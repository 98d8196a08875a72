"""The gateway and what can be read as JSON, fuzzed from the OpenAPI document that the server itself gives.

Law: whatever is sent, the answer is one that the document names, of the shape it names, and never a bug.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import FailureGroup, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import servers
from web import site as sites
from web.site import Site

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 12
"""Of each operation, as the document allows and as it does not."""


@pytest.fixture(scope="module")
def fuzzed(stocked: str, embedded_broker: servers.Broker) -> Iterator[Site]:
    with sites.running(
        stocked,
        kafka_url=embedded_broker.bootstrap,
        topic_prefix="fuzz.",
        max_text_chars=2000,
        max_message_bytes=20_000,
    ) as found:
        yield found


def fuzz(site: Site, document: dict[str, Any], *, only: str = "") -> int:
    """Ask all that the document names; how many requests were made. Whatever is wrong is raised."""
    schema = schemathesis.openapi.from_dict(document)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if only and operation.path != only:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.POSITIVE or _can_be_wrong(document, operation):
                asked += _fuzz_one(site, operation, mode)
    return asked


def _can_be_wrong(document: dict[str, Any], operation: Any) -> bool:
    """Whether the document leaves anything out: a plain string may be all there is."""
    said = document["paths"][operation.path][operation.method]
    return "requestBody" in said or any(len(one["schema"]) > 1 for one in said["parameters"])


def _fuzz_one(site: Site, operation: Any, mode: GenerationMode) -> int:
    asked = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        nonlocal asked
        asked += 1
        case.call_and_validate(base_url=site.address, checks=CHECKS)

    each()
    return asked


def test_whatever_is_sent_is_answered_as_the_document_says(fuzzed: Site) -> None:
    document = fuzzed.ask("/openapi.json").json
    assert fuzz(fuzzed, document) > 100


def without_a_status(document: dict[str, Any]) -> None:
    del document["paths"]["/articles"]["post"]["responses"]["400"]


def with_another_answer(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Page"]["required"].append("total")


@pytest.mark.parametrize(
    ("planted", "path", "said"),
    [
        (without_a_status, "/articles", "Undocumented status code"),
        (with_another_answer, "/api/metrics", "Response violates schema"),
    ],
)
def test_an_answer_that_the_document_does_not_name_is_found(
    fuzzed: Site, planted: Callable[[dict[str, Any]], None], path: str, said: str
) -> None:
    document = copy.deepcopy(fuzzed.ask("/openapi.json").json)
    planted(document)
    with pytest.raises(FailureGroup) as raised:
        fuzz(fuzzed, document, only=path)
    assert said in "".join(map(repr, raised.value.exceptions))


def test_a_bug_is_found(fuzzed: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("yinuo.storage.questions.search_words", broken)
    with pytest.raises(FailureGroup):
        fuzz(fuzzed, fuzzed.ask("/openapi.json").json, only="/api/metrics")

"""Law: what is newer. A higher revision, else the later message; other rules only by version and digest."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.samples import position
from yinuo.storage.newer import Form, Verdict, is_newer, precedence, standing_after, verdict


def form(
    content: str = "x", *, revision: int = 0, version: str = "1.0.0", digest: str = "d1", **at: Any
) -> Form:
    return Form(revision, content, position(**at), version, digest)


HELD = form("x", revision=1, offset=5, at=50)


@pytest.mark.parametrize(
    ("incoming", "expected"),
    [
        pytest.param(
            form("y", revision=2, offset=1, at=0), Verdict.REVISION, id="a higher revision, sent earlier"
        ),
        pytest.param(
            form("y", revision=0, offset=9, at=99), Verdict.OLDER, id="a lower revision, sent later"
        ),
        pytest.param(
            form("y", revision=1, offset=6, at=0), Verdict.REVISION, id="same partition: later by offset"
        ),
        pytest.param(
            form("y", revision=1, offset=4, at=99), Verdict.OLDER, id="same partition: earlier by offset"
        ),
        pytest.param(
            form("y", revision=1, offset=1, at=51, partition=1),
            Verdict.REVISION,
            id="other partition: later by time",
        ),
        pytest.param(
            form("y", revision=1, offset=9, at=49, partition=1),
            Verdict.OLDER,
            id="other partition: earlier by time",
        ),
        pytest.param(
            form("y", revision=1, offset=1, at=51, cluster="c2"),
            Verdict.REVISION,
            id="other cluster: by time",
        ),
        pytest.param(
            form("y", revision=1, offset=1, at=51, topic="other"), Verdict.REVISION, id="other topic: by time"
        ),
        pytest.param(
            form("y", revision=1, offset=5, at=50, partition=1), Verdict.REVISION, id="same time: higher hash"
        ),
        pytest.param(
            form("w", revision=1, offset=5, at=50, partition=1), Verdict.OLDER, id="same time: lower hash"
        ),
        pytest.param(form("x", revision=1, offset=9, at=99), Verdict.UNCHANGED, id="same content, later"),
        pytest.param(form("x", revision=1, offset=1, at=1), Verdict.UNCHANGED, id="same content, earlier"),
        pytest.param(HELD, Verdict.UNCHANGED, id="the same message"),
        pytest.param(
            dataclasses.replace(HELD, extractor_version="1.1.0"), Verdict.RULES, id="higher version"
        ),
        pytest.param(
            dataclasses.replace(HELD, extractor_version="0.9.9"), Verdict.UNCHANGED, id="lower version"
        ),
        pytest.param(
            dataclasses.replace(HELD, rules_digest="d2"), Verdict.RULES, id="same version, other digest"
        ),
        pytest.param(
            dataclasses.replace(HELD, extractor_version="0.9.9", rules_digest="d2"),
            Verdict.UNCHANGED,
            id="lower version, other digest",
        ),
        pytest.param(
            form("y", revision=1, offset=6, version="0.1.0"),
            Verdict.REVISION,
            id="newer content is taken from a lower version",
        ),
        pytest.param(
            form("y", revision=1, offset=4, version="9.0.0"),
            Verdict.OLDER,
            id="older content is not taken from a higher version",
        ),
    ],
)
def test_verdict(incoming: Form, expected: Verdict) -> None:
    assert verdict(HELD, incoming) is expected


def test_nothing_held_is_new() -> None:
    assert verdict(None, HELD) is Verdict.NEW


forms = st.builds(
    form,
    st.sampled_from("xyz"),
    revision=st.integers(0, 1),
    offset=st.integers(0, 3),
    partition=st.integers(0, 1),
    at=st.integers(0, 3),
)


@given(forms, forms)
def test_of_two_forms_with_other_content_exactly_one_is_newer(one: Form, other: Form) -> None:
    same = dataclasses.replace(one, source=other.source) == other and one.source == other.source
    assert is_newer(one, other) + is_newer(other, one) <= 1
    if one.content_hash != other.content_hash:
        assert not same
        assert is_newer(one, other) != is_newer(other, one)


def test_semantic_versions_are_in_their_order() -> None:
    ordered = [
        "not a version", "0.9.10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11",
        "1.0.0-rc.1", "1.0.0", "1.0.1-0", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
    ]  # fmt: skip
    keys = [precedence(version) for version in ordered]
    assert keys == sorted(keys)
    assert len({precedence(version) for version in ordered}) == len(ordered)
    assert precedence("1.0.0+build.7") == precedence("1.0.0")


def test_same_content_keeps_the_later_position() -> None:
    """Else an old copy that is read again by new rules would let a message between the two copies win."""
    first_copy = dataclasses.replace(HELD, source=position(1, at=10), extractor_version="1.1.0")
    after = standing_after(HELD, first_copy)
    assert after.source == HELD.source
    assert after.extractor_version == "1.1.0"
    assert standing_after(first_copy, HELD).source == HELD.source

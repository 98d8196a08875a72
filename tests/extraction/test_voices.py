"""Every post, surname and verb of saying of `posts.toml` binds words to the person who says them."""

import tomllib
from importlib import resources

import pytest

from yinuo import extract

_TABLE = tomllib.loads((resources.files("yinuo.extraction") / "posts.toml").read_text("utf-8"))


def _speaker(text: str) -> tuple[str | None, str | None]:
    rows = extract(text, published_on="2023-02-10").pledges
    return (rows[0].speaker, rows[0].speaker_post) if rows else (None, None)


@pytest.mark.parametrize("post", _TABLE["posts"])
def test_a_post_between_body_and_name(post: str) -> None:
    speaker, found = _speaker(f"澄江县{post}王明表示，今年将新建公园3处。")
    assert speaker == "王明"
    assert found is not None and found.endswith(post)


@pytest.mark.parametrize("rank", _TABLE["ranks"])
def test_a_rank_before_a_post(rank: str) -> None:
    assert _speaker(f"澄江县{rank}县长王明表示，今年将新建公园3处。")[0] == "王明"


@pytest.mark.parametrize("verb", _TABLE["saying"])
def test_a_verb_of_saying(verb: str) -> None:
    assert _speaker(f"澄江县县长王明{verb}，今年将新建公园3处。")[0] == "王明"


_SURNAMES = [*"".join(_TABLE["surnames"].split()), *_TABLE["compound_surnames"]]


@pytest.mark.parametrize("surname", _SURNAMES)
def test_a_surname(surname: str) -> None:
    assert _speaker(f"澄江县县长{surname}小满表示，今年将新建公园3处。")[0] == f"{surname}小满"


def test_planted_a_village_that_states_is_no_person() -> None:
    assert _speaker("刘庄表示，今年将新建公园3处。")[0] is None


def test_planted_a_word_that_is_no_surname_is_no_person() -> None:
    assert _speaker("澄江县县长的小满表示，今年将新建公园3处。")[0] is None

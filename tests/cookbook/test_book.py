"""Every question in docs/queries.md gives what stands under it, on both servers, for who may only read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cookbook.book import BOOK, Recipe, answers, fill, recipes, written

AGAIN = "`make cookbook` writes the outputs anew; look at the difference"
ROOT = Path(__file__).parents[2]


def book() -> list[Recipe]:
    return list(recipes(BOOK.read_text("utf-8")))


@pytest.fixture(scope="session", autouse=True)
def _both_servers_may_pass(server_folder: Path) -> None:
    server_folder.chmod(0o711)


@pytest.mark.parametrize("postgres_server", ["embedded18", "debian15"], indirect=True)
async def test_every_question_gives_what_stands_there(database: str) -> None:
    await fill(database)
    asked = book()
    for recipe, found in zip(asked, await answers(database, asked), strict=True):
        assert recipe.output == found, f"{recipe.title}: {AGAIN}"
        assert "(0 rows)" not in found, f"{recipe.title} shows nothing"


def test_there_are_twenty_and_no_block_is_left_out() -> None:
    text = BOOK.read_text("utf-8")
    assert len(book()) == 20
    assert text.count("```sql\n") == 20
    assert len({recipe.title for recipe in book()}) == 20


def test_every_view_has_its_question() -> None:
    said = " ".join(recipe.sql for recipe in book())
    views = re.findall(
        r"CREATE OR REPLACE VIEW (yinuo\.\w+)", (ROOT / "schemas/postgres/views.sql").read_text("utf-8")
    )
    assert len(views) == 9
    assert [view for view in [*views, "yinuo.search("] if view not in said] == []


def test_writing_anew_changes_outputs_alone() -> None:
    text = BOOK.read_text("utf-8")
    assert written(text, [recipe.output for recipe in book()]) == text
    planted = written(text, ["planted\n"] * 20)
    assert [recipe.output for recipe in recipes(planted)] == ["planted\n"] * 20
    assert [recipe.sql for recipe in recipes(planted)] == [recipe.sql for recipe in book()]

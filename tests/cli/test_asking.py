"""`due`, `search`, `show`, `export` and hints, as a user meets them: processes against a database of three articles."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from storage.samples import message, metric, pledge, position
from yinuo.storage.store import Store

from .conftest import Finished, one_line

Yinuo = Callable[..., Finished]

SOON = "确保六月建成停车\n场3处，达８％。"
LATE = "力争明年完成改造。"
PAST = "将于五月修好GDP路。"


@pytest.fixture
def asked(yinuo: Yinuo, database: str) -> Yinuo:
    asyncio.run(_fill(database))
    settings = {"YINUO_DATABASE_URL": f"{database}&yinuo.today=2024-06-01"}
    return lambda *arguments, **more: yinuo(*arguments, **more, settings=settings)


async def _fill(dsn: str) -> None:
    soon = pledge(SOON, SOON[:-1], "soon1234", due=date(2024, 6, 30), object="停车场")
    number = metric(SOON, "3处", "soon1234", pledge_id=soon["pledge_id"], value=Decimal("3.50"))
    late = pledge(LATE, LATE[:-1], "late", due=date(2025, 12, 31), firmness="aim", promiser="厦门市")
    past = pledge(PAST, PAST[:-1], "soon9", due=date(2024, 5, 31), speaker="李四")
    hope = pledge(PAST, PAST[:1], "soon9", kind="aspiration", due=None)
    async with Store(dsn) as store:
        await store.write_batch(
            [
                message("soon1234", SOON, pledges=[soon], metrics=[number], title="停车", source="福清日报"),
                message("late", LATE, pledges=[late], metrics=[], raw=position(1)),
                message("soon9", PAST, pledges=[past, hope], metrics=[], raw=position(2)),
            ]
        )


def lines(finished: Finished) -> list[str]:
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.decode().splitlines()


def rows(finished: Finished) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(finished)]


def test_due_shows_the_nearest_first_and_then_what_has_gone_by(asked: Yinuo) -> None:
    found = rows(asked("due", "--format", "jsonl"))
    assert [(row["article_id"], row["light"], row["days_left"]) for row in found] == [
        ("soon1234", "due_30", 29),
        ("late", "later", 578),
        ("soon9", "past", -1),
    ]
    table = lines(asked("due", "--limit", "2"))
    assert table[0].split() == ["light", "days_left", "due", "promiser", "quote"]
    assert table[-1].startswith("2 rows shown, there are more")
    assert all(cell_len(line) <= 80 for line in table)


@pytest.mark.parametrize(
    ("flags", "articles"),
    [
        (["--light", "past", "--light", "later"], ["late", "soon9"]),
        (["--light", "undated", "--kind", "all"], ["soon9"]),
        (["--light", "undated", "--kind", "aspiration"], ["soon9"]),
        (
            ["--text", "停车场", "--promiser", "福清", "--due-by", "2024-06-30", "--firmness", "guarantee"],
            ["soon1234"],
        ),
        (["--text", "达8%"], ["soon1234"]),
        (["--text", "gdp路", "--speaker", "李"], ["soon9"]),
        (["--source", "福清日报", "--article", "soon1234", "--region", "3501"], ["soon1234"]),
        (["--limit", "1"], ["soon1234"]),
        (["--due-from", "2024-05-31", "--due-by", "2024-06-30"], ["soon1234", "soon9"]),
    ],
    ids=" ".join,
)
def test_filters_hold_together(asked: Yinuo, flags: list[str], articles: list[str]) -> None:
    assert [row["article_id"] for row in rows(asked("due", "--format", "jsonl", *flags))] == articles


def test_what_matches_nothing_says_what_would(asked: Yinuo) -> None:
    finished = asked("due", "--promiser", "厦口市", "--light", "past", "--format", "csv")
    assert len(lines(finished)) == 1
    assert finished.stderr.decode().splitlines() == [
        "Nothing matches.",
        "  Without --promiser 厦口市 there is 1. Instead of 厦口市, there is 厦门市.",
    ]
    finished = asked("pledges", "--promiser", "厦门", "--kind", "aspiration")
    assert finished.stderr.decode().splitlines() == [
        "Nothing matches.",
        "  With --kind all there is 1.",
        "  Without --promiser 厦门 there is 1.",
    ]
    finished = asked("metrics", "--article", "no", "--due-by", "2000-01-01")
    assert finished.stderr.decode().splitlines() == [
        "Nothing matches. Leaving out one filter alone does not help: try fewer."
    ]


def test_an_empty_database_says_how_to_fill_it(yinuo: Yinuo, database: str) -> None:
    finished = yinuo("due", settings={"YINUO_DATABASE_URL": database})
    assert lines(finished) == ["0 rows"]
    assert "Nothing is stored yet" in finished.stderr.decode()


def test_search_finds_words_across_line_breaks(asked: Yinuo) -> None:
    (found,) = rows(asked("search", "停车场", "--format", "jsonl"))
    assert SOON[found["hit_start"] : found["hit_end"]] == "停车\n场"
    table = lines(asked("search", "停车"))
    assert table[-1] == "1 row"
    assert "soon1234" in table[2]
    assert all(cell_len(line) <= 80 for line in table)
    assert [row["article_id"] for row in rows(asked("search", "gdp", "路", "--format", "jsonl"))] == ["soon9"]
    finished = asked("search", "停车 天外")
    assert lines(finished) == ["0 rows"]
    assert finished.stderr.decode().splitlines() == ["Nothing holds all of it.", "  Without 天外: 1."]


def test_show_marks_the_rows_in_the_text(asked: Yinuo) -> None:
    shown = "\n".join(lines(asked("show", "soon1")))
    assert "【确保六月建成停车\n场｢3处｣，达８％】。" in shown
    stored = json.loads(asked("show", "soon1234", "--json").stdout)
    assert stored["article"]["text"] == SOON
    assert stored["metrics"][0]["value"] == "3.50"
    assert stored["pledges"][0]["cue"]["text"] == "确保"


def test_show_says_which_ids_there_are(asked: Yinuo) -> None:
    finished = asked("show", "soon")
    assert finished.returncode == 2
    assert "soon1234, soon9" in one_line(finished)
    finished = asked("show", "%")
    assert finished.returncode == 2
    assert "no article % is stored" in one_line(finished)


def test_export_writes_a_whole_view(asked: Yinuo, tmp_path: Path) -> None:
    text = asked("export", "current_pledges").stdout.decode()
    table = list(csv.DictReader(io.StringIO(text)))
    assert sorted(row["article_id"] for row in table) == ["late", "soon1234", "soon9", "soon9"]
    assert {row["rules"] for row in table} == {'["cue.guarantee"]'}
    as_lines = rows(asked("export", "pledge_targets", "--format", "jsonl"))
    assert [(row["value"], row["due"], row["lowest_included"]) for row in as_lines] == [
        ("3.5", "2024-06-30", True)
    ]
    target = tmp_path / "targets.csv"
    assert asked("export", "pledge_targets", "-o", target).returncode == 0
    assert len(list(csv.reader(target.read_text("utf-8").splitlines(keepends=True)))) == 2
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    "view",
    [
        "current_pledge",
        "pledges",
        "CURRENT_PLEDGES",
        "x; DROP SCHEMA yinuo",
        "yinuo.promisers",
        "",
        "pg_roles",
    ],
)
def test_export_takes_names_of_our_views_alone(asked: Yinuo, tmp_path: Path, view: str) -> None:
    target = tmp_path / "out.csv"
    finished = asked("export", view, "-o", target)
    assert finished.returncode == 2
    assert "There are article_evidence, " in one_line(finished)
    assert not target.exists()
    assert not list(tmp_path.glob("*.part"))


def test_a_shell_is_told_what_may_follow(yinuo: Yinuo) -> None:
    script = lines(yinuo("completion", "bash"))
    assert any("_YINUO_COMPLETE=complete_bash" in line for line in script)
    ask = {"_YINUO_COMPLETE": "complete_bash", "COMP_WORDS": "yinuo due --lig", "COMP_CWORD": "2"}
    assert lines(yinuo(settings=ask)) == ["--light"]

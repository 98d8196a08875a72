"""`yinuo reextract` and `yinuo purge` as a user has them."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from rich.cells import cell_len

from yinuo.extraction_api import extract_article
from yinuo.runtime.run_file import find_running
from yinuo.runtime.supervisor import demo_stack
from yinuo.storage.incoming import IncomingExtraction
from yinuo.storage.store import Store
from yinuo_schemas import Article, DeadLetter, SourcePosition
from yinuo_schemas.dead_letter import ErrorStage, ErrorType

from .conftest import COMMAND, Finished, one_line
from .living import Living, living

Yinuo = Callable[..., Finished]
TEXT = "滨河县2026年将新建改造农村公路35公里。到2027年底,力争旅游收入突破4亿元。"
MOMENT = "2026-01-01T00:00:00Z"


def position(offset: int) -> SourcePosition:
    return SourcePosition(cluster="c", topic="articles.raw", partition=0, offset=offset, timestamp=MOMENT)


def stale(article_id: str, offset: int, text: str = TEXT) -> IncomingExtraction:
    """An article as other rules read it: no metric, and no day by which anything is due."""
    extraction = extract_article(Article(article_id=article_id, text=text, source="滨河日报"))
    update: dict[str, Any] = {
        "extractor": extraction.extractor.model_copy(update={"rules_digest": "old"}),
        "pledges": [pledge.model_copy(update={"due": None}) for pledge in extraction.pledges],
        "metrics": [],
    }
    return IncomingExtraction(extraction.model_copy(update=update), position(offset))


@pytest.fixture
def stored(database: str) -> str:
    """Two articles and a dead letter of the first."""

    async def fill() -> None:
        letter = DeadLetter(
            key=b"a1", value=b"\xff", headers=(), stage=ErrorStage.DECODE, type=ErrorType.ENCODING,
            message="neither", source=position(9), failed_at=MOMENT,
        )  # fmt: skip
        async with Store(database) as store:
            await store.write_batch([stale("a1", 1), stale("a2", 2)], [letter])

    asyncio.run(fill())
    return database


@pytest.fixture
def served(yinuo: Yinuo, stored: str) -> Yinuo:
    def run(*arguments: str, **more: Any) -> Finished:
        settings = {"YINUO_DATABASE_URL": stored, **more.pop("settings", {})}
        return yinuo(*arguments, settings=settings, **more)

    return run


def ask(dsn: str, sql: str) -> Any:
    async def asked() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(asked())


def test_a_dry_run_is_a_table_that_lines_up(served: Yinuo, stored: str) -> None:
    shown = served("reextract", "--dry-run", settings={"COLUMNS": "140"})
    assert (shown.returncode, shown.stderr) == (0, b"")
    lines = shown.stdout.decode().splitlines()
    head, rule = lines[0], lines[1]
    assert head.split() == ["article_id", "row", "change", "field", "before", "after", "rules", "quote"]
    at = head.index("quote")
    assert set(rule) == {"-", " "}
    rows = [line for line in lines[2:] if line.startswith(("a1 ", "a2 "))]
    assert any("added" in row for row in rows)
    assert any("2027-12-31" in row for row in rows)
    for row in rows:
        before = next(end for end in range(len(row) + 1) if cell_len(row[:end]) == at)
        assert row[before - 1] == " " != row[before], row
    assert "2 articles read, with changes" in lines
    assert lines[-1] == "nothing was written; without --dry-run it is"
    assert ask(stored, "SELECT count(*) FROM yinuo.metrics") == 0


def test_a_dry_run_for_programs(served: Yinuo) -> None:
    whole = json.loads(served("reextract", "--dry-run", "--format", "json", "--limit", "0").stdout)
    assert whole["totals"]["articles"]["changed"] == 2
    added = [one for one in whole["changes"] if one["change"] == "added"]
    assert len(added) == whole["totals"]["metric"]["added"] > 0
    assert all(one["rules"] for one in added)
    assert all(TEXT[one["span_start"] : one["span_end"]] == one["quote"] for one in added)
    lines = [
        json.loads(line) for line in served("reextract", "--dry-run", "--format", "jsonl").stdout.splitlines()
    ]
    assert lines[:-1] == whole["changes"]
    assert lines[-1] == {"totals": whole["totals"]}
    table = list(
        csv.DictReader(served("reextract", "--dry-run", "--format", "csv").stdout.decode().splitlines())
    )
    assert [row["row_id"] for row in table] == [one["row_id"] for one in whole["changes"]]


def test_the_limit_cuts_the_list_and_not_the_totals(served: Yinuo) -> None:
    cut = served("reextract", "--dry-run", "--format", "json", "--limit", "1")
    whole = json.loads(served("reextract", "--dry-run", "--format", "json").stdout)
    assert len(json.loads(cut.stdout)["changes"]) == 1
    assert json.loads(cut.stdout)["totals"] == whole["totals"]
    assert b"1 changes shown" in cut.stderr
    nothing = served("reextract", "--dry-run", "--format", "json", "--article", "a1", "--since", "2999-01-01")
    assert json.loads(nothing.stdout)["changes"] == []


def test_promoted_and_again(served: Yinuo, stored: str) -> None:
    assert served("reextract").returncode == 0
    assert ask(stored, "SELECT count(*) FROM yinuo.metrics") > 0
    assert ask(stored, "SELECT string_agg(DISTINCT reason, ',') FROM yinuo.article_history") == "rules"
    again = served("reextract")
    assert b"2 articles had been read by these rules" in again.stdout
    assert ask(stored, "SELECT count(*) FROM yinuo.article_history") == 2


def test_one_that_is_not_there_is_named(served: Yinuo) -> None:
    done = served("reextract", "--article", "nowhere")
    assert done.returncode == 1
    assert one_line(done) == "yinuo: no article nowhere is stored"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("reextract", "--since", "2026-1-1"), "--since 2026-1-1: a date is written YYYY-MM-DD"),
        (("purge",), "say what goes"),
        (("purge", "--before", "2020-01-01", "--article", "a1"), "say what goes"),
        (("purge", "--before", "gestern"), "--before gestern: a date is written YYYY-MM-DD"),
        (("purge", "--article", "a1"), "nothing was deleted: add --yes"),
    ],
)
def test_bad_use_is_one_line(served: Yinuo, stored: str, arguments: tuple[str, ...], said: str) -> None:
    done = served(*arguments)
    assert done.returncode == 2
    assert said in one_line(done)
    assert ask(stored, "SELECT count(*) FROM yinuo.articles") == 2


def test_a_dry_purge_counts_each_table_and_a_purge_deletes_as_many(served: Yinuo, stored: str) -> None:
    dry = served("purge", "--article", "a1", "--dry-run").stdout.decode()
    counts = dict(line.split() for line in dry.splitlines()[:-1])
    assert counts["articles"] == "1"
    assert counts["dead_letters"] == "1"
    assert int(counts["pledges"]) > 0
    assert ask(stored, "SELECT count(*) FROM yinuo.articles") == 2
    done = served("purge", "--article", "a1", "--yes").stdout.decode()
    assert dict(line.split() for line in done.splitlines()) == counts
    assert ask(stored, "SELECT string_agg(article_id, ',') FROM yinuo.articles") == "a2"
    assert ask(stored, "SELECT count(*) FROM yinuo.dead_letters") == 0
    assert served("purge", "--readmit", "a1").returncode == 0
    assert served("purge", "--readmit", "a1").returncode == 1


def test_the_day_begins_where_the_clock_is_set(served: Yinuo, stored: str) -> None:
    ask(stored, "UPDATE yinuo.articles SET received_at = '2025-12-31T17:00:00Z' WHERE article_id = 'a1'")
    for zone, count in (("Asia/Shanghai", "0"), ("UTC", "1")):
        dry = served("purge", "--before", "2026-01-01", "--dry-run", settings={"YINUO_TIMEZONE": zone})
        assert dry.stdout.decode().split()[:2] == ["articles", count]


def test_what_has_had_its_time_goes_by_the_settings(served: Yinuo, stored: str) -> None:
    assert served("reextract").returncode == 0
    ask(stored, "UPDATE yinuo.article_history SET valid_to = now() - interval '10 days'")
    kept = served("purge", "--expired", "--yes")
    assert kept.stdout.decode() == "nothing has had its time\n"
    gone = served("purge", "--expired", "--yes", settings={"YINUO_KEEP_HISTORY_DAYS": "9"})
    assert gone.stdout.decode().split() == ["article_history", "2"]


def test_the_question_on_a_terminal(stored: str, bare: dict[str, str], tmp_path: Path) -> None:
    for answer, code, left in ((b"n\n", 1, 2), (b"y\n", 0, 1)):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, "purge", "--article", "a1"],
            stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
            env=bare | {"YINUO_DATABASE_URL": stored},
        )  # fmt: skip
        os.close(theirs)
        os.write(ours, answer)
        _, asked = process.communicate(timeout=60)
        os.close(ours)
        assert b"Delete this for good?" in asked
        assert b"pledges" in asked
        assert process.returncode == code
        assert ask(stored, "SELECT count(*) FROM yinuo.articles") == left


def test_up_forgets_what_has_had_its_time(own: dict[str, str], open_folder: Path) -> None:
    with living(["up"], own, open_folder / "first") as up:
        up.says("yinuo is up")
        running = find_running(Path(own["YINUO_DATA_DIR"]))
        assert running is not None

        fill_with_old_history(running.dsn)
        assert up.interrupt() == 0
    with living(["up"], own, open_folder / "second") as up:
        up.says("yinuo is up")
        again = find_running(Path(own["YINUO_DATA_DIR"]))
        assert again is not None
        assert ask(again.dsn, "SELECT string_agg(article_id, ',') FROM yinuo.article_history") == "a2"
        assert ask(again.dsn, "SELECT count(*) FROM yinuo.articles") == 2
        assert up.interrupt() == 0


def fill_with_old_history(dsn: str) -> None:
    """Two articles that were changed; what a1 was before has had its time."""

    async def fill() -> None:
        async with Store(dsn) as store:
            await store.write_batch([stale("a1", 1), stale("a2", 2)])
            await store.write_batch([stale("a1", 3, TEXT + "改。"), stale("a2", 4, TEXT + "改。")])

    asyncio.run(fill())
    ask(dsn, "UPDATE yinuo.article_history SET valid_to = '2001-01-01' WHERE article_id = 'a1'")


def test_what_runs_for_days_forgets_every_day(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = "SELECT string_agg(article_id, ',' ORDER BY article_id) FROM yinuo.article_history"
    with demo_stack(on_step=lambda step: None) as tree:
        fill_with_old_history(tree.running.dsn)
        tree.check()
        assert ask(tree.running.dsn, kept) == "a1,a2"
        monkeypatch.setattr(tree._forgetting, "_due", 0.0)
        tree.check()
        assert ask(tree.running.dsn, kept) == "a2"


def test_an_article_sent_again_after_its_purge_stays_out(yinuo: Yinuo, up: Living) -> None:
    """Through Kafka, extractor and writer: the message comes, and the sender is told what became of it."""

    def run(*arguments: str, stdin: bytes = b"") -> Finished:
        return yinuo(*arguments, stdin=stdin, settings=up.environment)

    def submit(*more: str) -> str:
        sent = run("submit", "-", "--wait", "--article-id", "purged-1", *more, stdin=TEXT.encode())
        return sent.stderr.decode().splitlines()[-1]

    assert submit() == "1 sent: 1 new"
    assert run("purge", "--article", "purged-1", "--yes").returncode == 0
    assert submit() == "1 sent: 1 forgotten"
    assert submit("--revision", "9") == "1 sent: 1 forgotten"
    assert run("pledges", "--article", "purged-1", "--format", "jsonl").stdout == b""
    assert run("purge", "--readmit", "purged-1").returncode == 0
    assert submit() == "1 sent: 1 new"
    assert run("purge", "--article", "purged-1", "--yes").returncode == 0

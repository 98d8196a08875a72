"""`yinuo extract`: what each kind of input gives on stdout and stderr, what --out writes, what a bad input says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from yinuo.cli.explain_view import REASONS
from yinuo_schemas import Extraction
from yinuo_schemas.extraction import SkipReason

from .conftest import SEEDS, Finished, one_line

Yinuo = Callable[..., Finished]
PAGE = SEEDS / "000_6db2fce664966d35.txt"
TEXT = "2023年,琅琊镇将新建停车场2处。"


def test_json_is_one_extraction_a_line(yinuo: Yinuo) -> None:
    finished = yinuo("extract", PAGE, "--json", "--published-on", "2023-02-01", "--source", "西海岸报")
    assert (finished.returncode, finished.stderr) == (0, b"")
    (line,) = finished.stdout.splitlines()
    extraction = Extraction.model_validate_json(line)
    article = extraction.article
    assert article.text == PAGE.read_text(encoding="utf-8")
    assert (str(article.published_on), article.source, extraction.reference_basis) == (
        "2023-02-01",
        "西海岸报",
        "published",
    )
    for row in [*extraction.pledges, *extraction.metrics]:
        assert article.text[row.start : row.end] == row.quote
    assert json.loads(line)["article"]["text"] == article.text


def test_flags_fill_in_what_a_json_line_does_not_say(yinuo: Yinuo) -> None:
    lines = [{"text": TEXT}, {"text": TEXT + "完", "source": "own"}]
    finished = yinuo("extract", "-", "--json", "--source", "flag", stdin=_jsonl(lines))
    assert [json.loads(line)["article"]["source"] for line in finished.stdout.splitlines()] == ["flag", "own"]


def test_the_page_stands_there_with_its_rows_and_tables(yinuo: Yinuo) -> None:
    finished = yinuo("extract", "-", stdin=TEXT.encode())
    assert finished.returncode == 0, finished.stderr
    out = finished.stdout.decode("utf-8")
    assert re.search("【[^】]*｢2处｣】", out.replace("\n", ""))
    assert "Pledges (1)" in out
    assert "Metrics (1)" in out
    assert "\x1b" not in out, "no colour codes where nobody sees them"


def test_a_terminal_gets_colours(yinuo: Yinuo) -> None:
    finished = yinuo("extract", "-", stdin=TEXT.encode(), settings={"FORCE_COLOR": "1"})
    assert b"\x1b[" in finished.stdout


def test_explain_names_rules_and_reasons(yinuo: Yinuo) -> None:
    finished = yinuo("extract", PAGE, "--explain")
    out = finished.stdout.decode("utf-8")
    assert finished.returncode == 0
    for word in (
        "rules: ",
        "inherited: ",
        "cue ",
        "verbs.toml:",
        "no row",
        "question: it stands in a question",
    ):
        assert word in out


def test_every_reason_is_said_in_words() -> None:
    assert set(REASONS) == set(get_args(SkipReason))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\t\n", "blank"),
        ("nul.txt", "好\0".encode(), "in no text"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "in no text"),
        ("latin.txt", b"caf\xe9 \xff\xfe\xfd", "GB18030"),
        ("broken.json", b'{"text": "', "JSON"),
        ("field.json", b'{"text": "x", "colour": "red"}', "colour"),
        ("type.json", b'{"text": 5}', "text"),
        ("date.json", b'{"text": "x", "published_on": "2023-13-01"}', "published_on"),
        ("id.json", b'{"text": "x", "article_id": "a b"}', "id"),
        ("half.json", b'{"text": "\\ud800"}', "U+D800"),
        ("nothing.jsonl", b"\n\n", "empty"),
    ],
)
def test_a_bad_input_is_one_line_with_its_name(
    yinuo: Yinuo, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    finished = yinuo("extract", tmp_path / name, "--json")
    assert finished.returncode == 1
    assert finished.stdout == b""
    line = one_line(finished)
    assert name in line
    assert said in line


def test_a_bad_line_does_not_stop_the_others(yinuo: Yinuo, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(_jsonl([{"text": TEXT}]) + b"{\n" + _jsonl([{"text": TEXT + "完"}]))
    finished = yinuo("extract", tmp_path / "a.jsonl", "--json")
    assert finished.returncode == 1
    assert len(finished.stdout.splitlines()) == 2
    assert "a.jsonl:2" in one_line(finished)


def test_an_article_over_the_limit(yinuo: Yinuo) -> None:
    finished = yinuo("extract", "-", "--json", stdin=b"a" * 11, settings={"YINUO_MAX_TEXT_CHARS": "10"})
    assert finished.returncode == 1
    assert "YINUO_MAX_TEXT_CHARS" in one_line(finished)


def test_a_folder_without_texts(yinuo: Yinuo, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    finished = yinuo("extract", tmp_path / "none")
    assert finished.returncode == 2
    assert "no .txt" in one_line(finished)


def test_a_name_with_line_breaks_is_still_one_line(yinuo: Yinuo) -> None:
    assert "evil name" in one_line(yinuo("extract", "evil\nname\x1b[31m"))


def test_out_names_files_after_files_and_lines_after_ids(yinuo: Yinuo, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "more.jsonl").write_bytes(
        _jsonl([{"text": TEXT, "article_id": "某-1"}, {"text": TEXT + "完"}])
    )
    out = tmp_path / "new" / "out"
    finished = yinuo("extract", tmp_path / "page.txt", tmp_path / "more.jsonl", "--out", out)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == b""
    read = {path.name: Extraction.model_validate_json(path.read_bytes()) for path in out.iterdir()}
    derived = next(name for name in read if name not in ("page.json", "某-1.json"))
    assert derived == f"{read[derived].article.article_id}.json"
    assert read["page.json"].article.text == TEXT


def test_out_refuses_two_of_one_name_before_it_writes(yinuo: Yinuo, tmp_path: Path) -> None:
    for name in ("a/page.txt", "b/PAGE.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    finished = yinuo("extract", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "out")
    assert finished.returncode == 2
    line = one_line(finished)
    assert "a/page.txt" in line
    assert "b/PAGE.txt" in line
    assert not (tmp_path / "out").exists()


def test_out_never_replaces_an_input(yinuo: Yinuo, tmp_path: Path) -> None:
    article = json.dumps({"text": TEXT}).encode()
    (tmp_path / "page.json").write_bytes(article)
    finished = yinuo("extract", tmp_path / "page.json", "--out", tmp_path)
    assert finished.returncode == 2
    assert "is an input" in one_line(finished)
    assert (tmp_path / "page.json").read_bytes() == article


def test_out_where_a_file_stands(yinuo: Yinuo, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    finished = yinuo("extract", PAGE, "--out", tmp_path / "out")
    assert finished.returncode == 2
    assert "name a folder" in one_line(finished)


def test_out_writes_the_good_ones_and_names_the_bad_one(yinuo: Yinuo, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"")
    finished = yinuo("extract", tmp_path / "good.txt", tmp_path / "bad.txt", "--out", tmp_path / "out")
    assert finished.returncode == 1
    assert b"bad.txt" in finished.stderr
    assert b"1 of 2 written" in finished.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.json"]


def test_the_same_article_gives_the_same_bytes(yinuo: Yinuo) -> None:
    first, second = (yinuo("extract", PAGE, "--json", settings={"PYTHONHASHSEED": seed}) for seed in "12")
    assert first.stdout == second.stdout


def test_neither_broker_nor_database_is_loaded(yinuo: Yinuo) -> None:
    finished = yinuo("extract", "-", "--json", stdin=TEXT.encode(), settings={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = finished.stderr.decode("utf-8", "replace")
    assert "yinuo.extraction" in loaded
    for module in ("faust", "aiokafka", "asyncpg", "aiohttp", "structlog"):
        assert f" {module}\n" not in loaded


def _jsonl(articles: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles).encode()

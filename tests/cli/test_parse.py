"""`yinuo parse`: one answer a text, in order, also where a line cannot be read."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

from .conftest import COMMAND, Finished, one_line

Yinuo = Callable[..., Finished]


def answers(finished: Finished) -> list[dict[str, object]]:
    return [json.loads(line) for line in finished.stdout.splitlines()]


def test_each_text_is_one_line(yinuo: Yinuo) -> None:
    finished = yinuo("parse", "--json", "新建2处停车场", "超4亿元")
    assert (finished.returncode, finished.stderr) == (0, b"")
    first, second = answers(finished)
    assert first["text"] == "新建2处停车场"
    (money,) = second["expressions"]
    assert (money["quote"], money["kind"], money["value"], money["low_inclusive"]) == (
        "超4亿元",
        "money",
        "400000000",
        False,
    )


def test_lines_of_stdin_are_texts_or_json(yinuo: Yinuo) -> None:
    lines = [
        "今年新建2处",
        "",
        '{"text": "今年", "reference_date": "2023-02-01"}',
        '{"text": "今年", "reference_date": null}',
        "{注}20个\r",
    ]
    finished = yinuo(
        "parse", "-", "--json", "--reference-date", "2020-05-05", stdin="\n".join(lines).encode()
    )
    assert finished.returncode == 0, finished.stderr
    read = answers(finished)
    assert [one["text"] for one in read] == ["今年新建2处", "", "今年", "今年", "{注}20个"]
    assert read[1]["expressions"] == []
    assert [read[at]["expressions"][0]["date_end"] for at in (0, 2, 3)] == [
        "2020-12-31",
        "2023-12-31",
        "2020-12-31",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"text": "x"', "does not parse"),
        (b'{"text": "x", "date": "2023-01-01"}', "unknown field date"),
        (b'{"reference_date": "2023-01-01"}', "text must be a string"),
        (b'{"text": "x", "reference_date": "2023-1-1"}', "YYYY-MM-DD"),
        (b'{"text": "x", "reference_date": 5}', "reference_date must be a string"),
        (b'{"text": "\\ud800"}', "UTF-8"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_bad_line_is_named_and_prints_nothing(yinuo: Yinuo, line: bytes, said: str) -> None:
    finished = yinuo("parse", "-", "--json", stdin="5个\n".encode() + line + "\n6个".encode())
    assert finished.returncode == 1
    assert [one["text"] for one in answers(finished)] == ["5个", "6个"]
    error = one_line(finished)
    assert "line 2" in error
    assert said in error


def test_a_program_may_wait_for_each_answer(bare: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "parse", "-", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=bare
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("2处", "3个"):
            process.stdin.write(text.encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.stdin.close()
    assert process.returncode == 0


def test_people_get_a_table(yinuo: Yinuo) -> None:
    finished = yinuo("parse", "年底前旅游收入超4亿元", "没有数字")
    out = finished.stdout.decode("utf-8")
    assert "> 400,000,000" in out
    assert "needs --reference-date" in out
    assert "no number and no time expression" in out

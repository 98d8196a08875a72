"""`yinuo submit` as a user has it: what is sent, what is refused, what is waited for, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import COMMAND, SEEDS, Finished, one_line
from .living import Living, until

Yinuo = Callable[..., Finished]
PROMISE = "县长承诺，到2026年底，新建农村公路{}公里。"


@pytest.fixture
def served(yinuo: Yinuo, up: Living) -> Yinuo:
    """`yinuo` with the settings that lead to a running `up`."""
    return lambda *arguments, **more: yinuo(
        *arguments, **{**more, "settings": up.environment | more.get("settings", {})}
    )


@pytest.fixture
def text() -> str:
    """A text that no other test sends."""
    return PROMISE.format(uuid.uuid4().int % 10**9)


def remarks(finished: Finished) -> list[str]:
    lines = finished.stderr.decode().splitlines()
    assert "Traceback" not in finished.stderr.decode()
    assert all(lines), "no blank line"
    return lines


def test_a_folder_is_sent_whole_and_waited_for(served: Yinuo) -> None:
    assert remarks(served("submit", SEEDS, "--wait"))[-1].startswith("13 sent: 13 ")
    again = served("submit", SEEDS, "--wait")
    assert (again.returncode, remarks(again)) == (0, ["13 sent: 13 unchanged"])


def test_a_file_without_waiting(served: Yinuo, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, "utf-8")
    sent = served("submit", tmp_path / "a.txt", "--source", "日报", "--published-on", "2026-01-20")
    assert (sent.returncode, remarks(sent), sent.stdout) == (0, ["1 sent"], b"")
    until(lambda: served("pledges", "--text", text[-12:-1], "--format", "jsonl").stdout, "the row is there")
    (row,) = served("pledges", "--text", text[-12:-1], "--format", "jsonl").stdout.splitlines()
    assert json.loads(row)["due"] == "2026-12-31"


def test_new_then_unchanged_then_changed_then_older(served: Yinuo, tmp_path: Path, text: str) -> None:
    page = tmp_path / "a.txt"
    for content, revision, state in (
        (text, 0, "new"),
        (text, 0, "unchanged"),
        (text + "二", 1, "changed"),
        (text, 0, "older"),
    ):
        page.write_text(content, "utf-8")
        flags = ("--article-id", f"id-{text[-10:-3]}", "--revision", str(revision))
        assert remarks(served("submit", page, "--wait", *flags)) == [f"1 sent: 1 {state}"]


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        ("{0}", "1 sent: 1 new"),
        ('{{"text": "{0}"}}\n{{"text": "二{0}"}}\n', "2 sent: 2 new"),
        ('{{\n"text": "{0}"}}', "1 sent: 1 new"),
    ],
)
def test_standard_input(served: Yinuo, text: str, stdin: str, said: str) -> None:
    assert remarks(served("submit", "-", "--wait", stdin=stdin.format(text).encode())) == [said]


def test_what_a_slow_pipe_has_said_is_sent_before_it_says_more(
    bare: dict[str, str], up: Living, text: str, served: Yinuo
) -> None:
    with subprocess.Popen(
        [*COMMAND, "submit", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=bare | up.environment
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps({"text": text}).encode() + b"\n")
        process.stdin.flush()
        until(
            lambda: served("pledges", "--text", text[-12:-1], "--format", "jsonl").stdout, "the row is there"
        )
        process.send_signal(signal.SIGINT)
        process.wait(30)
        assert process.stderr is not None
        assert process.stderr.read() == b"1 sent before it ended\n"
    assert process.returncode == 130


def test_bad_ones_among_good_ones_are_named_and_the_rest_is_sent(
    served: Yinuo, tmp_path: Path, text: str
) -> None:
    (tmp_path / "good.txt").write_text(text, "utf-8")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "lines.jsonl").write_text(f'{{"text": "三{text}"}}\n{{"text": 3}}\n', "utf-8")
    sent = served("submit", tmp_path, "--wait")
    assert sent.returncode == 1
    *named, last = remarks(sent)
    assert last == "2 sent: 2 new"
    assert [line.split(": ")[1].removeprefix(f"{tmp_path}/") for line in named] == [
        "empty.txt", "lines.jsonl:2", "picture.txt",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.txt"], "nowhere.txt: there is no such file or folder"),
        (["."], "no .txt, .json, .jsonl file in this folder: name another"),
        ([], "Missing argument 'PATH'"),
        (["-", "-"], "- stands twice"),
        (["-", "--timeout", "-1"], "--timeout"),
        (["-", "--published-on", "2023"], "--published-on 2023: a date is written YYYY-MM-DD"),
        (["-", "--article-id", "a b"], "--article-id a b"),
    ],
)
def test_bad_use_is_one_line_and_nothing_is_sent(served: Yinuo, arguments: list[str], said: str) -> None:
    finished = served("submit", *arguments)
    assert (finished.returncode, finished.stdout) == (2, b"")
    assert said in one_line(finished)


def test_closed_standard_input(bare: dict[str, str], up: Living) -> None:
    finished = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, "submit", "-"],
        capture_output=True,
        env=bare | up.environment,
    )
    assert finished.returncode == 2
    assert "standard input is closed: name a file" in one_line(finished)


def test_nothing_runs(yinuo: Yinuo) -> None:
    finished = yinuo("submit", SEEDS)
    assert finished.returncode == 2
    assert "no `yinuo up` runs on" in one_line(finished)
    assert "start one, or set YINUO_KAFKA_URL" in one_line(finished)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody answers: the port is taken and nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_the_broker_is_away(yinuo: Yinuo, nobody: str) -> None:
    finished = yinuo("submit", SEEDS, settings={"YINUO_KAFKA_URL": nobody})
    assert finished.returncode == 1
    line = one_line(finished)
    assert f"Kafka at {nobody} cannot be reached" in line
    assert "is it running? YINUO_KAFKA_URL says where" in line


def test_the_database_is_away(served: Yinuo, nobody: str, text: str) -> None:
    url = f"postgresql://u:geheim@{nobody}/yinuo"
    finished = served("submit", "-", "--wait", stdin=text.encode(), settings={"YINUO_DATABASE_URL": url})
    assert finished.returncode == 1
    assert "YINUO_DATABASE_URL" in one_line(finished)
    assert "geheim" not in one_line(finished)


def test_no_one_writes(
    yinuo: Yinuo, embedded_broker: object, database: str, topic_prefix: str, text: str
) -> None:
    settings = {
        "YINUO_KAFKA_URL": embedded_broker.bootstrap,  # type: ignore[attr-defined]
        "YINUO_DATABASE_URL": database,
        "YINUO_TOPIC_PREFIX": topic_prefix,
    }
    finished = yinuo("submit", "-", "--wait", "--timeout", "0.2", stdin=text.encode(), settings=settings)
    assert finished.returncode == 1
    sent, line = remarks(finished)
    assert sent == "1 sent"
    assert "1 not in Postgres after 0.2 s: is the writer running?" in line


def test_the_broker_goes_while_articles_are_sent(own: dict[str, str], open_folder: Path, text: str) -> None:
    """The line says why, and how many are safe: those the broker has acknowledged."""
    from yinuo.runtime.embedded_kafka import EmbeddedKafka

    environment = {name: value for name, value in own.items() if name != "YINUO_EMBEDDED_KAFKA_PORT"}
    with EmbeddedKafka() as kafka:
        environment["YINUO_KAFKA_URL"] = kafka.bootstrap
        process = subprocess.Popen(
            [*COMMAND, "submit", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(json.dumps({"text": text}).encode() + b"\n")
        process.stdin.flush()
        until(lambda: _messages_in(kafka.bootstrap) == 1, "the first stands in the topic")
    process.stdin.write(json.dumps({"text": f"二{text}"}).encode() + b"\n")
    process.stdin.close()
    assert process.wait(90) == 1
    said = process.stderr.read().decode().splitlines()
    process.stderr.close()
    assert said[0] == "1 sent before it ended"
    assert len(said) == 2, said
    assert "Kafka at" in said[1]


def _messages_in(bootstrap: str) -> int:
    import asyncio

    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.errors import KafkaError

    async def count() -> int:
        async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
            partitions = [TopicPartition("articles.raw", number) for number in range(4)]
            return sum((await consumer.end_offsets(partitions)).values())

    try:
        return asyncio.run(count())
    except KafkaError:
        return 0  # the topic is not made yet


def test_a_name_that_no_terminal_shows_is_named_safely(served: Yinuo, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\x1b[31m\n\xff.txt")).touch()
    finished = served("submit", tmp_path)
    assert finished.returncode == 1
    first = remarks(finished)[0]
    assert "\x1b" not in first
    assert "is empty" in first

"""`yinuo dead`: list, show, replay and ignore as a user meets them, on messages that a running `up` could not read."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from rich.cells import cell_len

from yinuo.runtime.run_file import find_running
from yinuo.runtime.settings import default_settings

from .conftest import Finished, one_line
from .living import Living, until

Yinuo = Callable[..., Finished]


@pytest.fixture
def served(yinuo: Yinuo, up: Living) -> Yinuo:
    return lambda *arguments, **more: yinuo(*arguments, **more, settings=up.environment)


def send(up: Living, value: bytes, key: bytes | None = None, headers: Any = ()) -> str:
    """The identity that the message will have as a dead letter."""
    settings = default_settings(data_dir=up.environment["YINUO_DATA_DIR"])
    running = find_running(up.folder.parent / "data")
    assert running is not None, settings

    async def sent() -> str:
        async with AIOKafkaProducer(bootstrap_servers=running.bootstrap) as producer:
            at = await producer.send_and_wait("articles.raw", value, key=key, headers=list(headers))
        return f"{running.cluster_id}:{at.topic}:{at.partition}:{at.offset}"

    return asyncio.run(sent())


def listed(served: Yinuo, identity: str, *arguments: str) -> dict[str, Any] | None:
    rows = served("dead", "list", "--format", "jsonl", "--limit", "0", *arguments).stdout.splitlines()
    return next((row for row in map(json.loads, rows) if row["identity"] == identity), None)


@pytest.fixture
def letter(served: Yinuo, up: Living) -> str:
    """A new dead letter: a bad date in a header, so that only its message says what is wrong."""
    identity = send(
        up,
        "县长承诺修路。".encode("gb18030"),
        f"k{uuid.uuid4().hex[:8]}".encode(),
        [("published_on", b"2023-2-1")],
    )
    until(lambda: listed(served, identity), "it is listed")
    return identity


def test_the_list_shows_ids_whole_and_lines_up(served: Yinuo, letter: str) -> None:
    table = served("dead", "list").stdout.decode()
    assert letter in table.splitlines(), "an id is there to be copied: never cut"
    assert "'2023-2-1' is no day; write it YYYY-MM-DD" in table
    assert all(cell_len(line) <= 80 for line in table.splitlines())
    wide = served("dead", "list").args and served("dead", "list", "--type", "bad_date").stdout.decode()
    assert letter in wide


def test_show_says_why_where_and_what(served: Yinuo, letter: str) -> None:
    shown = served("dead", "show", letter)
    lines = shown.stdout.decode().splitlines()
    assert shown.returncode == 0
    assert "state: new, 1 attempt" in lines
    assert "reason: validate/bad_date: published_on: '2023-2-1' is no day; write it YYYY-MM-DD" in lines
    assert "header published_on: 2023-2-1" in lines
    assert served("dead", "show", letter, "--raw").stdout == "县长承诺修路。".encode("gb18030")


def test_replay_counts_on_and_stops_at_five(served: Yinuo, letter: str) -> None:
    for attempts in range(2, 6):
        sent = served("dead", "replay", letter)
        assert (sent.returncode, sent.stderr) == (0, b"1 of 1 sent again\n")

        def failed_again(attempts: int = attempts) -> bool:
            row = listed(served, letter)
            return row is not None and row["attempts"] == attempts

        until(failed_again, f"attempt {attempts} has failed")
    refused = served("dead", "replay", letter)
    assert refused.returncode == 1
    assert (
        f"dead letter {letter} failed 5 times; mend what its message says, or --force"
        in refused.stderr.decode()
    )
    assert served("dead", "replay", letter, "--force").returncode == 0


def test_an_id_given_twice_is_sent_once(served: Yinuo, letter: str) -> None:
    assert served("dead", "replay", letter, letter).stderr == b"1 of 1 sent again\n"


def test_ignored_is_listed_apart_and_replayed_by_force_alone(served: Yinuo, letter: str) -> None:
    for _ in range(2):
        assert served("dead", "ignore", letter).returncode == 0
    assert listed(served, letter) is None
    assert listed(served, letter, "--state", "ignored") is not None
    refused = served("dead", "replay", letter)
    assert refused.returncode == 1
    assert "is ignored: only a new one is replayed; --force does it" in refused.stderr.decode()
    assert served("dead", "replay", letter, "--force").returncode == 0


def test_filters_say_which(served: Yinuo, up: Living) -> None:
    """The same filters list, set aside and send again; a second run finds nothing left to do."""
    paper = f"报{uuid.uuid4().hex[:8]}"
    plain = [send(up, b"\xff\xfe\x00", headers=[("source", paper.encode())]) for _ in range(3)]
    in_json = send(up, json.dumps({"source": paper, "text": 3}).encode())
    until(lambda: all(listed(served, one, "--source", paper) for one in (*plain, in_json)), "all are listed")

    def count(*filters: str) -> int:
        rows = served("dead", "list", "--format", "jsonl", "--source", paper, *filters).stdout.splitlines()
        return len(rows)

    assert (count(), count("--stage", "validate"), count("--type", "wrong_type")) == (4, 1, 1)
    assert (count("--since", "2000-01-01"), count("--until", "2000-01-01")) == (4, 0)
    assert count("--since", "2999-01-01") == 0
    aside = served("dead", "ignore", "--source", paper, "--stage", "decode")
    assert aside.stderr == b"3 of 3 set aside\n"
    assert (count(), count("--state", "ignored"), count("--state", "all")) == (1, 3, 4)
    assert served("dead", "ignore", "--source", paper, "--stage", "decode").stderr == b"0 of 0 set aside\n"
    assert served("dead", "replay", "--source", paper).stderr == b"1 of 1 sent again\n"
    until(lambda: (listed(served, in_json) or {}).get("attempts") == 2, "it has failed again")
    assert listed(served, in_json)["replays"] == 1  # type: ignore[index]
    shown = served("dead", "show", in_json).stdout.decode()
    assert "replayed: 1 times, last " in shown


def test_ids_and_filters_exclude_each_other(served: Yinuo) -> None:
    assert "give IDs or filters, not both" in one_line(served("dead", "replay", "a:b:0:1", "--type", "json"))


def test_an_unknown_id_is_named_and_the_others_are_done(served: Yinuo, letter: str) -> None:
    for command, done in (("ignore", "set aside"), ("replay", "sent again")):
        finished = served("dead", command, "a:b:0:1", letter, *(["--force"] if command == "replay" else []))
        assert finished.returncode == 1
        assert finished.stderr.decode().splitlines() == [
            "yinuo: no dead letter a:b:0:1; `yinuo dead list` names those there are",
            f"1 of 2 {done}",
        ]
    shown = served("dead", "show", "a:b:0:1")
    assert shown.returncode == 2
    assert "no dead letter a:b:0:1; `yinuo dead list --state all` names" in one_line(shown)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "--state", "lost"], "'lost' is not one of 'new', 'replayed'"),
        (["list", "--type", "odd"], "--type odd: may be empty, blank"),
        (["list", "--stage", "odd"], "--stage odd: may be decode, validate"),
        (["list", "--limit", "-1"], "--limit"),
        (["show"], "Missing argument 'ID'"),
        (["replay"], "Missing argument 'ID'"),
        (["ignore"], "Missing argument 'ID'"),
        ([], "Missing command"),
    ],
)
def test_bad_use(served: Yinuo, arguments: list[str], said: str) -> None:
    finished = served("dead", *arguments)
    assert finished.returncode == 2
    assert said in one_line(finished)
    assert "Value error" not in one_line(finished)


@pytest.mark.parametrize("arguments", [["list"], ["show", "a"], ["replay", "a"], ["ignore", "a"]])
def test_nothing_runs(yinuo: Yinuo, arguments: list[str]) -> None:
    finished = yinuo("dead", *arguments)
    assert finished.returncode == 2
    assert "no `yinuo up` runs on" in one_line(finished)

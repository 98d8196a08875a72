"""`yinuo web` as a process: where it listens, how it ends, what keeps it from starting."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from cli.living import living


def environment(database: str, **settings: str) -> dict[str, str]:
    return {**os.environ, "YINUO_DATABASE_URL": database, "YINUO_KAFKA_URL": "127.0.0.1:1", **settings}


def test_it_serves_and_ends_with_0(database: str, tmp_path: Path) -> None:
    settings = environment(
        database, YINUO_WEB_BIND="127.0.0.1:0", YINUO_HEALTH_BIND=f"unix:{tmp_path}/h.sock"
    )
    with living(["web"], settings, tmp_path / "work") as web:
        web.says("started")
        address = re.search(r"http://127\.0\.0\.1:\d+/", web.remarked)
        assert address is not None
        with urllib.request.urlopen(address[0] + "readyz") as answer:
            assert answer.status == 200
        assert (tmp_path / "h.sock").is_socket()
        assert web.interrupt() == 0
        assert web.survivors() == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"YINUO_WEB_BIND": "192.0.2.7:8470"}, "set YINUO_WEB_TOKEN"),
        ({"YINUO_WEB_BIND": "192.0.2.7:8470", "YINUO_WEB_TOKEN": "short"}, "YINUO_WEB_TOKEN: at least 16"),
        ({"YINUO_WEB_BIND": "8470"}, "YINUO_WEB_BIND: write host:port"),
        ({"YINUO_WEB_BIND": "127.0.0.1:99999"}, "is no host:port"),
        ({"YINUO_WEB_BIND": "taken"}, "end what does, or set another port"),
    ],
)
def test_what_keeps_it_from_starting_is_one_line(database: str, settings: dict[str, str], said: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        bind = settings["YINUO_WEB_BIND"].replace("taken", f"127.0.0.1:{port}")
        run = subprocess.run(
            [sys.executable, "-m", "yinuo.cli.main", "web"],
            env=environment(database, **{**settings, "YINUO_WEB_BIND": bind}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 2
    assert said in run.stderr
    assert len(run.stderr.splitlines()) == 1, run.stderr
    assert "short" not in run.stderr

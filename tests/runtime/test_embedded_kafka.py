"""The embedded broker: on loopback alone, a new cluster at each start, gone with its parent."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from yinuo.errors import Misuse
from yinuo.runtime import embedded_kafka
from yinuo.runtime.embedded_kafka import CLUSTER_PREFIX, EmbeddedKafka, cluster_id_at


def test_each_start_is_a_new_cluster_on_the_same_port(tmp_path: Path) -> None:
    kafka = EmbeddedKafka(log=tmp_path / "log")
    kafka.start()
    first, port = kafka.cluster_id, int(kafka.bootstrap.rpartition(":")[2])
    kafka.stop()
    assert cluster_id_at(kafka.bootstrap) is None
    with EmbeddedKafka(port=port) as again:
        assert again.bootstrap == f"127.0.0.1:{port}"
        assert again.cluster_id != first
        assert cluster_id_at(again.bootstrap) == again.cluster_id
        assert again.cluster_id.startswith(CLUSTER_PREFIX)


def test_it_listens_on_loopback_alone() -> None:
    with EmbeddedKafka() as kafka:
        port = int(kafka.bootstrap.rpartition(":")[2])
        # 127.0.0.2 is loopback too, but another address: a broker on 0.0.0.0 would answer there.
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_it_takes_nothing_from_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTENER_URL", "tcp://0.0.0.0:9092")
    monkeypatch.setenv("CLUSTER_ID", "theirs")
    monkeypatch.setenv("STORAGE_ENGINE", "postgres://nowhere")
    with EmbeddedKafka() as kafka:
        assert cluster_id_at(kafka.bootstrap) == kafka.cluster_id


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            Misuse, match=rf"127\.0\.0\.1:{port} is taken .*YINUO_EMBEDDED_KAFKA_PORT"
        ) as raised:
            EmbeddedKafka(port=port).start()
    assert "\n" not in str(raised.value)


def test_it_ends_with_its_parent(parent_of: Callable[..., Any], gone: Callable[..., bool]) -> None:
    parent = parent_of(
        """
        from yinuo.runtime.embedded_kafka import EmbeddedKafka
        kafka = EmbeddedKafka()
        kafka.start()
        print(kafka.pid, kafka.bootstrap, flush=True)
        """
    )
    pid, bootstrap = parent.said
    assert cluster_id_at(bootstrap) is not None
    parent.kill()
    assert gone(int(pid))
    assert cluster_id_at(bootstrap) is None


def test_its_end_is_noticed() -> None:
    with EmbeddedKafka() as kafka:
        assert kafka.poll() is None
        os.kill(kafka.pid, signal.SIGKILL)
        assert kafka._process is not None
        kafka._process.wait(20)
        assert kafka.poll() == 128 + signal.SIGKILL


def test_it_runs_as_nobody_that_exists() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root changes the user")
    with EmbeddedKafka() as kafka:
        status = Path(f"/proc/{kafka.pid}/status").read_text()
    assert all(int(uid) in range(60578, 61184) for uid in status.split("Uid:")[1].split("\n")[0].split())


def test_a_platform_without_binary_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_kafka.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Misuse, match=r"no binary for \w+ .*: set YINUO_KAFKA_URL"):
        EmbeddedKafka().start()


def test_something_that_is_no_kafka_has_no_cluster_id() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert cluster_id_at(f"127.0.0.1:{server.getsockname()[1]}", seconds=0.2) is None

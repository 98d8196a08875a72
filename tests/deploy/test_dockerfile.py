"""The image: non-root, from the lock, two stages, a health check that tells ready from not."""

from __future__ import annotations

import fnmatch
import http.server
import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.dockerfile import faults, stages

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")


def test_no_fault() -> None:
    assert faults(DOCKERFILE) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("USER 10001:10001", "USER root", "runs as root"),
        ("USER 10001:10001\n", "", "runs as root"),
        ("FROM python:3.13-slim-trixie\n", "FROM python:latest\n", "not pinned"),
        ("FROM python:3.13-slim-trixie\n", "FROM python\n", "not pinned"),
        ("--require-hashes ", "", "installs without hashes"),
        ("RUN groupadd", "RUN apt-get install -y gcc && groupadd", "tools in the end image"),
        ("HEALTHCHECK", "LABEL x=1\nSHELL", "no HEALTHCHECK"),
        ("ENV PATH", "ENV YINUO_KAFKA_SASL_PASSWORD=x PATH", "a secret in the image"),
        ("COPY LICENSE NOTICE /usr", "ADD LICENSE /usr", "ADD can fetch"),
    ],
)
def test_each_fault_is_found(old: str, new: str, fault: str) -> None:
    assert old in DOCKERFILE
    assert any(line.startswith(fault) for line in faults(DOCKERFILE.replace(old, new)))


def test_one_stage_is_found() -> None:
    assert "one stage: what builds would stay in the image" in faults("FROM python:3.13-slim\nRUN true\n")


def sent_to_builder(path: str) -> bool:
    """Whether the ignore file lets a file of the repository through: the last matching line decides."""
    sent = True
    for line in (ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        candidates = [path, *(str(parent) for parent in Path(path).parents), *Path(path).parts]
        if any(fnmatch.fnmatch(candidate, pattern) for candidate in candidates):
            sent = line.startswith("!")
    return sent


def test_everything_that_is_copied_is_sent_and_stands() -> None:
    for stage in stages(DOCKERFILE):
        for instruction in stage:
            if instruction.name == "COPY" and not instruction.arguments.startswith("--from"):
                for name in instruction.arguments.split()[:-1]:
                    assert (ROOT / name).exists(), name
                    assert sent_to_builder(name), name


def test_nothing_else_is_sent() -> None:
    assert sent_to_builder("services/yinuo/errors.py")
    for name in ("deploy/.env", ".env", ".git", "tests", "services/yinuo/__pycache__/errors.cpython-313.pyc"):
        assert not sent_to_builder(name), name


def test_the_python_is_one_that_the_project_runs_on() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert wanted == ">=3.11,<3.14"
    images = {stage[0].arguments.split()[0] for stage in stages(DOCKERFILE)}
    assert images == {"python:3.13-slim-trixie"}


class _Answer(http.server.BaseHTTPRequestHandler):
    code = 200

    def do_GET(self) -> None:
        self.send_response(self.code if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing on the test's output."""


@contextmanager
def health_endpoint(code: int) -> Iterator[str]:
    handler = type("Handler", (_Answer,), {"code": code})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def health_exit_code(bind: str) -> int:
    (check,) = (i for i in stages(DOCKERFILE)[-1] if i.name == "HEALTHCHECK")
    words = [sys.executable, *check.exec_form()[1:]]
    environment = {**os.environ, "YINUO_HEALTH_BIND": bind}
    return subprocess.run(words, env=environment, capture_output=True, check=False).returncode


def test_the_health_check_tells_ready_from_not_ready_and_gone() -> None:
    with health_endpoint(200) as bind:
        assert health_exit_code(bind) == 0
    with health_endpoint(503) as bind:
        assert health_exit_code(bind) == 1
    assert health_exit_code(bind) == 1

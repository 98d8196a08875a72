"""What compose.yaml starts, started without containers: migrate ends, the services get healthy, SIGTERM ends them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
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
TOKEN, PASSWORD = "0123456789abcdef", "0123456789"


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


def logged_in_as_pages(owner: str, folder: Path) -> str:
    """Run logins.sql as its service does, twice; the address of the login it makes, which may write no row."""
    psql = shutil.which("psql")
    if psql is None:
        servers.missing("psql is not installed: apt-get install postgresql-client")
    words = [
        word.replace("/logins.sql", str(ROOT / "deploy" / "logins.sql"))
        for word in SERVICES["logins"]["command"]
    ]
    given = {**os.environ, "YINUO_PAGES_PASSWORD": "it's 'quoted'"}
    for _ in range(2):
        subprocess.run([psql, *words[1:], owner], env=given, check=True, capture_output=True, cwd=folder)
    given = {**os.environ, "YINUO_PAGES_PASSWORD": PASSWORD}
    subprocess.run([psql, *words[1:], owner], env=given, check=True, capture_output=True, cwd=folder)
    head, _, rest = owner.partition("://")
    pages = f"{head}://yinuo_pages:{PASSWORD}@{rest.partition('@')[2]}"
    refused = subprocess.run(
        [psql, "-c", "DELETE FROM yinuo.articles", pages], capture_output=True, text=True, check=False
    )
    assert "permission denied" in refused.stderr
    return pages


def asked(bind: str, path: str, *, token: str = "", body: bytes | None = None) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://{bind}{path}", data=body, headers=headers)
    if body is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def exported(bind: str) -> str:
    with urllib.request.urlopen(f"http://{bind}/metrics", timeout=20) as answer:
        text: str = answer.read().decode()
        return text


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
    pages = logged_in_as_pages(empty_database, tmp_path)
    binds = {"extractor": free_address(), "writer": free_address(), "web": free_address()}
    web_bind = free_address()
    for_web = {
        "YINUO_DATABASE_URL": pages,
        "YINUO_WEB_BIND": web_bind,
        "YINUO_WEB_TOKEN": TOKEN,
        "YINUO_HEALTH_BIND": binds["web"],
    }
    with (
        running("extractor", here | {"YINUO_HEALTH_BIND": binds["extractor"]}, tmp_path) as extractor,
        running("writer", here | {"YINUO_HEALTH_BIND": binds["writer"]}, tmp_path) as writer,
        running("web", here | for_web, tmp_path) as web,
    ):
        for name, process in (("extractor", extractor), ("writer", writer), ("web", web)):
            assert gets_healthy(process, binds[name]), (tmp_path / f"{name}.log").read_text("utf-8")
        assert asked(web_bind, "/pledges") == 401
        assert asked(web_bind, "/pledges", token=TOKEN) == 200
        assert asked(web_bind, "/articles", token=TOKEN, body=b'{"text": "a"}') == 202
        assert asked(web_bind, "/articles", token=TOKEN, body=b"{}") == 400
        assert asked(web_bind, "/dead", token=TOKEN) == 200
        numbers = exported(binds["web"])
        assert 'yinuo_web_requests_total{method="GET",route="refused",status="401"} 1.0' in numbers
        assert 'yinuo_web_requests_total{method="GET",route="/pledges",status="200"} 1.0' in numbers
        assert "yinuo_gateway_articles_total 1.0" in numbers
        assert 'yinuo_gateway_refused_total{status="400"} 1.0' in numbers
        for process in (extractor, writer, web):
            process.send_signal(signal.SIGTERM)
        assert [one.wait(PATIENCE_SECONDS) for one in (extractor, writer, web)] == [0, 0, 0]

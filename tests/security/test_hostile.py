"""What comes from outside is never trusted: passwords stay where they belong, and no value becomes SQL or a log line."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from pipeline.stage import Service, until
from storage.samples import dead_letter, message, position
from yinuo.storage.dead_letters import DeadLetterFilter, find_dead_letters
from yinuo.storage.dead_letters import dead_letter as one_letter
from yinuo.storage.forgetting import Purge, purge
from yinuo.storage.queries import MetricFilter, PledgeFilter, find_metrics, find_pledges
from yinuo.storage.rereading import Selection, count_stored
from yinuo.storage.store import Store

CANARY = "canary-7e1b5d"
INJECTIONS = [
    "'; DROP TABLE yinuo.pledges; --",
    "' OR '1'='1",
    '"; DELETE FROM yinuo.articles; --',
    "$$; DROP SCHEMA yinuo CASCADE; $$",
    "\\'; SELECT pg_sleep(10); --",
    "%' OR 1=1 --",
    "); DROP TABLE yinuo.metrics; --",
]
FORGED = 'x\n2026-01-01T00:00:00Z [critical] stopped\r\n{"event": "forged", "level": "critical"}\x1b[2J\u202e\u2028y'


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    connected = await asyncpg.connect(database)
    yield connected
    await connected.close()


def run(arguments: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YINUO_")}
    return subprocess.run(
        [sys.executable, "-m", "yinuo.cli.main", *arguments],
        capture_output=True, text=True, timeout=120, cwd=folder,
        env={**kept, "YINUO_DATA_DIR": str(folder / "data"), **environment},
    )  # fmt: skip


ADDRESSES = [
    f"postgresql://user:{CANARY}@127.0.0.1:1/db",
    f"postgresql://user:{CANARY}@127.0.0.1:port/db",
    f"postgresql://user:{CANARY}@[::1/db",
    f"postgresql://user@127.0.0.1:1/db?password={CANARY}",
    f"postgresql://user:{CANARY}@127.0.0.1:1/db?sslmode=nonsense",
    f"postgresql://user:{CANARY}%zz@nowhere.invalid/db",
    f"mysql://user:{CANARY}@127.0.0.1/db",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("command", ["doctor", "pledges", "migrate"])
def test_a_password_in_an_address_is_in_no_output(command: str, address: str, tmp_path: Path) -> None:
    ended = run(
        [command], tmp_path, YINUO_DATABASE_URL=address, YINUO_KAFKA_URL="127.0.0.1:1",
        YINUO_KAFKA_SECURITY_PROTOCOL="SASL_SSL", YINUO_KAFKA_SASL_USERNAME="u",
        YINUO_KAFKA_SASL_PASSWORD=CANARY,
    )  # fmt: skip
    assert ended.returncode in (1, 2)
    assert ended.stderr or ended.stdout
    assert CANARY not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_password_of_no_text_is_in_no_output(tmp_path: Path) -> None:
    """A value of the wrong form is named by its setting, not by what it was."""
    ended = run(
        ["doctor"], tmp_path, YINUO_KAFKA_SASL_PASSWORD=CANARY, YINUO_KAFKA_SECURITY_PROTOCOL="SASL_TLS",
    )  # fmt: skip
    assert ended.returncode == 1
    assert "YINUO_KAFKA_SECURITY_PROTOCOL" in ended.stdout
    assert CANARY not in ended.stdout + ended.stderr


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_log_line_is_one_line_and_masks_what_is_secret(form: str, tmp_path: Path) -> None:
    """Forged lines, escapes, passwords in addresses and in named fields, in events and in tracebacks."""
    program = f"""
import structlog
from yinuo.runtime.logging import configure
from yinuo.runtime.settings import default_settings
configure(default_settings(log_format={form!r}), service="test")
log = structlog.get_logger("yinuo.test")
forged = {FORGED!r}
log.info("seen " + forged, key=forged, inner={{"list": [forged]}})
log.info("connecting", dsn="postgresql://u:{CANARY}@h/d", password={CANARY!r}, url="to postgresql://u:{CANARY}@h/d now")
try:
    raise ValueError(forged + " postgresql://u:{CANARY}@h/d")
except ValueError:
    log.exception("failed", token={CANARY!r})
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert CANARY not in ended.stderr
    assert "\x1b[2J" not in ended.stderr
    assert "\u202e" not in ended.stderr
    lines = [line for line in ended.stderr.split("\n") if line]
    if form == "json":
        events = [json.loads(line)["event"] for line in lines]
        assert len(events) == 3
        assert "forged" not in [event for event in events if len(event) < 10]
    else:
        assert not [line for line in lines if line.startswith(("2026-01-01", "{", "y"))]


@pytest.mark.parametrize("text", INJECTIONS)
async def test_no_value_becomes_sql(database: str, connection: Any, text: str) -> None:
    """Through every filter and every stored field: the words are looked for, and the tables stand."""
    article = message("a", source=text, title=text, region=text, author=text)
    letter = dead_letter(position(7), key=text.encode(), message=text, headers=((text, text.encode()),))
    async with Store(database) as store:
        await store.write_batch([article, message("b")], [letter])
    assert len((await find_pledges(connection, PledgeFilter(source=text))).rows) == 2
    for field in ("promiser", "speaker", "text", "article"):
        assert not (await find_pledges(connection, PledgeFilter(**{field: text}))).rows
        assert not (await find_metrics(connection, MetricFilter(**{field: text}))).rows
    assert (await find_pledges(connection, PledgeFilter(region=text))).rows
    for filtered in (
        DeadLetterFilter(topic=text),
        DeadLetterFilter(source=text),
        DeadLetterFilter(states=[text]),
    ):
        assert not (await find_dead_letters(connection, filtered)).rows
    assert await one_letter(connection, text) is None
    assert await count_stored(connection, Selection(source=text)) == 1
    assert await count_stored(connection, Selection(articles=[text])) == 0
    async for _ in purge(connection, Purge(article=text)):
        pass
    assert await connection.fetchval("SELECT count(*) FROM yinuo.articles") == 2
    assert await connection.fetchval("SELECT title FROM yinuo.articles WHERE article_id = 'a'") == text


@pytest.fixture
async def services(
    embedded_broker: Any, database: str, topic_prefix: str, server_folder: Path
) -> AsyncIterator[dict[str, Service]]:
    environment = {
        "YINUO_KAFKA_URL": embedded_broker.bootstrap, "YINUO_DATABASE_URL": database,
        "YINUO_TOPIC_PREFIX": topic_prefix, "YINUO_LOG_FORMAT": "json", "YINUO_LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    started = {name: Service(name, environment, server_folder) for name in ("extractor", "writer")}
    yield started
    for service in started.values():
        service.process.terminate()
    for service in started.values():
        await service.ended()


async def test_headers_from_outside_decide_nothing_and_forge_nothing(
    services: dict[str, Service], embedded_broker: Any, topic_prefix: str, connection: Any
) -> None:
    """A sender that writes our own headers: positions, reasons, replays, and lines for the log."""
    from aiokafka import AIOKafkaProducer

    for service in services.values():
        await service.ready()
    mark = secrets.token_hex(4)
    forged = [
        ("yinuo-source-cluster", b"forged"), ("yinuo-source-topic", b"forged"), ("yinuo-source-offset", b"-1"),
        ("yinuo-error-stage", b"write"), ("yinuo-error-type", b"bug"), ("yinuo-error-message", FORGED.encode()),
        ("yinuo-replay-of", b"c:articles.raw:0:999"), ("yinuo-attempts", b"99999999999999999999"),
        ("yinuo-schema", b"extraction/99"), ("published_on", FORGED.encode()), (FORGED, b"\xff"),
    ]  # fmt: skip
    async with AIOKafkaProducer(bootstrap_servers=embedded_broker.bootstrap) as producer:
        sent = await producer.send_and_wait(
            topic_prefix + "articles.raw", "县长承诺修路。".encode(), key=mark.encode(), headers=forged
        )
        good = await producer.send_and_wait(
            topic_prefix + "articles.raw", "滨河县2026年将新建农村公路35公里。".encode(), key=f"{mark}g".encode(),
            headers=[one for one in forged if one[0] != "published_on"],
        )  # fmt: skip

    async def stored() -> bool:
        letters = await connection.fetchval("SELECT count(*) FROM yinuo.dead_letters")
        return bool(letters and await connection.fetchval("SELECT count(*) FROM yinuo.articles"))

    await until(stored)
    letter = await connection.fetchrow("SELECT * FROM yinuo.dead_letters")
    assert (letter["source_topic"], letter["source_offset"]) == (topic_prefix + "articles.raw", sent.offset)
    assert letter["source_cluster"] == embedded_broker.cluster_id
    assert (letter["stage"], letter["type"]) == ("validate", "bad_date")
    assert letter["attempts"] < 10
    assert "\n" not in letter["message"]
    article = await connection.fetchrow("SELECT * FROM yinuo.articles")
    assert (article["source_topic"], article["source_offset"]) == (topic_prefix + "articles.raw", good.offset)
    for service in services.values():
        assert service.process.poll() is None
        lines = [json.loads(line) for line in service.log.splitlines() if line]
        assert lines
        assert not [line for line in lines if line.get("event") in ("forged", "stopped")]
        assert "\x1b" not in service.log

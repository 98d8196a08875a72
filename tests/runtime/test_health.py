"""Health by progress: what stands while there is something to do is not ready, and in the end not alive."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from yinuo.errors import Misuse
from yinuo.runtime import metrics
from yinuo.runtime.health import DEAD_AFTER, HealthServer, PartitionProgress, ProgressWatch

STALL = 30.0
AT = ("articles.raw", 0)
OTHER = ("articles.raw", 1)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(clock: Clock) -> ProgressWatch:
    return ProgressWatch(STALL, clock)


def test_lag_while_the_position_stands_is_not_ready(watch: ProgressWatch, clock: Clock) -> None:
    standing = {AT: PartitionProgress(5, 9)}
    assert watch.readiness(standing).ready
    clock.now += STALL
    assert watch.readiness(standing).ready
    clock.now += 1
    found = watch.readiness(standing)
    assert not found.ready
    assert found.reason == "articles.raw/0 stands at offset 5 for 31 s"
    assert (found.lag, found.alive) == (4, True)
    assert watch.readiness({AT: PartitionProgress(6, 9)}).ready, "it moves again"


def test_nothing_to_do_is_ready_however_long(watch: ProgressWatch, clock: Clock) -> None:
    for _ in range(5):
        clock.now += 10 * STALL
        found = watch.readiness({AT: PartitionProgress(9, 9)})
        assert (found.ready, found.lag, found.alive) == (True, 0, True)


def test_the_time_before_a_message_came_does_not_count(watch: ProgressWatch, clock: Clock) -> None:
    watch.readiness({AT: PartitionProgress(9, 9)})
    clock.now += 10 * STALL
    watch.readiness({AT: PartitionProgress(9, 9)})
    clock.now += 1
    assert watch.readiness({AT: PartitionProgress(9, 10)}).ready


def test_one_partition_that_stands_is_not_hidden_by_one_that_moves(
    watch: ProgressWatch, clock: Clock
) -> None:
    for done in range(0, 50, 10):
        found = watch.readiness({AT: PartitionProgress(5, 9), OTHER: PartitionProgress(done, 1000)})
        clock.now += 10
    assert not found.ready
    assert "articles.raw/0" in found.reason


@pytest.mark.parametrize(("progress", "fault", "said"), [
    ({}, "", "no partitions are assigned"), ({AT: PartitionProgress(0, 0)}, "Kafka is away", "Kafka is away"),
])  # fmt: skip
def test_what_it_waits_for_is_said(
    watch: ProgressWatch, progress: Mapping[Any, Any], fault: str, said: str
) -> None:
    found = watch.readiness(progress, fault)
    assert (found.ready, found.reason, found.alive) == (False, said, True)


def test_it_counts_as_dead_when_it_stands_for_long_and_waits_for_nothing(
    watch: ProgressWatch, clock: Clock
) -> None:
    standing = {AT: PartitionProgress(5, 9)}
    watch.readiness(standing)
    clock.now += DEAD_AFTER * STALL + 1
    assert not watch.readiness(standing).alive
    assert watch.readiness(standing, "Postgres is away").alive, "no restart brings that back"
    assert watch.readiness({AT: PartitionProgress(6, 9)}).alive
    clock.now += 10 * DEAD_AFTER * STALL
    assert watch.readiness({AT: PartitionProgress(6, None)}).alive, "nobody knows of anything to do"


async def asked(path: Path, address: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as session,
        session.get(f"http://health{address}") as answer,
    ):
        return answer.status, await answer.text()


async def test_the_three_paths(tmp_path: Path, clock: Clock) -> None:
    socket = tmp_path / "h.s"
    standing = {AT: PartitionProgress(5, 9)}
    async with HealthServer(f"unix:{socket}", lambda: standing, clock=clock):
        assert stat.S_IMODE(socket.stat().st_mode) == 0o600
        assert await asked(socket, "/readyz") == (
            200,
            json.dumps({"ready": True, "reason": "ready", "partitions": 1, "lag": 4, "idle_seconds": 0.0}),
        )
        clock.now += STALL + 1
        status, body = await asked(socket, "/readyz")
        assert (status, json.loads(body)["ready"]) == (503, False)
        assert await asked(socket, "/healthz") == (200, '{"alive": true}')
        clock.now += DEAD_AFTER * STALL
        assert await asked(socket, "/healthz") == (503, '{"alive": false}')
        _, exported = await asked(socket, "/metrics")
        assert 'yinuo_lag_messages{partition="0",topic="articles.raw"} 4.0' in exported
        assert "yinuo_ready 0.0" in exported


async def test_an_address_that_is_none_or_taken_is_one_line(tmp_path: Path) -> None:
    async with HealthServer("127.0.0.1:0", dict) as server:
        for bind in (server.address, "127.0.0.1:99999", "localhost", f"unix:{tmp_path}/none/h.s"):
            with pytest.raises(Misuse, match="YINUO_HEALTH_BIND"):
                await HealthServer(bind, dict).__aenter__()


def test_what_is_promised_is_counted() -> None:
    """Lag, position, rows, batches, dead letters by reason, and the time from the message to the commit."""
    found = {
        (metric.name, *sorted(metric_labels))
        for metric, metric_labels in ((m, getattr(c, "_labelnames", ())) for c, m in _collected())
    }
    assert found >= {
        ("yinuo_lag_messages", "partition", "topic"),
        ("yinuo_done_offset", "partition", "topic"),
        ("yinuo_rows_read", "kind"),
        ("yinuo_batches_written",),
        ("yinuo_dead_letters", "stage", "type"),
        ("yinuo_end_to_end_seconds",),
        ("yinuo_articles_written", "state"),
        ("yinuo_faults", "target"),
    }
    assert all(metric.documentation for _, metric in _collected())


def _collected() -> list[tuple[Any, Any]]:
    named = [value for name, value in vars(metrics).items() if name.isupper() and hasattr(value, "collect")]
    return [(one, described) for one in named if one is not metrics.REGISTRY for described in one.describe()]

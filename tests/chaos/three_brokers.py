"""Three brokers, and what is done to them: the one that leads most partitions is killed while messages flow.

Topics are made by the services' own code: how often each is kept is the cluster's default, as the contract says.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import random
import signal
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

import servers
from chaos.crew import NeverThere
from chaos.ground import Ground, Wrong
from chaos.surroundings import Surroundings
from yinuo.errors import Unavailable
from yinuo.pipeline.messages import DEAD, EXTRACTED, RAW
from yinuo.runtime.embedded_kafka import cluster_id_at
from yinuo.runtime.processes import GuardedProcess, Program, Rung, last_lines, wait_until

NODE = Path(__file__).with_name("node_of_three.py")
NUMBERS = (1, 2, 3)
IN_SYNC_WITHIN = 90.0


class ThreeBrokers:
    """The cluster. Methods block."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._ports = [servers.free_port() for _ in NUMBERS]
        self._controllers = [servers.free_port() for _ in NUMBERS]
        self._processes: dict[int, GuardedProcess] = {}
        self.cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        self.bootstrap = self.url = ",".join(f"127.0.0.1:{port}" for port in self._ports)

    @property
    def dead(self) -> list[int]:
        """The nodes that do not run."""
        return [number for number in NUMBERS if number not in self._processes]

    def start(self) -> None:
        """Start those that do not run, and wait until they answer."""
        started = self.dead
        for number in started:
            self._start(number)
        for number in started:
            address, process = f"127.0.0.1:{self._ports[number - 1]}", self._processes[number]
            if not wait_until(lambda at=address: cluster_id_at(at) is not None, process, seconds=90):  # type: ignore[misc]
                raise Unavailable(f"node {number} did not start: {last_lines(self._log(number), 3)}")

    def kill(self, number: int) -> None:
        process = self._processes.pop(number)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        """End all in no time; their data are not needed any more."""
        for process in self._processes.values():
            process.stop_quickly()
        for process in self._processes.values():
            process.wait()
        self._processes.clear()

    def _start(self, number: int) -> None:
        ports, controllers = (
            ",".join(str(port) for port in some) for some in (self._ports, self._controllers)
        )
        folder = self._folder / str(number)
        self._processes[number] = GuardedProcess(
            Program(
                argv=[sys.executable, NODE, folder, str(number), self.cluster_id, ports, controllers],
                env=os.environ, cwd=self._folder, stop=(Rung(signal.SIGTERM, 20.0),), orphan=(),
                log=self._log(number),
            )
        )  # fmt: skip

    def _log(self, number: int) -> Path:
        return self._folder / f"{number}.log"


@contextlib.asynccontextmanager
async def three_brokers(at: Surroundings) -> AsyncIterator[Surroundings]:
    """The same surroundings with three brokers in the place of the one."""
    cluster = ThreeBrokers(at.folder / f"three-{uuid.uuid4().hex[:6]}")
    try:
        await asyncio.to_thread(cluster.start)
        yield replace(at, kafka=cluster)  # type: ignore[arg-type]  # all that a round asks a broker for
    finally:
        cluster.end()


async def all_back(ground: Ground) -> None:
    """Start what is dead; back when all are in sync."""
    cluster: Any = ground.at.kafka
    await asyncio.to_thread(cluster.start)
    await _in_sync(ground)


async def leader_killed(ground: Ground, draw: random.Random) -> None:
    """The broker that leads most is killed, and stays away while articles must come through."""
    cluster: Any = ground.at.kafka
    await asyncio.sleep(draw.uniform(0, 0.4))
    led = Counter(partition["leader"] for partition in await _partitions(ground))
    ((leader, _),) = led.most_common(1)
    await asyncio.to_thread(cluster.kill, leader)


async def _in_sync(ground: Ground) -> None:
    """Wait until each partition stands on three nodes, up to date."""
    deadline = asyncio.get_running_loop().time() + IN_SYNC_WITHIN
    while True:
        partitions = await _partitions(ground)
        if any(len(partition["replicas"]) != len(NUMBERS) for partition in partitions):
            raise Wrong(f"topics are not kept three times: {partitions[0]}")
        if all(len(partition["isr"]) == len(NUMBERS) for partition in partitions):
            return
        if asyncio.get_running_loop().time() > deadline:
            raise NeverThere("the brokers do not get in sync")
        await asyncio.sleep(0.3)


async def _partitions(ground: Ground) -> list[dict[str, Any]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.at.kafka.bootstrap)
    await admin.start()
    try:
        topics = await admin.describe_topics([ground.prefix + topic for topic in (RAW, EXTRACTED, DEAD)])
        return [partition for topic in topics for partition in topic["partitions"]]
    finally:
        await admin.close()

"""Whether the broker is still the cluster that a service began with; if not, the process ends at once.

Not for finding or preparing a cluster (`service.py`). Law: no client of ours goes on on another cluster. Offsets of
the old one mean nothing there; a client whose membership is refused may commit them all the same, as a member of no
generation, and a cluster that does not know the group yet takes that: whoever read on would pass over messages. So
nothing is closed in good order: closing would send that commit.
"""

from __future__ import annotations

import asyncio
from typing import NoReturn

import structlog

from yinuo.pipeline import kafka
from yinuo.pipeline.patience import Patience
from yinuo.pipeline.service import FAILED, first_of, leave, prepared
from yinuo.runtime.embedded_kafka import cluster_id_at
from yinuo.runtime.settings import Settings

CHECK_SECONDS = 2.0
SILENT_PAUSE_SECONDS = 0.2

log = structlog.get_logger("yinuo.service")


async def check_cluster(settings: Settings, cluster: kafka.Cluster, patience: Patience) -> None:
    """Back when the same cluster answers, however long that takes; another one ends the process."""
    found = await prepared(settings, patience)
    if found != cluster:
        _end(f"the broker is another cluster now ({found.cluster_id}, before {cluster.cluster_id})")


async def watch_cluster(settings: Settings, cluster: kafka.Cluster, patience: Patience) -> None:
    """Ends the process when another cluster answers, or the embedded broker is gone. `patience` says who is silent."""
    asking = _ask_again_and_again(settings, cluster, patience)
    if not cluster.embedded:
        await asking
    await first_of(asking, _embedded_broker_gone(settings, cluster))
    _end("the embedded broker is gone, and with it what it held")


async def _ask_again_and_again(settings: Settings, cluster: kafka.Cluster, patience: Patience) -> NoReturn:
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        await check_cluster(settings, cluster, patience)


async def _embedded_broker_gone(settings: Settings, cluster: kafka.Cluster) -> None:
    """Back when it is: an idle connection to it shows that sooner than its successor can listen."""
    address = kafka.servers(settings)[0]
    host, _, port = address.rpartition(":")
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return
        try:
            found = await asyncio.to_thread(cluster_id_at, address)
            if found is None:
                await asyncio.sleep(SILENT_PAUSE_SECONDS)  # it listens, and does not answer in time
            elif found != cluster.cluster_id:
                return
            else:
                await _closed(reader)
        finally:
            writer.close()


async def _closed(reader: asyncio.StreamReader) -> None:
    try:
        await reader.read()
    except OSError:
        return


def _end(reason: str) -> NoReturn:
    log.critical("stopped", reason=f"{reason}: start this service again")
    leave(FAILED)

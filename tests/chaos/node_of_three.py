"""One of three nodes of Apache Kafka, each broker and controller: `node_of_three.py DIR NUMBER CLUSTER PORTS CONTROLLERS`.

PORTS and CONTROLLERS are three ports each, with commas between; NUMBER says which is ours, from 1. What is written
stands on three nodes, and is acknowledged once it stands on two.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "deploy" / "kafka-local"))

import kafka_local

folder, number, cluster_id, ports, controllers = sys.argv[1:]
own = int(number) - 1
voters = ",".join(f"{node}@127.0.0.1:{port}" for node, port in enumerate(controllers.split(","), 1))
# A later line wins over an earlier one.
THREE = f"""\
node.id={number}
controller.quorum.voters={voters}
default.replication.factor=3
min.insync.replicas=2
unclean.leader.election.enable=false
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
replica.lag.time.max.ms=5000
"""
QUORUM = "controller.quorum.bootstrap.servers="
text = kafka_local.SETTINGS
assert QUORUM in text
kafka_local.SETTINGS = "".join(line for line in text.splitlines(True) if not line.startswith(QUORUM)) + THREE
kafka_local.JAVA_OPTIONS = ("-Xmx256m" if one.startswith("-Xmx") else one for one in kafka_local.JAVA_OPTIONS)
kafka_local.JAVA_OPTIONS = tuple(kafka_local.JAVA_OPTIONS)
kafka_local._ports = lambda _: (int(ports.split(",")[own]), int(controllers.split(",")[own]))


def formatted(place: Path, settings: Path, jars: Path, java: Path, users: list[str]) -> None:
    """As all three: with the cluster's id, and the voters that the settings name."""
    command = kafka_local._command(
        jars, java, place, kafka_local._archive_option(jars, java), "kafka.tools.StorageTool"
    )
    kafka_local.subprocess.run(
        [*command[:-1], "format", "-t", cluster_id, "-c", str(settings)], check=True, capture_output=True
    )


kafka_local._format = formatted
kafka_local.run(Path(folder), 0)

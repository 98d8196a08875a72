"""Apache Kafka as `deploy/kafka-local` runs it, with a second address behind a proxy: `kafka_node.py DIR PORT BEHIND SHOWN`.

Who comes to PORT meets the node itself; who comes to BEHIND is told that it lives on SHOWN, where the proxy stands.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "deploy" / "kafka-local"))

import kafka_local

folder, port, behind, shown = sys.argv[1:]
text = kafka_local.SETTINGS
for before, after in (
    ("\nlisteners=", f"\nlisteners=PROXIED://127.0.0.1:{behind},"),
    ("\nadvertised.listeners=", f"\nadvertised.listeners=PROXIED://127.0.0.1:{shown},"),
    ("protocol.map=", "protocol.map=PROXIED:PLAINTEXT,"),
):
    assert before in text, before
    text = text.replace(before, after)
kafka_local.SETTINGS = text
kafka_local.run(Path(folder), int(port))

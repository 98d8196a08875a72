"""The shared fixtures give what they promise: fresh databases, running brokers."""

from __future__ import annotations

import asyncpg
import pytest

import servers
from yinuo.runtime.embedded_kafka import CLUSTER_PREFIX, cluster_id_at


@pytest.mark.parametrize("postgres_server", ["embedded18", "debian15"], indirect=True)
async def test_each_test_gets_a_database_of_its_own(
    postgres_server: servers.PostgresServer, empty_database: str
) -> None:
    connection = await asyncpg.connect(empty_database)
    try:
        assert (await connection.fetchval("SHOW server_version")).startswith(postgres_server.version)
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        await connection.execute("CREATE TABLE mine (n int)")
    finally:
        await connection.close()


def test_both_brokers_answer(broker: servers.Broker) -> None:
    assert cluster_id_at(broker.bootstrap) == broker.cluster_id


def test_the_embedded_broker_answers_with_its_own_cluster_id(embedded_broker: servers.Broker) -> None:
    assert embedded_broker.cluster_id.startswith(CLUSTER_PREFIX)
    assert cluster_id_at(embedded_broker.bootstrap) == embedded_broker.cluster_id

"""Sites for the tests: `site` has the seeds, a hostile article and two dead letters; `bare` has nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import servers
from web import site as sites
from yinuo.runtime.embedded_postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def web_postgres(
    server_folder: Path, _postgres_servers: dict[str, servers.PostgresServer]
) -> servers.PostgresServer:
    if "embedded18" not in _postgres_servers:
        server = EmbeddedPostgres(server_folder / "embedded18", durable=False)
        server.start()
        _postgres_servers["embedded18"] = servers.PostgresServer("embedded18", server)
    return _postgres_servers["embedded18"]


@pytest.fixture(scope="session")
def stocked(web_postgres: servers.PostgresServer) -> Iterator[str]:
    """A database that tests read and do not change."""
    name = web_postgres.new_database()
    dsn = web_postgres.dsn_for(name)
    dead = [sites.dead_letter(901), sites.dead_letter(902, value="正文".encode() * 40_000)]
    sites.stock(dsn, [*sites.seeds(), sites.hostile()], dead)
    yield dsn
    web_postgres.drop(name)


@pytest.fixture(scope="session")
def site(stocked: str, embedded_broker: servers.Broker) -> Iterator[sites.Site]:
    """No token, on loopback, with a broker."""
    with sites.running(stocked, kafka_url=embedded_broker.bootstrap, topic_prefix="web.") as found:
        yield found


@pytest.fixture
def bare(database: str) -> Iterator[sites.Site]:
    """Nothing came in yet."""
    with sites.running(database) as found:
        yield found

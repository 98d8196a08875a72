"""Fixtures every test may use: brokers and databases (see servers.py).

`embedded_broker`, `apache_broker`: one of each a session. `broker`: each test runs on both.
`postgres_server`: the embedded one; `@pytest.mark.parametrize("postgres_server", ["embedded18", "debian15"],
indirect=True)` runs a test on both. `database`: the DSN of a fresh migrated database; `empty_database`: of an empty one.
`topic_prefix`: a prefix no other test uses, for tests that share a broker.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

import servers
from yinuo.runtime.embedded_kafka import EmbeddedKafka
from yinuo.runtime.embedded_postgres import EmbeddedPostgres
from yinuo.runtime.processes import FolderRemover


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_developer() -> None:
    """Tests see no YINUO_ variable of the shell they run in."""
    for name in [name for name in os.environ if name.startswith("YINUO_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for servers' files with a short path that an unprivileged user may pass (pytest's own is closed)."""
    folder = Path(tempfile.mkdtemp(prefix="yinuo-test-", dir=servers.memory_folder()))
    remover = FolderRemover(folder)
    yield folder
    remover.close()


@pytest.fixture(scope="session")
def embedded_broker() -> Iterator[servers.Broker]:
    with EmbeddedKafka() as kafka:
        yield servers.Broker("embedded", kafka.bootstrap, kafka.cluster_id)


@pytest.fixture(scope="session")
def apache_broker(server_folder: Path) -> Iterator[servers.Broker]:
    with servers.apache_kafka(server_folder / "apache-kafka") as broker:
        yield broker


@pytest.fixture(scope="session", params=["embedded", "apache"])
def broker(request: pytest.FixtureRequest) -> servers.Broker:
    found: servers.Broker = request.getfixturevalue(f"{request.param}_broker")
    return found


@pytest.fixture
def topic_prefix() -> str:
    return f"t{uuid.uuid4().hex[:10]}."


@pytest.fixture(scope="session")
def _postgres_servers(server_folder: Path) -> Iterator[dict[str, servers.PostgresServer]]:
    """The servers started so far, by kind: a session starts each at most once."""
    running: dict[str, servers.PostgresServer] = {}
    yield running
    for started in running.values():
        started.server.stop(quickly=True)


@pytest.fixture
def postgres_server(
    request: pytest.FixtureRequest, server_folder: Path, _postgres_servers: dict[str, servers.PostgresServer]
) -> servers.PostgresServer:
    kind = getattr(request, "param", "embedded18")
    if kind not in _postgres_servers:
        server = EmbeddedPostgres(
            server_folder / kind, binaries=servers.postgres_binaries(kind), durable=False
        )
        server.start()
        _postgres_servers[kind] = servers.PostgresServer(kind, server)
    return _postgres_servers[kind]


@pytest.fixture
def database(postgres_server: servers.PostgresServer) -> Iterator[str]:
    name = postgres_server.new_database()
    yield postgres_server.dsn_for(name)
    postgres_server.drop(name)


@pytest.fixture
def empty_database(postgres_server: servers.PostgresServer) -> Iterator[str]:
    name = postgres_server.new_database(migrated=False)
    yield postgres_server.dsn_for(name)
    postgres_server.drop(name)

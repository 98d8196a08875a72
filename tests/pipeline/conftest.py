"""A stage per test (`stage`) and one that the tests of a file share, with both services running (`running`).

`own_broker`, `own_postgres`: servers that a test may stop and start; `stage_of` makes a stage on them.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
import pytest_asyncio

import servers
from pipeline.stage import Stage
from yinuo.runtime.embedded_kafka import EmbeddedKafka
from yinuo.runtime.embedded_postgres import EmbeddedPostgres

OwnBroker: TypeAlias = EmbeddedKafka | servers.ApacheKafka
StageOf: TypeAlias = Callable[[str, str], Stage]


@pytest.fixture(scope="session")
def pipeline_postgres(server_folder: Path) -> Iterator[servers.PostgresServer]:
    with EmbeddedPostgres(server_folder / "pipeline", durable=False) as server:
        yield servers.PostgresServer("embedded18", server)


@pytest.fixture
async def stage(
    broker: servers.Broker, pipeline_postgres: servers.PostgresServer, server_folder: Path
) -> AsyncIterator[Stage]:
    database = pipeline_postgres.new_database()
    stage = Stage(
        broker.bootstrap, f"t{uuid.uuid4().hex[:10]}.", pipeline_postgres.dsn_for(database), server_folder
    )
    yield stage
    await stage.close()
    pipeline_postgres.drop(database)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(
    request: pytest.FixtureRequest,
    broker: servers.Broker,
    pipeline_postgres: servers.PostgresServer,
    server_folder: Path,
) -> AsyncIterator[Stage]:
    """A file's own `SETTINGS` are its services'."""
    database = pipeline_postgres.new_database()
    stage = Stage(
        broker.bootstrap, f"t{uuid.uuid4().hex[:10]}.", pipeline_postgres.dsn_for(database), server_folder,
        getattr(request.module, "SETTINGS", {}),
    )  # fmt: skip
    extractor, writer = stage.start("extractor"), stage.start("writer")
    await extractor.ready()
    await writer.ready()
    yield stage
    await stage.close()
    pipeline_postgres.drop(database)


@pytest.fixture(params=["embedded", "apache"])
def own_broker(request: pytest.FixtureRequest, server_folder: Path) -> Iterator[OwnBroker]:
    """A broker of the test's own, with its port and not started yet."""
    port = servers.free_port()
    broker: OwnBroker = (
        EmbeddedKafka(port=port)
        if request.param == "embedded"
        else servers.ApacheKafka(server_folder / f"kafka{port}", port)
    )
    yield broker
    broker.stop()


@pytest.fixture
def own_postgres(server_folder: Path) -> Iterator[servers.PostgresServer]:
    """A running server of the test's own. Durable: what it has acknowledged survives its being stopped at once."""
    server_folder.chmod(0o711)
    with tempfile.TemporaryDirectory(prefix="own-", dir=server_folder) as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        yield servers.PostgresServer("embedded18", server)
        server.stop(quickly=True)


@pytest.fixture
def fresh_database(pipeline_postgres: servers.PostgresServer) -> Iterator[str]:
    name = pipeline_postgres.new_database()
    yield pipeline_postgres.dsn_for(name)
    pipeline_postgres.drop(name)


@pytest.fixture
async def stage_of(server_folder: Path) -> AsyncIterator[StageOf]:
    """Makes stages of a broker's address and a database's, and ends their services."""
    made: list[Stage] = []

    def stage(bootstrap: str, dsn: str) -> Stage:
        made.append(Stage(bootstrap, f"t{uuid.uuid4().hex[:10]}.", dsn, server_folder))
        return made[-1]

    yield stage
    for one in made:
        await one.close()

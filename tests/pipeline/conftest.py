"""A stage per test (`stage`) and one that the tests of a file share, with both services running (`running`)."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

import servers
from pipeline.stage import Stage
from yinuo.runtime.embedded_postgres import EmbeddedPostgres


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
    broker: servers.Broker, pipeline_postgres: servers.PostgresServer, server_folder: Path
) -> AsyncIterator[Stage]:
    database = pipeline_postgres.new_database()
    stage = Stage(
        broker.bootstrap, f"t{uuid.uuid4().hex[:10]}.", pipeline_postgres.dsn_for(database), server_folder
    )
    extractor, writer = stage.start("extractor"), stage.start("writer")
    await extractor.ready()
    await writer.ready()
    yield stage
    await stage.close()
    pipeline_postgres.drop(database)

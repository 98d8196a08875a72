"""Every test of storage that touches a database runs on the embedded PostgreSQL 18 and on Debian's 15."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from yinuo.storage.store import Store


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "postgres_server" in metafunc.fixturenames:
        metafunc.parametrize("postgres_server", ["embedded18", "debian15"], indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _both_servers_may_pass(server_folder: Path) -> None:
    server_folder.chmod(0o711)


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    async with Store(database) as opened:
        yield opened


@pytest.fixture
async def connection(database: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connected = await asyncpg.connect(database)
    yield connected
    await connected.close()

"""The database is not there yet, or is stopped at once while articles flow: each article is stored, and once."""

from __future__ import annotations

import asyncio

import servers
from pipeline.conftest import StageOf
from pipeline.stage import article


async def test_not_there_at_the_start(
    broker: servers.Broker, own_postgres: servers.PostgresServer, stage_of: StageOf
) -> None:
    stage = stage_of(broker.bootstrap, own_postgres.dsn_for(own_postgres.new_database()))
    await asyncio.to_thread(own_postgres.server.stop, quickly=True)
    extractor, writer = stage.start("extractor"), stage.start("writer")
    await extractor.ready()
    for number in range(20):
        await stage.send(article(number), key=b"a%d" % number)
    await writer.waits_for("Postgres")
    await asyncio.sleep(3)  # several tries
    assert len(writer.waits("postgres")) == 1
    await asyncio.to_thread(own_postgres.server.start)
    await stage.once_each(20)
    await writer.ready()
    assert len(writer.waits("postgres")) <= 2, writer.log  # a server that starts may say so


async def test_stopped_at_once_while_articles_flow(
    broker: servers.Broker, own_postgres: servers.PostgresServer, stage_of: StageOf
) -> None:
    stage = stage_of(broker.bootstrap, own_postgres.dsn_for(own_postgres.new_database()))
    extractor, writer = stage.start("extractor"), stage.start("writer")
    await extractor.ready()
    await writer.ready()
    for number in range(240):
        await stage.send(article(number), key=b"a%d" % number, wait=number % 10 == 0)
        if number in (60, 150):
            await asyncio.to_thread(own_postgres.server.stop, quickly=True)
        if number in (110, 200):
            await writer.waits_for("Postgres")
            await asyncio.to_thread(own_postgres.server.start)
    await stage.once_each(240)
    await writer.ready()
    assert writer.process.poll() is None
    assert await stage.committed("yinuo-writer", "articles.extracted") == await stage.ends(
        "articles.extracted"
    )

"""A database that takes questions and does not answer is waited for like one that is away, and said to be."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from pipeline.stage import until
from yinuo.pipeline import batch_writer
from yinuo.pipeline.batch_writer import BatchWriter
from yinuo.pipeline.refusals import RefusalWatch
from yinuo.pipeline.sender import Sender
from yinuo.runtime.settings import Settings
from yinuo.storage.store import Store


async def test_where_to_begin_is_asked_again_until_it_is_said(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_writer, "ANSWER_SECONDS", 0.5)
    silencer = await asyncpg.connect(fresh_database)
    await silencer.execute("BEGIN; LOCK TABLE yinuo.ingest_offsets")
    async with Store(fresh_database) as store:
        batches = BatchWriter(store, Sender(Settings()), RefusalWatch(0.25))
        asking = asyncio.create_task(batches.stored_offsets("cluster", "group"))

        async def waits() -> bool:
            return "did not answer" in batches.patience.reason

        await until(waits)
        await silencer.close()
        assert await asking == {}
        assert batches.patience.reason == ""

"""What was stored comes back as it was sent."""

from __future__ import annotations

from typing import Any

from storage.samples import METRICS, PLEDGES, TEXT, message, metric, pledge, row_id
from yinuo.storage.store import Store
from yinuo.storage.stored import ids_beginning, stored_extraction


async def test_an_extraction_comes_back_as_it_was(store: Store, connection: Any) -> None:
    first = pledge(TEXT, PLEDGES[0], cue=None, region=None, speaker=None)
    aimed = metric(TEXT, METRICS[0], pledge_id=row_id("pledge", "a", PLEDGES[0]), region=None)
    sent = message(
        "a", pledges=[first, PLEDGES[1]], metrics=[aimed, METRICS[1]], title="题", url="http://x/", revision=3
    )
    await store.write_batch([sent])
    assert await stored_extraction(connection, "a") == sent.extraction
    assert await stored_extraction(connection, "b") is None


async def test_ids_by_their_beginning(store: Store, connection: Any) -> None:
    await store.write_batch([message(f"a{number}") for number in range(6)])
    assert await ids_beginning(connection, "a") == ("a0", "a1", "a2", "a3")
    assert await ids_beginning(connection, "a5") == ("a5",)
    assert await ids_beginning(connection, "%") == ()

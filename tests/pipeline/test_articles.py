"""Articles of every form come out as rows; what is none comes out as a dead letter; a repeat changes nothing."""

from __future__ import annotations

import pytest

from pipeline.stage import Stage, article

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_article_becomes_rows(running: Stage) -> None:
    sent = await running.send(article(1), key=b"a1")
    await running.settled("select count(*) from yinuo.articles where article_id = 'a1'", wanted=1)
    row = (await running.rows("select * from yinuo.articles where article_id = 'a1'"))[0]
    assert (row["source_topic"], row["source_partition"], row["source_offset"]) == (
        running.prefix + "articles.raw", sent.partition, sent.offset,
    )  # fmt: skip

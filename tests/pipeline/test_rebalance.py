"""Services of one group come and go while articles flow: nothing is lost or doubled, offsets end where the logs do."""

from __future__ import annotations

import asyncio

from pipeline.stage import Stage, article


async def test_second_services_come_and_go_while_articles_flow(stage: Stage) -> None:
    first = {name: stage.start(name) for name in ("extractor", "writer")}
    for service in first.values():
        await service.ready()
    others = []
    for number in range(300):
        await stage.send(article(number), key=b"a%d" % number, wait=number % 10 == 0)
        if number == 60:
            others = [stage.start("extractor"), stage.start("writer")]
        if number == 150:
            await asyncio.gather(*(service.ready() for service in others))
        if number == 220:
            assert [await service.stop() for service in first.values()] == [0, 0]
    await stage.once_each(300)
    for service in others:
        await service.ready()
    assert await stage.committed("yinuo-extractor", "articles.raw") == await stage.ends("articles.raw")

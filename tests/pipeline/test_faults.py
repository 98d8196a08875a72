"""Services are killed, releases are bad: nothing is lost, nothing counts twice, nothing is committed wrongly."""

from __future__ import annotations

import asyncio
import json
import random

from pipeline.stage import Stage, article
from yinuo.pipeline.dead_letters import replay
from yinuo.runtime.settings import Settings

ARTICLES = "select count(*) from yinuo.articles"


async def test_killed_at_random_while_articles_flow(stage: Stage) -> None:
    chance = random.Random(7)
    services = {name: stage.start(name) for name in ("extractor", "writer")}
    for service in services.values():
        await service.ready()
    for number in range(200):
        await stage.send(article(number), key=b"a%d" % number, wait=number % 20 == 0)
        if number in (40, 90, 140):
            name = chance.choice(["extractor", "writer"])
            await asyncio.sleep(chance.random() * 0.3)
            services[name].kill()
            services[name] = stage.start(name)
    await stage.settled(ARTICLES, wanted=200)
    assert await stage.value("select count(*) from yinuo.pledges") == 200
    assert await stage.value("select count(*) from yinuo.article_history") == 0
    assert await stage.value("select count(*) from yinuo.dead_letters") == 0


async def test_a_bug_in_one_article_is_held_then_dead_and_a_good_release_replays_it(stage: Stage) -> None:
    extractor = stage.start("extractor", handler="faulty:on_marked_articles")
    writer = stage.start("writer")
    await extractor.ready()
    await writer.ready()
    bad = json.dumps({"text": "今年，东湖区将新建学校。", "article_id": "b", "title": "BUG"}).encode()
    await stage.send(bad, key=b"b", partition=0)
    for number in range(30):
        await stage.send(article(number), partition=number % 2)
    await stage.settled(
        "select coalesce(max(stage || '/' || type), '') from yinuo.dead_letters",
        wanted="extract/bug",
    )
    await stage.settled(ARTICLES, wanted=30)
    assert await extractor.stop() == 0
    await stage.start("extractor").ready()
    identity = await stage.value("select identity from yinuo.dead_letters")
    settings = Settings(kafka_url=stage.bootstrap, topic_prefix=stage.prefix)
    assert await replay(settings, stage.dsn, [identity]) == {identity: None}
    await stage.settled("select state from yinuo.dead_letters", wanted="resolved")
    await stage.settled(ARTICLES, wanted=31)


async def test_a_bad_release_stops_with_nothing_committed_and_a_good_one_redoes_all(stage: Stage) -> None:
    await stage.start("writer").ready()
    bad = stage.start("extractor", handler="faulty:every")
    await bad.ready()
    for number in range(40):
        await stage.send(article(number), partition=number % 2)
    try:
        assert await bad.ended() == 1
    except AssertionError:
        raise AssertionError(bad.log) from None
    committed = await stage.committed("yinuo-extractor", "articles.raw")
    assert not any(committed.values())
    assert await stage.value(ARTICLES) == 0
    await stage.start("extractor").ready()
    await stage.settled(ARTICLES, wanted=40)
    assert await stage.value("select count(*) from yinuo.dead_letters") == 0

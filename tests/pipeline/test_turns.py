"""Work on one article keeps its order; others do not wait for it."""

from __future__ import annotations

import asyncio

from yinuo.pipeline.turns import Turns


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_article_in_order_others_side_by_side() -> None:
    turns, began = Turns(), []
    gates = {name: asyncio.Event() for name in ("a1", "a2", "a3", "b1")}

    async def work(name: str) -> None:
        async with turns.of(name[:1].encode()):
            began.append(name)
            await gates[name].wait()

    tasks = {name: asyncio.create_task(work(name)) for name in gates}
    await settle()
    assert began == ["a1", "b1"]
    tasks["a1"].cancel()
    await settle()
    assert began == ["a1", "b1", "a2"], "one that ends otherwise keeps nobody waiting"
    gates["a2"].set()
    await settle()
    assert began == ["a1", "b1", "a2", "a3"]
    gates["a3"].set(), gates["b1"].set()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    assert not turns._last

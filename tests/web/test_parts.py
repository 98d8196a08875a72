"""The parts that need no server: answers that are kept, bars of a timeline, dots of a line, addresses of lists."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from starlette.datastructures import QueryParams

from yinuo.web.links import Query, article_address, dead_address
from yinuo.web.plots import due_timeline
from yinuo.web.state import KEPT_TIMES, Kept

TODAY = date(2026, 5, 20)


class Clock:
    """Goes when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_an_answer_is_kept_as_long_as_it_was_dear() -> None:
    clock = Clock()
    kept: Kept[int] = Kept(clock)
    asked = 0

    async def fetch() -> int:
        nonlocal asked
        asked += 1
        clock.now += 2
        return asked

    assert await kept.get(fetch) == 1
    clock.now += 2 * KEPT_TIMES - 1
    assert await kept.get(fetch) == 1
    clock.now += 2
    assert await kept.get(fetch) == 2


async def test_an_old_answer_is_given_while_a_slow_new_one_comes() -> None:
    clock = Clock()
    kept: Kept[str] = Kept(clock)
    going = asyncio.Event()

    async def first() -> str:
        return "old"

    async def slow() -> str:
        await going.wait()
        return "new"

    assert await kept.get(first) == "old"
    clock.now += 1
    assert await kept.get(slow) == "old"
    going.set()
    await asyncio.sleep(0)
    assert await kept.get(slow) == "new"


async def test_a_fault_is_not_kept() -> None:
    kept: Kept[str] = Kept()

    async def fails() -> str:
        raise ValueError("away")

    async def works() -> str:
        return "there"

    with pytest.raises(ValueError, match="away"):
        await kept.get(fails)
    await asyncio.sleep(0)
    assert await kept.get(works) == "there"


def test_bars_are_months_where_they_have_room() -> None:
    found = due_timeline({"2026-01": 2, "2026-04": 4, "undated": 9}, TODAY)
    assert [(bar.name, bar.often) for bar in found.bars] == [
        ("2026-01", 2), ("2026-02", 0), ("2026-03", 0), ("2026-04", 4),
    ]  # fmt: skip
    assert (found.bars[3].first, found.bars[3].last) == (date(2026, 4, 1), date(2026, 4, 30))
    assert found.undated == 9


def test_bars_are_years_else_and_what_is_far_off_is_one() -> None:
    months = {"1999-01": 1, "2000-05": 2, "2026-05": 3, "2027-01": 4, "2100-12": 5}
    found = due_timeline(months, TODAY)
    counted = {bar.name: (bar.first, bar.last, bar.often) for bar in found.bars if bar.often}
    assert counted == {
        "≤2020": (None, date(2020, 12, 31), 3),
        "2026": (date(2026, 1, 1), date(2026, 12, 31), 3),
        "2027": (date(2027, 1, 1), date(2027, 12, 31), 4),
        "≥2042": (date(2042, 1, 1), None, 5),
    }
    assert found.today_x is not None
    assert sum(bar.often for bar in found.bars) == sum(months.values())


def test_addresses_of_lists() -> None:
    query = Query.of("/pledges", QueryParams("firmness=aim&firmness=effort&q=a%26b&after=x&lang=zh&due="))
    assert query.toggled("firmness", "aim") == "/pledges?firmness=effort&q=a%26b"
    assert query.toggled("topic", "urban") == "/pledges?firmness=aim&firmness=effort&q=a%26b&topic=urban"
    assert query.with_one("sort", "due") == "/pledges?firmness=aim&firmness=effort&q=a%26b&sort=due"
    assert query.with_one("q", "") == "/pledges?firmness=aim&firmness=effort"
    assert query.at("/pledges.csv") == "/pledges.csv?firmness=aim&firmness=effort&q=a%26b"
    assert query.filters() == [("firmness", "aim"), ("firmness", "effort"), ("q", "a&b")]


def test_addresses_of_odd_ids() -> None:
    assert article_address('a?b#c%"<', "p-1") == "/articles/a%3Fb%23c%25%22%3C?row=p-1#panel"
    assert dead_address("c:t:0:1?x") == "/dead/c:t:0:1%3Fx"

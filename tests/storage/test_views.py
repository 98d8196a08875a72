"""What the downstream views say: lights, bounds, series, silence. As of a day that the test sets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from storage.samples import message, metric, pledge, position
from yinuo.storage.migrate import migrate
from yinuo.storage.queries import LIGHTS as LIGHT_NAMES
from yinuo.storage.queries import DueFilter, find_due
from yinuo.storage.store import Store

TODAY = date(2024, 6, 1)


@pytest.fixture
async def asked(connection: Any) -> Any:
    await connection.execute(f"SET yinuo.today = '{TODAY}'")
    return connection


async def keep(store: Store, article_id: str, text: str, number: int = 0, **fields: Any) -> None:
    fields = {"pledges": [], "metrics": [], **fields}
    await store.write_batch([message(article_id, text, raw=position(number), **fields)])


class TestToday:
    async def test_is_the_day_in_shanghai_unless_told_otherwise(self, connection: Any) -> None:
        found = await connection.fetchval("SELECT yinuo.today() = (now() AT TIME ZONE 'Asia/Shanghai')::date")
        assert found

    async def test_is_the_day_in_the_zone_that_migrate_was_given(
        self, database: str, connection: Any
    ) -> None:
        # One of them is always a day ahead of the other; the same connection sees both.
        for zone, name in (("Pacific/Kiritimati", "+14"), ("Etc/GMT+12", "-12")):
            assert (await migrate(database, timezone=zone)).applied == (f"timezone {zone}",)
            assert (await migrate(database, timezone=zone)).applied == ()
            hours = int(name)
            expected = await connection.fetchval(
                "SELECT ((now() AT TIME ZONE 'UTC') + make_interval(hours => $1))::date", hours
            )
            assert await connection.fetchval("SELECT yinuo.today()") == expected
        assert (await migrate(database)).applied == ()

    async def test_is_what_the_session_says(self, connection: Any) -> None:
        await connection.execute("SET yinuo.timezone = 'Pacific/Kiritimati'")
        ahead = await connection.fetchval("SELECT yinuo.today()")
        await connection.execute("SET yinuo.timezone = 'Etc/GMT+12'")
        assert (ahead - await connection.fetchval("SELECT yinuo.today()")).days in (1, 2)
        await connection.execute("SET yinuo.today = '2020-02-29'")
        assert await connection.fetchval("SELECT yinuo.today()") == date(2020, 2, 29)

    async def test_a_zone_that_the_server_does_not_know_is_refused(
        self, database: str, connection: Any
    ) -> None:
        with pytest.raises(Exception, match="Mars"):
            await migrate(database, timezone="Mars/Olympus")
        assert await connection.fetchval("SELECT yinuo.timezone()") == "Asia/Shanghai"


LIGHTS: list[tuple[date | None, str, int | None]] = [
    (date(1900, 1, 1), "past", -45442),
    (date(2024, 5, 31), "past", -1),
    (TODAY, "due_30", 0),
    (date(2024, 7, 1), "due_30", 30),
    (date(2024, 7, 2), "due_90", 31),
    (date(2024, 8, 30), "due_90", 90),
    (date(2024, 8, 31), "later", 91),
    (date(9999, 12, 30), "later", 2913020),
    (None, "undated", None),
]


async def test_each_pledge_has_its_light(store: Store, asked: Any) -> None:
    text = "甲乙丙丁戊己庚辛壬"
    pledges = [pledge(text, text[at], due=due) for at, (due, _, _) in enumerate(LIGHTS)]
    await keep(store, "a", text, pledges=pledges)
    rows = await asked.fetch("SELECT due, light, days_left, quote, title FROM yinuo.due_pledges ORDER BY due")
    assert [tuple(row)[:3] for row in rows] == LIGHTS
    for light in ("past", "due_30", "due_90", "later", "undated"):
        found = await asked.fetch("SELECT due FROM yinuo.due_pledges WHERE light = $1 ORDER BY due", light)
        assert [row["due"] for row in found] == [due for due, other, _ in LIGHTS if other == light]
    for lights in (
        ("past",),
        ("due_30",),
        ("due_90",),
        ("later",),
        ("undated",),
        ("past", "later"),
        LIGHT_NAMES,
    ):
        command = (await find_due(asked, DueFilter(lights=lights))).rows
        expected = [one for one in LIGHTS if one[1] in lights and one[1] != "past"]
        expected += [one for one in reversed(LIGHTS) if one[1] in lights and one[1] == "past"]
        assert [(row.due, row.light, row.days_left) for row in command] == expected, lights
    await asked.execute("SET yinuo.today = '1800-01-01'")
    rows = await asked.fetch("SELECT light, count(*) FROM yinuo.due_pledges GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in rows] == [("later", 8), ("undated", 1)]


async def test_a_day_that_the_client_writes_as_infinite_breaks_nothing(store: Store, asked: Any) -> None:
    await keep(store, "a", "甲", pledges=[pledge("甲", "甲", due=date.max)])
    assert tuple(await asked.fetchrow("SELECT light, days_left FROM yinuo.due_pledges")) == ("later", None)


BOUNDS: list[tuple[str, Decimal | None, tuple[Any, ...]]] = [
    ("eq", None, (8, True, 8, True)),
    ("ge", None, (8, True, None, True)),
    ("gt", None, (8, False, None, True)),
    ("le", None, (None, True, 8, True)),
    ("lt", None, (None, True, 8, False)),
    ("approx", None, (None, True, None, True)),
    ("eq", Decimal(9), (8, True, 9, True)),
    ("approx", Decimal(9), (8, True, 9, True)),
]


async def test_each_number_of_a_pledge_has_bounds(store: Store, asked: Any) -> None:
    text = "力争甲乙丙丁戊己庚辛无。"
    aim = pledge(text, "力争甲乙丙丁戊己庚辛")
    numbers = [
        metric(
            text, text[2 + at], pledge_id=aim["pledge_id"], value=Decimal(8), comparator=comparator,
            value_high=value_high, region=None,
        )
        for at, (comparator, value_high, _) in enumerate(BOUNDS)
    ]  # fmt: skip
    alone = metric(text, "无", pledge_id=None)
    await keep(store, "a", text, pledges=[aim], metrics=[*numbers, alone])
    rows = await asked.fetch("SELECT * FROM yinuo.pledge_targets ORDER BY span_start")
    found = [(row["lowest"], row["lowest_included"], row["highest"], row["highest_included"]) for row in rows]
    assert found == [bounds for _, _, bounds in BOUNDS]
    for row in rows:
        assert (row["quote"], row["region_name"]) == (aim["quote"], "福清市")
        assert text[row["span_start"] : row["span_end"]] == row["number_quote"]


async def test_promisers_and_speakers_are_counted(store: Store, asked: Any) -> None:
    text = "甲。乙。丙。丁。"
    await keep(
        store, "a", text,
        pledges=[
            pledge(text, "甲", due=date(2024, 5, 1)),
            pledge(text, "乙", due=date(2024, 9, 1), firmness="aim", testability="weak"),
            pledge(text, "丙", due=date(2024, 8, 1), firmness="effort", testability="none", promiser="教育局"),
            pledge(text, "丁", kind="aspiration", firmness="rhetoric", due=date(2024, 7, 1)),
        ],
    )  # fmt: skip
    rows = {row["promiser"]: row for row in await asked.fetch("SELECT * FROM yinuo.promisers")}
    city = rows["福清市"]
    assert (city["guarantees"], city["commitments"], city["aims"], city["efforts"], city["rhetoric"]) == (
        1,
        0,
        1,
        0,
        0,
    )
    assert (city["testable"], city["weakly_testable"], city["untestable"]) == (1, 1, 0)
    assert (city["next_due"], city["first_due"]) == (date(2024, 9, 1), date(2024, 5, 1))
    (speaker,) = await asked.fetch("SELECT * FROM yinuo.speakers")
    assert (speaker["speaker"], speaker["speaker_post"]) == ("王文", "市长")
    assert speaker["promisers"] == '["教育局", "福清市"]'
    assert (speaker["pledges"], speaker["aspirations"], speaker["next_due"]) == (3, 1, date(2024, 8, 1))


async def test_an_indicator_is_a_series_with_targets_beside_results(store: Store, asked: Any) -> None:
    text = "目标8%,完成7%,去年6%。"

    def number(quote: str, value: int, status: str, year: int, article_id: str) -> dict[str, Any]:
        return metric(
            text, quote, article_id, indicator="增速", value=Decimal(value), status=status, period=str(year),
            period_start=date(year, 1, 1), period_end=date(year, 12, 31),
        )  # fmt: skip

    await keep(
        store, "new", text, published_on=date(2024, 2, 1),
        metrics=[number("8%", 8, "target", 2024, "new"), number("6%", 6, "achieved", 2023, "new")],
    )  # fmt: skip
    await keep(
        store, "old", text, 1, published_on=date(2024, 1, 1),
        metrics=[number("8%", 9, "target", 2024, "old"), number("7%", 7, "achieved", 2024, "old")],
    )  # fmt: skip
    rows = await asked.fetch("SELECT * FROM yinuo.indicators WHERE indicator = '增速' ORDER BY period_start")
    assert [
        (row["period"], row["targets"], row["target_value"], row["results"], row["result_value"])
        for row in rows
    ] == [("2023", 0, None, 1, 6), ("2024", 2, 8, 1, 7)]
    assert rows[1]["articles"] == 2


class TestSilence:
    async def promised(self, store: Store, **fields: Any) -> None:
        fields = {"due": date(2024, 5, 1), "object": "学校", **fields}
        quote = pledge("确保建成学校。", "确保建成学校", **fields)
        await keep(store, "a", "确保建成学校。", pledges=[quote], published_on=date(2024, 1, 1))

    async def silent(self, asked: Any) -> list[str]:
        return [row["looked_for"] for row in await asked.fetch("SELECT looked_for FROM yinuo.silent_pledges")]

    async def test_a_pledge_that_nobody_mentions_again(self, store: Store, asked: Any) -> None:
        await self.promised(store)
        assert await self.silent(asked) == ["学校"]

    @pytest.mark.parametrize(
        ("text", "published_on", "silent"),
        [
            ("福清市的学\n校已建成。", date(2024, 2, 1), False),
            ("福清市的学生到校。", date(2024, 2, 1), True),
            ("厦门市的学校已建成。", date(2024, 2, 1), True),
            ("福清市的学校已建成。", date(2024, 1, 1), True),
            ("福清市的学校已建成。", None, True),
        ],
    )
    async def test_is_mentioned_by_promiser_and_object_later(
        self, store: Store, asked: Any, text: str, published_on: date | None, silent: bool
    ) -> None:
        await self.promised(store)
        await keep(store, "b", text, 1, published_on=published_on)
        assert bool(await self.silent(asked)) is silent

    @pytest.mark.parametrize(
        "fields",
        [{"due": date(2024, 7, 2)}, {"due": None}, {"kind": "aspiration"}],
        ids=["far", "undated", "hope"],
    )
    async def test_what_is_not_yet_asked_after(
        self, store: Store, asked: Any, fields: dict[str, Any]
    ) -> None:
        await self.promised(store, **fields)
        assert await self.silent(asked) == []

    async def test_without_an_object_the_quote_is_looked_for(self, store: Store, asked: Any) -> None:
        await self.promised(store, object=None)
        assert await self.silent(asked) == ["确保建成学校"]


async def test_the_reader_may_ask_every_view(connection: asyncpg.Connection[Any]) -> None:
    views = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'yinuo'::regnamespace AND relkind = 'v'"
    )
    assert len(views) == 9
    await connection.execute("SET ROLE yinuo_reader")
    for view in views:
        await connection.fetch(f"SELECT * FROM yinuo.{view['relname']}")
    await connection.fetch("SELECT * FROM yinuo.search('甲')")
    assert await connection.fetchval("SELECT yinuo.today()")

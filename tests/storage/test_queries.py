"""What reading commands find: each filter alone, the order, the limit; and that words stay words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from storage.samples import message, metric, pledge, position, row_id
from yinuo.storage.faults import SchemaMismatch
from yinuo.storage.queries import MetricFilter, PledgeFilter, connected, find_metrics, find_pledges
from yinuo.storage.store import Store

EARLY = "确保2025年建成3所学校。力争产值增长8%。"
LATE = "努力改善环境。新建ABC路5公里，占50%_。"


@pytest.fixture
async def filled(store: Store) -> None:
    first = pledge(EARLY, "确保2025年建成3所学校", "early")
    await store.write_batch(
        [
            message(
                "early",
                EARLY,
                pledges=[
                    first,
                    pledge(EARLY, "力争产值增长8%", "early", firmness="aim", due=None, promiser="统计局", region=None),
                ],
                metrics=[
                    metric(EARLY, "3所", "early", pledge_id=first["pledge_id"]),
                    metric(
                        EARLY, "8%", "early", indicator="GDP增速", value=Decimal("-0.1"), value_high=Decimal("8"),
                        status="achieved", period_end=date(2023, 12, 31), subject="统计局",
                        region={"name": "厦门市", "code": "350200"},
                    ),
                ],
                published_on=date(2024, 1, 1),
                source="福清日报",
            ),
            message(
                "late",
                LATE,
                pledges=[
                    pledge(LATE, "努力改善环境", "late", kind="aspiration", firmness="effort", due=None, speaker=None,
                           region=None),
                    pledge(LATE, "新建ABC路5公里", "late", due=date(2024, 6, 30), speaker="李四"),
                ],
                metrics=[metric(LATE, "50%_", "late", period_end=None)],
                published_on=date(2024, 2, 1),
                source="Xinhua",
                region="350200",
                raw=position(1),
            ),
        ]
    )  # fmt: skip


async def pledges(connection: Any, **wanted: Any) -> list[str]:
    return [row.quote for row in (await find_pledges(connection, PledgeFilter(**wanted))).rows]


async def metrics(connection: Any, **wanted: Any) -> list[str]:
    return [row.quote for row in (await find_metrics(connection, MetricFilter(**wanted))).rows]


SCHOOLS, OUTPUT, HOPE, ROAD = "确保2025年建成3所学校", "力争产值增长8%", "努力改善环境", "新建ABC路5公里"


@pytest.mark.usefixtures("filled")
class TestFilters:
    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ({}, [ROAD, SCHOOLS, OUTPUT]),
            ({"kind": None}, [HOPE, ROAD, SCHOOLS, OUTPUT]),
            ({"kind": "aspiration"}, [HOPE]),
            ({"promiser": "统计"}, [OUTPUT]),
            ({"promiser": "_"}, []),
            ({"speaker": "李四"}, [ROAD]),
            ({"due_from": date(2024, 6, 30)}, [ROAD, SCHOOLS]),
            ({"due_from": date(2024, 7, 1)}, [SCHOOLS]),
            ({"due_by": date(2024, 6, 30)}, [ROAD]),
            ({"due_by": date(2024, 6, 29)}, []),
            ({"due_from": date(2024, 1, 1), "due_by": date(2025, 12, 31)}, [ROAD, SCHOOLS]),
            ({"firmness": ("aim",)}, [OUTPUT]),
            ({"firmness": ("aim", "guarantee")}, [ROAD, SCHOOLS, OUTPUT]),
            ({"source": "xinHUA"}, [ROAD]),
            ({"source": "%"}, []),
            ({"region": "福清"}, [ROAD, SCHOOLS]),
            ({"region": "350181"}, [ROAD, SCHOOLS]),
            ({"region": "350100"}, [ROAD, SCHOOLS]),
            ({"region": "350000"}, [ROAD, SCHOOLS]),
            ({"region": "35"}, [ROAD, SCHOOLS]),
            ({"region": "350200", "kind": None}, [HOPE, ROAD]),
            ({"region": "110000"}, []),
            ({"text": "abc"}, [ROAD]),
            ({"text": "' OR true --"}, []),
            ({"article": "early"}, [SCHOOLS, OUTPUT]),
            ({"article": "earl"}, []),
            ({"limit": 1}, [ROAD]),
            ({"limit": None}, [ROAD, SCHOOLS, OUTPUT]),
        ],
        ids=str,
    )
    async def test_pledges(self, connection: Any, wanted: dict[str, Any], expected: list[str]) -> None:
        assert await pledges(connection, **wanted) == expected

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ({}, ["50%_", "3所", "8%"]),
            ({"promiser": "福清"}, ["3所"]),
            ({"promiser": "统计"}, ["8%"]),
            ({"speaker": "王文"}, ["3所"]),
            ({"due_by": date(2023, 12, 31)}, ["8%"]),
            ({"due_from": date(2023, 12, 31)}, ["8%", "3所"]),
            ({"due_from": date(2023, 12, 31), "due_by": date(2025, 12, 31), "limit": 1}, ["8%"]),
            ({"due_from": date(2024, 1, 1)}, ["3所"]),
            ({"due_by": date(2025, 12, 31), "promiser": "福清"}, ["3所"]),
            ({"firmness": ("guarantee",)}, ["3所"]),
            ({"status": ("achieved",)}, ["8%"]),
            ({"status": ("achieved", "target")}, ["50%_", "3所", "8%"]),
            ({"source": "日报"}, ["3所", "8%"]),
            ({"region": "厦门"}, ["8%"]),
            ({"region": "350200"}, ["50%_", "8%"]),
            ({"text": "gdp"}, ["8%"]),
            ({"text": "%_"}, ["50%_"]),
            ({"text": "gdp增"}, ["8%"]),
            ({"text": "增gdp"}, []),
            ({"article": "late"}, ["50%_"]),
            ({"limit": 2}, ["50%_", "3所"]),
        ],
        ids=str,
    )
    async def test_metrics(self, connection: Any, wanted: dict[str, Any], expected: list[str]) -> None:
        assert await metrics(connection, **wanted) == expected

    async def test_the_limit_is_said(self, connection: Any) -> None:
        assert (await find_pledges(connection, PledgeFilter(limit=2))).more
        assert not (await find_pledges(connection, PledgeFilter(limit=3))).more
        assert (await find_metrics(connection, MetricFilter(limit=2))).more

    async def test_rows_are_values(self, connection: Any) -> None:
        found = (await find_pledges(connection, PledgeFilter(article="early"))).rows[0]
        assert found.inherited == {"promiser": {"start": 0, "end": 1}}
        assert found.doubts == ["promiser_unknown"]
        assert found.due == date(2025, 12, 31)
        assert list(found.as_dict())[:3] == ["pledge_id", "article_id", "revision"]
        number = (await find_metrics(connection, MetricFilter(status=("achieved",)))).rows[0]
        assert (number.value, number.value_high) == (Decimal("-0.1"), Decimal(8))
        with pytest.raises(AttributeError):
            number.value = Decimal(1)  # type: ignore[misc]


@pytest.mark.usefixtures("filled")
async def test_evidence_shows_each_row_in_its_surroundings(connection: Any) -> None:
    rows = await connection.fetch(
        "SELECT * FROM yinuo.article_evidence WHERE article_id = 'early' ORDER BY span_start"
    )
    assert [(row["row_kind"], row["quote"]) for row in rows] == [
        ("pledge", SCHOOLS),
        ("metric", "3所"),
        ("pledge", OUTPUT),
        ("metric", "8%"),
    ]
    for row in rows:
        assert row["text_before"] + row["quote"] + row["text_after"] == EARLY
        assert (row["passage_kind"], row["speaker_name"]) == ("answer", "王文")
    assert rows[0]["row_id"] == row_id("pledge", "early", SCHOOLS)


async def test_evidence_shows_forty_code_points_on_each_side(store: Store, connection: Any) -> None:
    text = "甲" * 50 + "𠮷确保建成𠮷" + "乙" * 50
    await store.write_batch([message("a", text, pledges=["确保建成"], metrics=[])])
    row = await connection.fetchrow("SELECT text_before, text_after FROM yinuo.article_evidence")
    assert tuple(row) == ("甲" * 39 + "𠮷", "𠮷" + "乙" * 39)


@pytest.mark.usefixtures("filled")
async def test_promisers_are_counted(connection: Any) -> None:
    rows = {row["promiser"]: row for row in await connection.fetch("SELECT * FROM yinuo.promisers")}
    assert set(rows) == {"福清市", "统计局"}
    city = rows["福清市"]
    assert (city["pledges"], city["aspirations"], city["dated"], city["articles"]) == (2, 1, 2, 2)
    assert (city["first_due"], city["last_due"]) == (date(2024, 6, 30), date(2025, 12, 31))
    assert (city["first_published_on"], city["last_published_on"]) == (date(2024, 1, 1), date(2024, 2, 1))


async def test_a_reading_command_says_when_there_is_no_schema(empty_database: str) -> None:
    with pytest.raises(SchemaMismatch, match="yinuo migrate"):
        async with connected(empty_database):
            pass

"""What `yinuo export` writes: types in Parquet, exact numbers or a clear line, and memory that does not grow."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import asyncpg
import pyarrow
import pyarrow.parquet
import pytest

from storage.samples import message
from yinuo.cli import export_files
from yinuo.cli.export_files import row_writer
from yinuo.cli.words import ExportFormat
from yinuo.errors import Misuse, YinuoError
from yinuo.storage.exporting import ViewColumn
from yinuo.storage.store import Store

COLUMNS = (
    ViewColumn("name", "text"), ViewColumn("value", "numeric"), ViewColumn("due", "date"), ViewColumn("rules", "jsonb"),
    ViewColumn("at", "timestamptz"), ViewColumn("many", "int8"), ViewColumn("yes", "bool"), ViewColumn("rank", "float4"),
)  # fmt: skip
ROW = (
    '甲,"乙"\n丙', Decimal("71100000000.5"), date(2025, 12, 31), '["cue"]', datetime(2025, 1, 1, tzinfo=UTC), 3, True, 0.5
)  # fmt: skip
EMPTY = (None,) * len(COLUMNS)


def written(form: ExportFormat, *blocks: list[tuple[object, ...]]) -> bytes:
    stream = io.BytesIO()
    with row_writer(form)(stream, COLUMNS) as writer:
        for block in blocks:
            writer.write(block)
    return stream.getvalue()


def test_csv() -> None:
    assert written(ExportFormat.CSV, [ROW], [EMPTY]).decode() == (
        "name,value,due,rules,at,many,yes,rank\n"
        '"甲,""乙""\n丙",71100000000.5,2025-12-31,"[""cue""]",2025-01-01T00:00:00+00:00,3,true,0.5\n'
        ",,,,,,,\n"
    )
    assert written(ExportFormat.CSV) == b"name,value,due,rules,at,many,yes,rank\n"


def test_jsonl() -> None:
    first, second = written(ExportFormat.JSONL, [ROW, EMPTY]).decode().splitlines()
    assert json.loads(first) == {
        "name": '甲,"乙"\n丙', "value": "71100000000.5", "due": "2025-12-31", "rules": ["cue"],
        "at": "2025-01-01T00:00:00+00:00", "many": 3, "yes": True, "rank": 0.5,
    }  # fmt: skip
    assert set(json.loads(second).values()) == {None}
    assert written(ExportFormat.JSONL) == b""


def test_parquet_keeps_types_and_numbers() -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(written(ExportFormat.PARQUET, [ROW], [EMPTY])))
    assert [str(field.type) for field in table.schema] == [
        "string", "decimal128(38, 12)", "date32[day]", "string", "timestamp[us, tz=UTC]", "int64", "bool", "float",
    ]  # fmt: skip
    first, second = table.to_pylist()
    assert tuple(first.values()) == ROW
    assert tuple(second.values()) == EMPTY
    assert pyarrow.parquet.read_table(io.BytesIO(written(ExportFormat.PARQUET))).num_rows == 0


@pytest.mark.parametrize("number", ["1e30", "0.0000000000001", "NaN"])
def test_a_number_that_parquet_cannot_hold_is_said(number: str) -> None:
    rows: list[tuple[object, ...]] = [("a", Decimal(1), *EMPTY[2:]), ("a", Decimal(number), *EMPTY[2:])]
    with pytest.raises(YinuoError, match=r"value holds .*csv or jsonl"):
        written(ExportFormat.PARQUET, rows)


def test_parquet_without_its_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Misuse, match=r"pip install 'yinuo\[parquet\]'"):
        row_writer(ExportFormat.PARQUET)
    assert export_files.row_writer(ExportFormat.CSV)


PEAK = """
import resource, sys
from yinuo.cli.main import run
code = run(["export", "current_pledges", "-o", sys.argv[1], "--format", sys.argv[2]])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


async def many_pledges(dsn: str, rows: int) -> None:
    """So many copies of the first pledge, about three kilobytes each."""
    connection = await asyncpg.connect(dsn)
    names = await connection.fetchval(
        "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'yinuo.pledges'::regclass "
        "AND attnum > 0 AND attname NOT IN ('pledge_id', 'purpose')"
    )
    await connection.execute(
        f"INSERT INTO yinuo.pledges (pledge_id, purpose, {names}) SELECT 'copy' || n, repeat('a', 1500), {names} "
        f"FROM (SELECT * FROM yinuo.pledges LIMIT 1) AS p, generate_series(1, {rows}) AS n"
    )
    await connection.close()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_memory_does_not_grow_with_the_rows(database: str, tmp_path: Path, form: str) -> None:
    async def first() -> None:
        async with Store(database) as store:
            await store.write_batch([message("a", metrics=[])])

    def peak() -> int:
        target = tmp_path / "out"
        done = subprocess.run(
            [sys.executable, "-c", PEAK, str(target), form],
            env={"YINUO_DATABASE_URL": database, "PATH": ""}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        code, kilobytes = done.stdout.split()
        assert code == "0", done.stderr
        return int(kilobytes)

    asyncio.run(first())
    asyncio.run(many_pledges(database, 20_000))
    some = peak()
    size = (tmp_path / "out").stat().st_size
    asyncio.run(many_pledges_more(database))
    assert peak() - some < 40_000
    assert (tmp_path / "out").stat().st_size > size * (2 if form == "csv" else 1)


async def many_pledges_more(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("DELETE FROM yinuo.pledges WHERE pledge_id LIKE 'copy%'")
    await connection.close()
    await many_pledges(dsn, 60_000)

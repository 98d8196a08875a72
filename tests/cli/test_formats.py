"""Rows for programs: JSON, JSON lines and CSV hold the same values."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from yinuo.cli.formats import Format, csv_text, print_rows

ROW = {
    "quote": '做大做\n强,"双招"',
    "due": date(2023, 12, 31),
    "value": Decimal("7.11E10"),
    "seen": datetime(2026, 1, 2, tzinfo=UTC),
    "inherited": {"promiser": {"start": 1, "end": 2}},
    "region": None,
    "fits": True,
}
PLAIN = {**ROW, "due": "2023-12-31", "value": "71100000000", "seen": "2026-01-02T00:00:00+00:00"}


@pytest.mark.parametrize("form", [Format.JSON, Format.JSONL])
def test_json_holds_every_value(form: Format, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_rows([ROW], list(ROW), form)
    out = capfdbinary.readouterr().out.decode("utf-8")
    assert "做大做" in out
    assert json.loads(out) == ([PLAIN] if form == Format.JSON else PLAIN)


def test_jsonl_is_one_line_a_row(capfd: pytest.CaptureFixture[str]) -> None:
    print_rows([ROW, ROW], list(ROW), Format.JSONL)
    assert len(capfd.readouterr().out.splitlines()) == 2


def test_no_row_is_still_whole_output(capfd: pytest.CaptureFixture[str]) -> None:
    print_rows([], ["a", "b"], Format.JSON)
    print_rows([], ["a", "b"], Format.CSV)
    assert capfd.readouterr().out == "[]\na,b\n"


def test_csv_reads_back() -> None:
    (read,) = csv.DictReader(io.StringIO(csv_text([ROW], list(ROW))))
    assert read["quote"] == ROW["quote"]
    assert (read["value"], read["due"], read["region"], read["fits"]) == (
        "71100000000",
        "2023-12-31",
        "",
        "true",
    )
    assert json.loads(read["inherited"]) == ROW["inherited"]

"""A short part of `make chaos`, and that its comparison sees what it must see.

The whole, every fault one after another, is `make chaos`; it takes half an hour and is not for each test run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import servers
from chaos.__main__ import possible
from chaos.faults import FAULTS, PROOFS, SHORT
from chaos.plan import BUG, MISQUOTE, PARTITIONS, STORED, made
from chaos.proxy import Proxy
from chaos.rounds import Outcome, Rounds
from chaos.surroundings import surroundings
from chaos.tables import compared

SMALL = {"mixed": 130}


@pytest.fixture
def folder(server_folder: Path) -> Iterator[Path]:
    servers.require_apache_kafka()
    server_folder.chmod(0o711)
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=server_folder) as name:
        Path(name).chmod(0o711)
        yield Path(name)


async def test_nothing_is_lost_or_counted_twice_and_a_broken_writer_is_found_out(folder: Path) -> None:
    (broken,) = [proof for proof in PROOFS if "offsets-first" in proof.name]
    async with surroundings(folder) as at:
        rounds = Rounds(at, seed=3, sizes=SMALL)
        await rounds.quiet("mixed")
        good, bad = await asyncio.gather(rounds.loud(SHORT), rounds.loud(broken))
    assert isinstance(good, Outcome) and good.good, good
    assert bad.difference.lost > 0 and not bad.difference.twice and not bad.failure, bad


def test_a_plan_is_the_same_each_time_and_has_every_kind_of_poison() -> None:
    plan = made("mixed", 5, 300, 2)
    assert plan == made("mixed", 5, 300, 2) != made("mixed", 6, 300, 2)
    outcomes = Counter(message.outcome for message in plan.all)
    assert {outcome.split()[0] for outcome in outcomes} == {STORED, "decode", "validate", "extract", "write"}
    keys = {message.key: message.partition for message in plan.messages if message.key}
    assert all(keys[message.key] == message.partition for message in plan.messages if message.key)
    assert {message.partition for message in plan.messages} == set(range(PARTITIONS))
    values = [message.value for message in plan.messages if message.value]
    assert len(set(values)) < len(values), "no duplicates"
    for mark in (BUG, MISQUOTE):
        assert any(mark.encode() in value for value in values)


def test_changed_articles_with_one_id_have_an_order() -> None:
    places: dict[str, set[int]] = {}
    for message in made("mutated", 4, 10_000, 1).messages:
        with contextlib.suppress(ValueError, AttributeError):
            if name := json.loads(message.value or b"").get("article_id"):
                places.setdefault(str(name), set()).add(message.partition)
    assert len(places) > 1000
    assert {len(found) for found in places.values()} == {1}


def test_a_row_that_is_missing_doubled_or_changed_is_counted() -> None:
    quiet = {"pledges": Counter({'{"article_id": "a"}': 1, '{"article_id": "b"}': 1}), "forgotten": Counter()}
    same = compared(quiet, {"pledges": Counter(quiet["pledges"])})
    assert (same.lost, same.twice) == (0, 0)
    found = compared(quiet, {"pledges": Counter({'{"article_id": "a"}': 2, '{"article_id": "c"}': 1})})
    assert (found.lost, found.twice) == (1, 2)
    assert "article_id b" in found.examples[0]
    assert compared(quiet, {}).lost == 2
    assert compared({}, quiet).twice == 2


def test_names_of_faults_are_each_one_and_each_happens() -> None:
    names = [fault.name for fault in (*FAULTS, *PROOFS)]
    assert len(set(names)) == len(names)
    assert all(fault.times >= 1 for fault in FAULTS)


def test_a_fault_that_this_machine_cannot_do_is_named_and_left_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fault = replace(SHORT, missing=lambda _: "no such thing here")
    assert possible([SHORT, fault], tmp_path) == [SHORT]
    assert capsys.readouterr().out == f"not run: {fault.name}: no such thing here\n"


async def test_the_proxy_passes_on_cuts_where_it_is_told_and_refuses() -> None:
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(100):
            heard.append(piece)
            writer.write(piece.upper())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Proxy(lambda: asyncio.open_connection("127.0.0.1", port)) as proxy:

        async def asked(words: bytes) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            writer.write(words)
            try:
                return await reader.read(100)
            finally:
                writer.close()

        assert await asked(b"words") == b"WORDS"
        proxy.cut_at = b"COPY"
        with pytest.raises(ConnectionResetError):
            while await asked(b"a COPY of " + b"x" * 50):
                pass
        assert proxy.cuts == 1
        proxy.whole()
        proxy.closed = True
        with pytest.raises(ConnectionError):
            await asked(b"words")
        proxy.whole()
        assert await asked(b"again") == b"AGAIN"

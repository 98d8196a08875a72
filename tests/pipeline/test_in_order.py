"""Acknowledgements keep the order of the messages, and end where all is forgotten or something goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from yinuo.pipeline import in_order
from yinuo.pipeline.in_order import InOrder
from yinuo.pipeline.messages import RawMessage
from yinuo_schemas import SourcePosition


def raw(offset: int) -> RawMessage:
    at = SourcePosition(
        cluster="c", topic="t", partition=0, offset=offset, timestamp=datetime(2026, 1, 1, tzinfo=UTC)
    )
    return RawMessage(None, b"", (), at)


class Deliveries:
    """Work whose deliveries end when they are told to, and the offsets that were acknowledged."""

    def __init__(self) -> None:
        self.gates: dict[int, asyncio.Future[None]] = {}
        self.acknowledged: list[int] = []
        self.work = InOrder(self._read)

    async def _read(self, message: RawMessage) -> Callable[[], Awaitable[None]]:
        gate = self.gates[message.source.offset] = asyncio.get_running_loop().create_future()

        async def deliver() -> None:
            await gate

        return deliver

    def admit(self, offset: int) -> asyncio.Task[None]:
        return asyncio.create_task(self.work.admit(raw(offset), lambda: self.acknowledged.append(offset)))

    def deliver(self, *offsets: int) -> None:
        for offset in offsets:
            if not self.gates[offset].done():
                self.gates[offset].set_result(None)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def nothing() -> None:
    return None


async def test_acknowledged_in_order_whatever_is_delivered_first() -> None:
    deliveries = Deliveries()
    await asyncio.gather(*(deliveries.admit(offset) for offset in range(3)))
    await settle()
    deliveries.deliver(2, 1)
    await settle()
    assert deliveries.acknowledged == []
    deliveries.deliver(0)
    await settle()
    assert deliveries.acknowledged == [0, 1, 2]
    assert deliveries.work.under_way == 0


async def test_what_waits_for_room_when_all_is_forgotten_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It comes again, after others: taken now it would be acknowledged before them."""
    monkeypatch.setattr(in_order, "MOST_MESSAGES", 2)
    deliveries = Deliveries()
    waiting = [deliveries.admit(offset) for offset in range(3)]
    await settle()
    assert [task.done() for task in waiting] == [True, True, False]
    deliveries.work.forget()
    deliveries.work.reopen_after(nothing())
    await settle()
    assert waiting[2].done()
    assert deliveries.work.under_way == 0
    again = [deliveries.admit(offset) for offset in (0, 1)]
    await settle()
    deliveries.deliver(0, 1)
    await asyncio.gather(*again)
    await settle()
    assert deliveries.acknowledged == [0, 1]


async def test_nothing_is_taken_until_the_check_after_a_rebalance_is_done() -> None:
    deliveries = Deliveries()
    checked = asyncio.get_running_loop().create_future()

    async def check() -> None:
        await checked

    deliveries.work.forget()
    deliveries.work.reopen_after(check())
    taken = deliveries.admit(0)
    await settle()
    assert not taken.done()
    checked.set_result(None)
    await taken
    assert deliveries.work.under_way == 1


async def test_nothing_is_acknowledged_after_a_failure() -> None:
    deliveries = Deliveries()
    await asyncio.gather(*(deliveries.admit(offset) for offset in range(3)))
    await settle()
    deliveries.gates[2].set_exception(RuntimeError("planted"))
    await settle()
    with pytest.raises(RuntimeError, match="planted"):
        deliveries.work.failure.result()
    deliveries.deliver(0, 1)
    await settle()
    assert deliveries.acknowledged == []
    assert not deliveries.admit(3).done()

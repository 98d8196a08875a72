"""Messages worked on side by side, each acknowledged only after its result is delivered and all before it are.

Not for Kafka: it is given what reads, what delivers and what acknowledges. Laws: within a partition,
acknowledgements come in the order of the messages, so that a committed offset never passes an unfinished one (Faust
would commit past a gap); what is under way is bounded in count and bytes; whatever goes wrong here ends the service.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from yinuo.pipeline.messages import RawMessage

Partition = tuple[str, int]
Acknowledge = Callable[[], object]

MOST_MESSAGES = 128
MOST_BYTES = 64 * 1024 * 1024


@dataclass(slots=True, eq=False)
class _Entry:
    raw: RawMessage
    acknowledge: Acknowledge
    finished: bool = False


@dataclass(slots=True, eq=False)
class _Lane:
    """One partition: its unacknowledged messages in order, and the task that reads them one after the other."""

    partition: Partition
    entries: deque[_Entry] = field(default_factory=deque)
    unread: asyncio.Queue[_Entry] = field(default_factory=asyncio.Queue)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class InOrder:
    """The work under way in one extractor.

    `read` gives the next step for a message: a coroutine function that, awaited, has delivered the result. Messages
    of one partition are read one after the other, so that revisions of an article are sent in their order; they are
    delivered side by side.
    """

    def __init__(self, read: Callable[[RawMessage], Awaitable[Callable[[], Awaitable[None]]]]) -> None:
        """Nothing is under way."""
        self._read = read
        self._lanes: dict[Partition, _Lane] = {}
        self._messages = 0
        self._bytes = 0
        self._unfinished = 0
        self._open = True
        self._draining = False
        self._turn = 0
        self._own: set[asyncio.Task[None]] = set()
        self._change = asyncio.Condition()
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done, with the exception, when something went wrong that no waiting mends."""
        self.next_offsets: dict[Partition, int] = {}
        """In each partition that had messages: the offset after the last acknowledged one."""

    @property
    def under_way(self) -> int:
        """How many messages are taken and not acknowledged."""
        return self._messages

    async def admit(self, raw: RawMessage, acknowledge: Acknowledge) -> None:
        """Take a message as soon as there is room; `acknowledge` is called when it is finished and its turn is.

        One that waits while all is forgotten is dropped too: it comes again, and behind others that it must not pass.
        """
        turn = self._turn
        async with self._change:
            await self._change.wait_for(lambda: self._turn != turn or self._has_room(raw.size))
            if self._turn != turn:
                return
            self._messages += 1
            self._unfinished += 1
            self._bytes += raw.size
        lane = self._lane((raw.source.topic, raw.source.partition))
        self.next_offsets.setdefault(lane.partition, raw.source.offset)
        entry = _Entry(raw, acknowledge)
        lane.entries.append(entry)
        lane.unread.put_nowait(entry)

    def forget(self) -> None:
        """Drop everything under way and take nothing more until `reopen`: the partitions go elsewhere, or come again."""
        self._open = False
        self._turn += 1
        lanes, self._lanes = list(self._lanes.values()), {}
        for task in (*self._own, *(task for lane in lanes for task in lane.tasks)):
            task.cancel()
        for lane in lanes:
            for entry in lane.entries:
                self._messages -= 1
                self._bytes -= entry.raw.size
                self._unfinished -= not entry.finished
            lane.entries.clear()
        self.next_offsets.clear()

    def reopen_after(self, check: Coroutine[Any, Any, None]) -> None:
        """Take messages again once the check is done; one that fails ends the service."""
        self._spawn(self._reopen(check), self._own)

    def fail(self, error: BaseException) -> None:
        """End the service with this; nothing more is delivered or acknowledged, however long the end takes."""
        self.forget()
        if not self.failure.done():
            self.failure.set_exception(error)

    async def drain(self, seconds: float, held: Callable[[], int]) -> bool:
        """Take nothing more, wait until all is finished but what is `held`; False when time was over first."""
        self._open, self._draining = False, True
        try:
            async with asyncio.timeout(seconds), self._change:
                await self._change.wait_for(lambda: self._unfinished <= held())
        except TimeoutError:
            return False
        return True

    def _has_room(self, size: int) -> bool:
        if not self._open:
            return False
        # A message larger than all the room is taken alone.
        return self._messages == 0 or (self._messages < MOST_MESSAGES and self._bytes + size <= MOST_BYTES)

    def _lane(self, partition: Partition) -> _Lane:
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = _Lane(partition)
            self._spawn(self._read_all(lane), lane.tasks)
        return lane

    async def _read_all(self, lane: _Lane) -> None:
        while True:
            entry = await lane.unread.get()
            deliver = await self._read(entry.raw)
            self._spawn(self._finish(lane, entry, deliver), lane.tasks)

    async def _finish(self, lane: _Lane, entry: _Entry, deliver: Callable[[], Awaitable[None]]) -> None:
        await deliver()
        entry.finished = True
        self._unfinished -= 1
        while lane.entries and lane.entries[0].finished:
            first = lane.entries.popleft()
            first.acknowledge()
            self.next_offsets[lane.partition] = first.raw.source.offset + 1
            self._messages -= 1
            self._bytes -= first.raw.size
        await self._announce()

    async def _reopen(self, check: Coroutine[Any, Any, None]) -> None:
        await check
        self._open = not self._draining
        await self._announce()

    async def _announce(self) -> None:
        async with self._change:
            self._change.notify_all()

    def _spawn(self, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(self._report)

    def _report(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(error)

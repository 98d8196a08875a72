"""The extractor's reading processes: started as they are needed, timed, ended when they hang, replaced when they die.

Not for what reading means (`handle.py`). Law: `read` gives an answer or ReadFailed within bounded time, whatever the
article does to the process that reads it.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from dataclasses import dataclass, field
from types import TracebackType

import structlog

from yinuo.intake.decode import Limits
from yinuo.pipeline.messages import Outgoing, RawMessage
from yinuo.pipeline.reader_process import LENGTH_BYTES, Bug

HANDLER = "yinuo.pipeline.handle:handle"
START_SECONDS = 60.0

log = structlog.get_logger("yinuo.readers")


class ReadFailed(Exception):
    """A bug kept this article from being read; the text is one line, `details` the traceback, if there is one."""

    def __init__(self, line: str, details: str = "") -> None:
        """Say what went wrong in one line."""
        super().__init__(line)
        self.details = details


class ProcessDied(Exception):
    """A reading process ended without an answer."""


@dataclass(slots=True)
class Readers:
    """Up to `most` processes that read articles; `seconds` is the longest that one article may take.

    `handler` names the function as `module:function`. As a context manager it starts the first process, so that a
    broken installation shows at once (ProcessDied), and ends them all.
    """

    limits: Limits
    most: int
    seconds: float
    handler: str = HANDLER
    _idle: list[_Process] = field(default_factory=list)
    _all: set[_Process] = field(default_factory=set)
    _room: asyncio.Semaphore = field(init=False)

    async def __aenter__(self) -> Readers:
        """Start the first process."""
        self._room = asyncio.Semaphore(self.most)
        self._idle.append(await self._started())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all processes, whatever they are doing."""
        await asyncio.gather(*(process.end() for process in self._all))

    async def read(self, raw: RawMessage) -> Outgoing:
        """What to send for this message; ReadFailed when a bug, or the time limit, keeps it from being read."""
        async with self._room:
            try:
                return await self._read(raw)
            except ProcessDied:
                # The system may have ended it for its neighbours' sake: once more, alone to blame.
                log.warning("a reading process died; reading the article again", source=raw.source.identity)
            try:
                return await self._read(raw)
            except ProcessDied:
                raise ReadFailed("the reading process died twice") from None

    async def _read(self, raw: RawMessage) -> Outgoing:
        process = self._idle.pop() if self._idle else await self._started()
        try:
            async with asyncio.timeout(self.seconds):
                answer = await process.answer(raw)
        except TimeoutError:
            await self._dropped(process)
            raise ReadFailed(f"reading took longer than {self.seconds:g} s") from None
        except BaseException:
            # Also when cancelled: an answer that nobody waits for must not become the next article's.
            await self._dropped(process)
            raise
        self._idle.append(process)
        if isinstance(answer, Bug):
            raise ReadFailed(answer.line, answer.details)
        return answer

    async def _started(self) -> _Process:
        process = await _Process.started(self.handler, self.limits)
        self._all.add(process)
        return process

    async def _dropped(self, process: _Process) -> None:
        self._all.discard(process)
        await process.end()


class _Process:
    """One reading process, which answers one message at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests = process.stdin
        self._answers = process.stdout

    @classmethod
    async def started(cls, handler: str, limits: Limits) -> _Process:
        process = cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # the current directory holds no modules of ours
                "-m",
                "yinuo.pipeline.reader_process",
                handler,
                str(limits.max_text_chars),
                str(limits.max_message_bytes),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=1024 * 1024,
            )
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await process._frame()
        except BaseException:
            await process.end()
            raise
        return process

    async def answer(self, raw: RawMessage) -> Outgoing | Bug:
        content = pickle.dumps(raw)
        self._requests.write(len(content).to_bytes(LENGTH_BYTES, "big") + content)
        try:
            await self._requests.drain()
        except ConnectionError:
            raise ProcessDied from None
        answer: Outgoing | Bug = pickle.loads(await self._frame())  # noqa: S301 (from our own child, over our own pipe)
        return answer

    async def _frame(self) -> bytes:
        try:
            length = int.from_bytes(await self._answers.readexactly(LENGTH_BYTES), "big")
            return await self._answers.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise ProcessDied("a reading process ended without an answer") from None

    async def end(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

"""A small TCP proxy on 127.0.0.1 that delays, cuts, resets and swallows what goes through it.

It lives in the event loop of the run. Not for speed, not for TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


@dataclass(slots=True, eq=False)
class Proxy:
    """Passes connections on to what `connect` opens, in the way that its fields say at the moment.

    `delay` seconds before each piece; `deaf`: nothing is passed on; `closed`: who comes is reset; `cut_at`: a
    connection is reset when these bytes go from client to server, a piece of what follows them delivered.
    """

    connect: Connect
    delay: float = 0.0
    deaf: bool = False
    closed: bool = False
    cut_at: bytes = b""
    cuts: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def whole(self) -> None:
        """Pass everything on again."""
        self.delay, self.deaf, self.closed, self.cut_at = 0.0, False, False, b""

    def reset(self) -> None:
        """Reset every connection there is."""
        for writer in list(self._open):
            _reset(writer)
        self._open.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.closed:
            _reset(writer)
            return
        try:
            there, onward = await self.connect()
        except OSError:
            _reset(writer)
            return
        pair = {writer, onward}
        self._open |= pair
        for task in (
            asyncio.create_task(self._pass_on(reader, onward, pair, upwards=True)),
            asyncio.create_task(self._pass_on(there, writer, pair, upwards=False)),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pair: set[asyncio.StreamWriter],
        *,
        upwards: bool,
    ) -> None:
        try:
            while piece := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                while self.deaf:  # noqa: ASYNC110 (a field that anybody may set)
                    await asyncio.sleep(0.05)
                at = piece.find(self.cut_at) if upwards and self.cut_at else -1
                if at >= 0:
                    piece = piece[: at + len(self.cut_at) + 20]
                writer.write(piece)
                await writer.drain()
                if at >= 0:
                    self.cuts += 1
                    break
        except OSError:
            pass
        finally:
            for one in pair & self._open:
                self._open.discard(one)
                _reset(one) if upwards and self.cut_at else one.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by a reset instead of by a goodbye."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.family != socket.AF_UNIX:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

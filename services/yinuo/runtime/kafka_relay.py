"""In front of the embedded broker: passes bytes on, and mends one answer that older Kafka clients cannot read.

The broker ends its ApiVersions answer (KIP-511, versions 3 and 4) with the optional fields at their defaults. That is
allowed and unusual: librdkafka before 2.3, so Debian 12's kcat, reads the length of such a field wrongly and gives up.
The relay leaves those fields out of the first answer of a connection; everything behind it passes untouched.

Run by its path, with the interpreter alone: `python -I -S kafka_relay.py LISTEN_PORT BROKER_PORT [ID]`. Both ports are on
127.0.0.1. With an id it lays down root for that user and group once it listens: the interpreter need not be
readable for a user that exists nowhere, so that it cannot be started as that one.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import struct
import sys
from asyncio import StreamReader, StreamWriter

HOST = "127.0.0.1"
API_VERSIONS, FIRST_FLEXIBLE = 18, 3
PR_SET_PDEATHSIG = 1
MOST_BYTES = 1 << 16
"""Of a first request or answer that is looked at; a larger one is passed on as it is."""
CHUNK = 1 << 16


class NotOne(ValueError):
    """Bytes that are no ApiVersions answer of the form that is mended."""


def mended(answer: bytes) -> bytes:
    """An ApiVersions answer (version 3 or 4, without its length) whose optional fields at the end are left out."""
    at = 4 + 2  # correlation id, error code
    count, at = _unsigned(answer, at)
    for _ in range(count - 1):
        at += 2 + 2 + 2  # API key, oldest and newest version
        fields, at = _unsigned(answer, at)
        if fields:
            raise NotOne
    at += 4  # throttle time
    if at >= len(answer):
        raise NotOne
    return answer[:at] + b"\0"


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    """(value, offset behind it) of an unsigned varint."""
    value = shift = 0
    while at < len(data) and shift < 35:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7
    raise NotOne


async def _frame(reader: StreamReader) -> tuple[bytes, bytes | None]:
    """(the bytes read, the frame in them without its length; None where it is too long to be looked at)."""
    head = await reader.readexactly(4)
    (size,) = struct.unpack(">i", head)
    if not 4 <= size <= MOST_BYTES:
        return head, None
    body = await reader.readexactly(size)
    return head + body, body


def _asks_for_versions(request: bytes | None) -> bool:
    if request is None:
        return False
    key, version = struct.unpack_from(">hh", request)
    return bool(key == API_VERSIONS and version >= FIRST_FLEXIBLE)


async def _first_exchange(
    client: StreamReader, to_client: StreamWriter, broker: StreamReader, to_broker: StreamWriter
) -> None:
    raw, request = await _frame(client)
    to_broker.write(raw)
    if not _asks_for_versions(request):
        return
    raw, answer = await _frame(broker)
    if answer is not None:
        with contextlib.suppress(NotOne):
            body = mended(answer)
            raw = struct.pack(">i", len(body)) + body
    to_client.write(raw)


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        await writer.drain()


async def _connection(client: StreamReader, to_client: StreamWriter, broker_port: int) -> None:
    """One connection, until either side ends it: then both ends close."""
    with contextlib.suppress(OSError, EOFError), contextlib.closing(to_client):
        broker, to_broker = await asyncio.open_connection(HOST, broker_port)
        with contextlib.closing(to_broker):
            await _first_exchange(client, to_client, broker, to_broker)
            ways = [
                asyncio.ensure_future(_pass_on(client, to_broker)),
                asyncio.ensure_future(_pass_on(broker, to_client)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


def _become(number: int) -> None:
    """Lay down root for good; Linux forgets at this moment that we are to end with our parent, so it is said again."""
    os.setgroups([])
    os.setgid(number)
    os.setuid(number)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


async def _serve(listen_port: int, broker_port: int, number: int | None) -> None:
    async def connected(client: StreamReader, to_client: StreamWriter) -> None:
        await _connection(client, to_client, broker_port)

    server = await asyncio.start_server(connected, HOST, listen_port, limit=CHUNK, backlog=256)
    if number is not None:
        _become(number)
    async with server:
        await server.serve_forever()


def main(arguments: list[str]) -> str | None:
    """Serve until a signal ends the process; the reason when the port cannot be had."""
    listen_port, broker_port, *number = map(int, arguments)
    try:
        asyncio.run(_serve(listen_port, broker_port, number[0] if number else None))
    except OSError as error:
        return f"{HOST}:{listen_port}: {error.strerror}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""An extractor or a writer as a process that can be killed at a chosen point: `python -m chaos.worker NAME HANDLER`.

The product has no hooks: they are put around its functions here. At SIGUSR1 the process reads from the file that
CHAOS_ORDERS names at which point it shall die, and dies by SIGKILL when it next comes there. CHAOS_PLANTED names
violations to build in, so that one sees the comparison report them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from yinuo.pipeline import extractor, writer
from yinuo.pipeline.in_order import InOrder
from yinuo.pipeline.sender import Sender
from yinuo.runtime.settings import load_settings
from yinuo.storage.store import Store

BEFORE_SEND = "before the send"
BEFORE_ACK = "between send and acknowledgement"
BEFORE_COMMIT = "between acknowledgement and commit"
IN_TRANSACTION = "in the transaction, after a COPY"
BEFORE_KAFKA_COMMIT = "between database commit and Kafka commit"
AFTER_KAFKA_COMMIT = "after the Kafka commit"

_armed = ""


def main() -> int:
    name, handler = sys.argv[1:]
    signal.signal(signal.SIGUSR1, _arm)
    _hook()
    for planted in os.environ.get("CHAOS_PLANTED", "").split():
        PLANTED[planted]()
    if name == "writer":
        return writer.run(load_settings())
    return extractor.run(load_settings(), handler=handler)


def _arm(*_: object) -> None:
    global _armed
    _armed = Path(os.environ["CHAOS_ORDERS"]).read_text()


def _die_at(point: str) -> None:
    if _armed == point:
        os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: type, name: str, before: str = "", after: str = "") -> None:
    """Put points before and after a coroutine function of a class."""
    original = getattr(owner, name)

    @wraps(original)
    async def hooked(self: Any, *arguments: Any, **named: Any) -> Any:
        _die_at(before or "nowhere")
        result = await original(self, *arguments, **named)
        _die_at(after or "nowhere")
        return result

    setattr(owner, name, hooked)


def _hook() -> None:
    _around(Sender, "_send", before=BEFORE_SEND, after=BEFORE_COMMIT)
    _around(asyncpg.Connection, "copy_records_to_table", after=IN_TRANSACTION)
    _around(Store, "write_batch", after=BEFORE_KAFKA_COMMIT)
    _around(AIOKafkaConsumer, "commit", after=AFTER_KAFKA_COMMIT)
    send = AIOKafkaProducer.send

    @wraps(send)
    async def sent(self: Any, *arguments: Any, **named: Any) -> Any:
        acknowledged = await send(self, *arguments, **named)
        if _armed == BEFORE_ACK:
            # The broker has it, and nobody here will ever know.
            await asyncio.wait([acknowledged])
            _die_at(BEFORE_ACK)
        return acknowledged

    AIOKafkaProducer.send = sent


# --- planted violations


def _offsets_first() -> None:
    """A writer that says "done" before it is: loses what it holds when it is killed."""
    write = Store.write_batch

    async def broken(
        self: Store,
        extractions: Sequence[Any],
        dead_letters: Sequence[Any] = (),
        offsets: Sequence[Any] = (),
        known: Sequence[Any] = (),
    ) -> Any:
        if offsets:
            await write(self, (), (), offsets)
            _die_at(BEFORE_KAFKA_COMMIT)
        return await write(self, extractions, dead_letters)

    Store.write_batch = broken  # type: ignore[method-assign]


def _acknowledges_first() -> None:
    """An extractor that acknowledges what it takes, as Faust does by itself: loses what it holds."""
    admit = InOrder.admit

    async def broken(self: InOrder, raw: Any, acknowledge: Callable[[], object]) -> None:
        acknowledge()
        await admit(self, raw, lambda: None)

    deliver = Sender.deliver

    async def late(self: Sender, *arguments: Any, **named: Any) -> Any:
        await asyncio.sleep(1.0)
        return await deliver(self, *arguments, **named)

    InOrder.admit = broken  # type: ignore[method-assign]
    Sender.deliver = late  # type: ignore[method-assign]


def _new_identities() -> None:
    """A writer that stores dead letters by themselves and does not know them again: counts them twice."""
    write = Store.write_batch

    async def broken(
        self: Store,
        extractions: Sequence[Any],
        dead_letters: Sequence[Any] = (),
        offsets: Sequence[Any] = (),
        known: Sequence[Any] = (),
    ) -> Any:
        fresh = [
            letter.model_copy(
                update={"source": letter.source.model_copy(update={"cluster": uuid.uuid4().hex})}
            )
            if hasattr(letter, "model_copy")
            else letter
            for letter in dead_letters
        ]
        if fresh:
            await write(self, (), fresh)
            _die_at(BEFORE_KAFKA_COMMIT)
        return await write(self, extractions, (), offsets, known)

    Store.write_batch = broken  # type: ignore[method-assign]


PLANTED: dict[str, Callable[[], None]] = {
    "offsets-first": _offsets_first,
    "acknowledges-first": _acknowledges_first,
    "new-identities": _new_identities,
}

if __name__ == "__main__":
    sys.exit(main())

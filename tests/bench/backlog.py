"""How much memory extractor and writer take while they work off a backlog: `make backlog`, not part of the tests.

All articles stand in Apache Kafka before the services start. Printed is what each process held at most until then, at
every tenth of the way; ends with 1 where that grew by more than a quarter after the first tenth. Leaves nothing behind.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from chaos.crew import EXTRACTOR, WRITER
from chaos.ground import Ground, ground
from chaos.plan import PARTITIONS, Message
from chaos.surroundings import surroundings
from yinuo.runtime.processes import FolderRemover

MIB = 1024 * 1024
MOST_GROWTH = 1.25
AT_ONCE = 5000
STANDS_STILL = 120.0
TEXT = (
    "县长承诺，到2026年底，新建农村公路{number}公里。去年完成投资{number}万元，比上年增长3.2%。"
    "力争新增就业{number}人以上，确保粮食产量稳定在30万吨。"
)
HELD = ("extractor", "its readers", "writer")


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the writer was, after how many seconds, and what each process had held at most by then, in bytes."""

    stored: int
    seconds: float
    held: tuple[int, int, int]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=200_000)
    articles = parser.parse_args().articles
    folder = Path(tempfile.mkdtemp(prefix="yinuo-backlog-"))
    folder.chmod(0o711)
    remover = FolderRemover(folder)
    try:
        marks = asyncio.run(_worked_off(articles, folder))
    except KeyboardInterrupt:
        return 130
    finally:
        remover.close()
    grown = [last / first for first, last in zip(marks[0].held, marks[-1].held, strict=True)]
    print(
        "\nafter the first tenth, times: "
        + ", ".join(f"{what} {by:.2f}" for what, by in zip(HELD, grown, strict=True))
    )
    return 0 if max(grown) <= MOST_GROWTH else 1


async def _worked_off(articles: int, folder: Path) -> list[Mark]:
    async with surroundings(folder) as at, ground(at, settings={}, extractors=0, writers=0) as place:
        waiting = messages(articles)
        while some := list(islice(waiting, AT_ONCE)):
            await place.feed(some)
        print(
            f"{articles} articles wait\n\n| stored | s | "
            + " | ".join(f"{what}, MiB" for what in HELD)
            + " |"
        )
        print("|---:" * 5 + "|")
        for name in (EXTRACTOR, WRITER):
            place.crew.add(name, kept=False)
        return await _watched(place, articles)


def messages(articles: int) -> Iterator[Message]:
    """Small articles, spread over the partitions."""
    for number in range(articles):
        name = f"w{number}"
        value = json.dumps({"article_id": name, "text": TEXT.format(number=number + 1)}, ensure_ascii=False)
        yield Message(number % PARTITIONS, name.encode(), value.encode())


async def _watched(place: Ground, articles: int) -> list[Mark]:
    """A mark at each tenth."""
    marks: list[Mark] = []
    started = moved = time.monotonic()
    stored, most = 0, (0, 0, 0)
    while len(marks) < 10:
        await asyncio.sleep(0.5)
        before, stored = stored, await place.ingested_in_all()
        moved = time.monotonic() if stored > before else moved
        if time.monotonic() - moved > STANDS_STILL or place.crew.surprises:
            raise RuntimeError(f"stands at {stored}: {await place.behind()} {place.crew.surprises}")
        most = tuple(max(pair) for pair in zip(most, _held(place), strict=True))  # type: ignore[assignment]
        while len(marks) < 10 and stored >= articles * (len(marks) + 1) // 10:
            marks.append(Mark(stored, time.monotonic() - started, most))
            cells = [str(stored), f"{marks[-1].seconds:.0f}", *(f"{bytes_ / MIB:.0f}" for bytes_ in most)]
            print("| " + " | ".join(cells) + " |", flush=True)
    return marks


def _held(place: Ground) -> tuple[int, int, int]:
    """What extractor, its reading processes together, and writer hold now."""
    (extractor,), (writer,) = place.crew.of(EXTRACTOR), place.crew.of(WRITER)
    readers = _children(extractor.process.pid)
    return resident(extractor.process.pid), sum(map(resident, readers)), resident(writer.process.pid)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 for one that is gone."""
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    sys.exit(main())

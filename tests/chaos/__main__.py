"""`make chaos`: one fault after another on Apache Kafka and Postgres, every table compared with a quiet run's.

    make chaos                                    all faults
    make chaos CHAOS='--list'                     their names
    make chaos CHAOS='--only writer --seed 7'     those whose name holds the word; other messages, other moments
    make chaos CHAOS='--prove'                    violations built into the services: each must be reported

Exit codes: 0 nothing lost and nothing counted twice, 1 not so, 2 bad use, 3 Java, Maven or Postgres is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import servers
from chaos.faults import FAULTS, PROOFS, Fault
from chaos.rounds import Outcome, Rounds
from chaos.surroundings import surroundings
from yinuo.runtime.processes import FolderRemover

HEADINGS = ("fault", "times", "messages", "lost", "twice", "flow again, s")


def main() -> int:
    arguments = _arguments()
    chosen = [fault for fault in (PROOFS if arguments.prove else FAULTS) if _wanted(fault, arguments.only)]
    if arguments.list:
        print("\n".join(fault.name for fault in chosen))
        return 0
    if not chosen:
        words = ", ".join(arguments.only)
        print(f"chaos: no fault's name holds {words}; --list shows them", file=sys.stderr)
        return 2
    if (missing := _missing(arguments.postgres)) is not None:
        print(f"chaos: {missing}", file=sys.stderr)
        return 3
    folder = Path(tempfile.mkdtemp(prefix="yinuo-chaos-"))
    folder.chmod(0o711)
    remover = FolderRemover(folder)
    try:
        return asyncio.run(_run(arguments, possible(chosen, folder), folder))
    except KeyboardInterrupt:
        return 130
    finally:
        remover.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", metavar="WORD", help="may be given again")
    parser.add_argument("--list", action="store_true")
    parser.add_argument(
        "--postgres", choices=("18", "15"), default="18", help="the wheel's 18, or Debian's 15"
    )
    parser.add_argument("--prove", action="store_true", help="violations are built in: each must be reported")
    return parser.parse_args()


def _wanted(fault: Fault, words: list[str] | None) -> bool:
    return not words or any(word.lower() in fault.name.lower() for word in words)


def possible(chosen: list[Fault], folder: Path) -> list[Fault]:
    """Those that this machine has everything for; the others are named, with the reason."""
    there: list[Fault] = []
    for fault in chosen:
        if reason := fault.missing(folder):
            print(f"not run: {fault.name}: {reason}", flush=True)
        else:
            there.append(fault)
    return there


def _missing(postgres: str) -> str | None:
    fetched = subprocess.run([sys.executable, servers.KAFKA_LOCAL, "fetch"], capture_output=True, text=True)
    if fetched.returncode:
        return fetched.stderr.strip().splitlines()[-1]
    if postgres == "15" and not (servers.DEBIAN_15 / "postgres").exists():
        return "PostgreSQL 15 is not installed: apt-get install postgresql-15"
    return None


async def _run(arguments: argparse.Namespace, chosen: list[Fault], folder: Path) -> int:
    started = time.monotonic()
    binaries = servers.DEBIAN_15 if arguments.postgres == "15" else None
    outcomes: list[Outcome] = []
    width = max((len(fault.name) for fault in chosen), default=0)
    async with surroundings(folder, binaries) as at:
        print(f"Apache Kafka 4.3.1, PostgreSQL {at.postgres.server.version}, seed {arguments.seed}\n")
        print(
            _line(HEADINGS, width),
            "|".join(("", "-" * (width + 2), *("-" * 4 + ":",) * 5, "")),
            sep="\n",
            flush=True,
        )
        rounds = Rounds(at, arguments.seed)
        for fault in chosen:
            outcome = await rounds.loud(fault)
            outcomes.append(outcome)
            print(_line(_cells(outcome), width), flush=True)
            for complaint in (outcome.failure, *outcome.difference.examples):
                if complaint:
                    print(f"    {complaint}", file=sys.stderr, flush=True)
    print(
        f"\n{len(outcomes)} faults, {sum(one.times for one in outcomes)} times, {time.monotonic() - started:.0f} s"
    )
    return _judged(outcomes) if not arguments.prove else _proved(outcomes)


def _judged(outcomes: list[Outcome]) -> int:
    bad = [outcome.fault for outcome in outcomes if not outcome.good]
    print(f"NOT RIGHT: {', '.join(bad)}" if bad else "nothing lost, nothing counted twice")
    return 1 if bad else 0


def _proved(outcomes: list[Outcome]) -> int:
    """A violation that the comparison does not show, or a round that could not be compared, fails the proof."""
    unseen = [
        one.fault for one in outcomes if one.failure or not (one.difference.lost or one.difference.twice)
    ]
    print(f"NOT REPORTED: {', '.join(unseen)}" if unseen else "each violation was reported")
    return 1 if unseen else 0


def _cells(outcome: Outcome) -> tuple[str, ...]:
    """The cells of a line; a round that could not be judged says so where the counts would stand."""
    counts = ("?", "?") if outcome.failure else (str(outcome.difference.lost), str(outcome.difference.twice))
    return outcome.fault, str(outcome.times), str(outcome.messages), *counts, f"{outcome.flow_seconds:.1f}"


def _line(cells: tuple[str, ...], width: int) -> str:
    first, *others = cells
    return f"| {first:{width}} | " + " | ".join(others) + " |"


if __name__ == "__main__":
    sys.exit(main())

"""A round with a fault, the quiet round it is compared with, and what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from chaos.crew import NeverThere
from chaos.faults import Fault
from chaos.ground import Ground, Stuck, Wrong, ground
from chaos.plan import Message, Plan, made
from chaos.surroundings import Surroundings
from chaos.tables import Difference, Tables, compared, read
from chaos.three_brokers import three_brokers

SIZES = {"mixed": 420, "unmarked": 420, "mutated": 10_000, "large": 30}
MOST_TIMES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the table. `failure`: why the round could not be judged, or what else was wrong."""

    fault: str
    times: int
    messages: int
    difference: Difference
    flow_seconds: float
    failure: str = ""

    @property
    def good(self) -> bool:
        return not (self.failure or self.difference.lost or self.difference.twice)


@dataclass(slots=True)
class Rounds:
    """All rounds of one run: quiet ones are done once for each kind of messages."""

    at: Surroundings
    seed: int
    sizes: Mapping[str, int] = field(default_factory=lambda: SIZES)
    _quiet: dict[str, Tables] = field(default_factory=dict)

    def plan(self, name: str) -> Plan:
        return made(name, self.seed, self.sizes[name], MOST_TIMES)

    async def quiet(self, name: str) -> Tables:
        """The tables that the messages give when nothing happens."""
        if name not in self._quiet:
            plan = self.plan(name)
            async with ground(self.at, settings={}, extractors=1, writers=1) as place:
                await place.feed(plan.all)
                await place.settled()
                await place.check_quiet(plan)
                if place.crew.surprises:
                    raise Wrong(f"quiet run: {place.crew.surprises[0]}")
                self._quiet[name] = await read(place.ask)
        return self._quiet[name]

    async def loud(self, fault: Fault) -> Outcome:
        """The same messages with a fault, compared."""
        plan = self.plan(fault.plan)
        flow, failure, difference = 0.0, "", Difference(0, 0, ())
        try:
            quiet = await self.quiet(fault.plan)
            brokers = three_brokers(self.at) if fault.brokers == 3 else contextlib.nullcontext(self.at)
            async with (
                brokers as at,
                ground(
                    at,
                    settings=fault.settings,
                    extractors=fault.extractors,
                    writers=fault.writers,
                    ups=fault.ups,
                    database_hosts=fault.database_hosts,
                ) as place,
            ):
                flow = await self._disturbed(place, plan, fault)
                await place.settled()
                difference = compared(quiet, await read(place.ask))
                trails = [await place.trail(name) for name in difference.article_ids[:2]]
                difference = replace(difference, examples=(*difference.examples, *trails))
                failure = "; ".join(place.crew.surprises)
        except (Stuck, Wrong, NeverThere) as error:
            failure = f"{type(error).__name__}: {error}"
        finally:
            self.at.kafka.proxy.whole()
            self.at.postgres.proxy.whole()
            self.at.postgres.second.whole()
        return Outcome(fault.name, fault.times, len(plan.all), difference, flow, failure)

    async def _disturbed(self, place: Ground, plan: Plan, fault: Fault) -> float:
        """Feed the plan with the fault in each part of it; the longest time until articles came through again."""
        draw = random.Random(f"{self.seed} {fault.name}")
        parts = _parts(plan.messages, fault.times + 1)
        longest = 0.0
        for part, probes in zip(parts[: fault.times], plan.probes, strict=False):
            if fault.before is not None:
                await fault.before(place)
            feeding = asyncio.create_task(place.feed(part))
            try:
                await fault.harm(place, draw)
                longest = max(longest, await place.flows(probes))
                await feeding
            finally:
                feeding.cancel()
                await asyncio.wait({feeding})
        await place.feed(parts[-1])
        for probes in plan.probes[fault.times :]:
            await place.feed(probes)
        return longest


def _parts(messages: tuple[Message, ...], count: int) -> list[tuple[Message, ...]]:
    ends = [len(messages) * number // count for number in range(count + 1)]
    return [messages[start:end] for start, end in pairwise(ends)]

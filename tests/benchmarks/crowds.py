"""Many readers at once: how long they wait, whether anything fails, and whether memory grows."""

import asyncio
import random
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from websockets.exceptions import ConnectionClosed

from tests.benchmarks import limits
from tests.benchmarks.events import Event, Ground, begin, perform
from tests.benchmarks.serving import Server, resident_bytes
from tests.benchmarks.sessions import Answer, ScriptFailed, UnknownWidget, open_reader

READERS = 50
THINKING = (4.0, 6.0)  # seconds between two interactions of a reader
WARM = 60.0  # seconds in which memory may grow
SAMPLING = 1.0  # seconds between two looks at memory
FAULTS = (ScriptFailed, UnknownWidget, TimeoutError, ConnectionClosed, OSError)


class Waited(NamedTuple):
    """One interaction of one reader."""

    event: str
    answer: Answer


class Crowd:
    """What the readers have met so far."""

    def __init__(self, events: Sequence[Event], ground: Ground, seconds: float) -> None:
        self.events = events
        self.ground = ground
        self.seconds = seconds
        self.ends = time.monotonic() + seconds
        self.waited: list[Waited] = []
        self.faults: list[str] = []
        self.weights: list[tuple[float, int]] = []
        """Seconds since the beginning, and bytes."""


def measure(
    server: Server, events: Sequence[Event], ground: Ground, seconds: float
) -> list[limits.Row]:
    """Let the readers read for so long; a row for all of it, and one for each slow event."""
    crowd = Crowd([event for event in events if not event.by_a_newcomer], ground, seconds)
    asyncio.run(gather(server, crowd))
    times = [waited.answer.seconds for waited in crowd.waited]
    name = f"{READERS} readers, {seconds:.0f} s, {len(times):,} interactions"
    faults = [limits.Row("first fault", {}, fault) for fault in crowd.faults[:1]]
    if not times:
        return [limits.Row(name, {}, "nobody was answered"), *faults]
    numbers = limits.milliseconds(times, None, limits.CROWDED)
    numbers["failed"] = limits.Measured(len(crowd.faults), "", 0)
    early, late = early_and_late(crowd)
    numbers["MB early"] = limits.Measured(early / 1e6, "MB")
    numbers["MB late"] = limits.Measured(late / 1e6, "MB", early * (1 + limits.GROWTH) / 1e6)
    return [limits.Row(name, numbers), *slowest(crowd.waited), *faults]


def slowest(waited: Sequence[Waited], number: int = 5) -> list[limits.Row]:
    """The events that take longest, which explain the rest."""
    times: dict[str, list[float]] = {}
    for one in waited:
        times.setdefault(one.event, []).append(one.answer.seconds)
    names = sorted(times, key=lambda name: -limits.nearly_all(times[name]))[:number]
    return [limits.Row(f"  {name}", limits.milliseconds(times[name], None, None)) for name in names]


def early_and_late(crowd: Crowd) -> tuple[float, float]:
    """Medians of memory over a fifth of the time that follows `WARM`, and over the last fifth."""
    warm = min(WARM, crowd.seconds / 2)
    fifth = (crowd.seconds - warm) / 5
    early = [size for at, size in crowd.weights if warm <= at <= warm + fifth]
    late = [size for at, size in crowd.weights if at >= crowd.seconds - fifth]
    return median(early), median(late)


async def gather(server: Server, crowd: Crowd) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(weigh(server, crowd))
        for number in range(READERS):
            group.create_task(read(server.address, crowd, random.Random(number)))


async def weigh(server: Server, crowd: Crowd) -> None:
    """Note the server's memory until the crowd leaves."""
    begun = time.monotonic()
    while time.monotonic() < crowd.ends:
        crowd.weights.append((time.monotonic() - begun, resident_bytes(server.group)))
        await asyncio.sleep(SAMPLING)


async def read(address: str, crowd: Crowd, chance: random.Random) -> None:
    """Be one reader, who comes anew where something failed."""
    await asyncio.sleep(chance.uniform(0, THINKING[1]))
    while time.monotonic() < crowd.ends:
        try:
            async with open_reader(address) as reader:
                while time.monotonic() < crowd.ends:
                    event, number = chance.choice(crowd.events), chance.randrange(10_000)
                    for step in (begin, perform):
                        answer = await step(event, reader, crowd.ground, number)
                        name = event.name if step is perform else f"on the way to {event.name}"
                        crowd.waited.append(Waited(name, answer))
                        await asyncio.sleep(chance.uniform(*THINKING))
        except FAULTS as error:
            crowd.faults.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(chance.uniform(*THINKING))

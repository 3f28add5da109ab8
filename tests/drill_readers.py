"""Readers of the drill: each has a page open at the real server, and waits for what it asks."""

import asyncio
import random
import time

from tests.benchmarks.sessions import Reader, open_reader
from tests.stress.clinic import Clinic
from tests.stress.journals import Flag, Journal

READERS = 6
PAUSE = 0.3, 2.5
"""Seconds between an answer and the next question, at least and at most."""
PAGES = (
    *("", "model", "errors", "safety", "compare", "charts", "featured", "benchmarks", "data"),
    *("sql", "status", "system", "disputes", "about"),
)


async def read_on(reader: Reader, chance: random.Random, journal: Journal, ended: Flag) -> None:
    """Visit one page after the other, for a while."""
    leaves = time.monotonic() + chance.uniform(10, 60)
    while not ended.is_set() and time.monotonic() < leaves:
        page = chance.choice(PAGES)
        query = {"view": "Demonstration questions"} if page in ("", "safety") else None
        with journal.timed(page or "leaderboard"):
            await reader.visit(page, query)
        await asyncio.sleep(chance.uniform(*PAUSE))


async def open_and_read(address: str, place: int, seed: int, clinic: Clinic) -> None:
    """Come, read, and come back in a new session, as people do."""
    chance = random.Random(f"{seed} {place}")
    journal = Journal(clinic.data / f"journal.reader.{place}")
    while not clinic.ended.is_set():
        async with open_reader(address) as reader:
            with journal.timed("leaderboard"):
                await reader.visit("")
            await read_on(reader, chance, journal, clinic.ended)


async def read_all(clinic: Clinic, address: str, seed: int) -> None:
    await asyncio.gather(*(open_and_read(address, place, seed, clinic) for place in range(READERS)))


def read(clinic: Clinic, address: str, seed: int) -> None:
    """All readers, in one process; a page that fails ends it with what the page said."""
    asyncio.run(read_all(clinic, address, seed))

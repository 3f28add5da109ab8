"""Readers of the drill: each has a page open at the real server, and waits for what it asks."""

import asyncio
import random
from pathlib import Path

from tests.benchmarks.sessions import Reader, open_reader
from tests.stress.journals import Journal

READERS = 6
PAUSE = 0.3, 2.5
"""Seconds between an answer and the next question, at least and at most."""
PAGES = (
    *("", "model", "errors", "safety", "compare", "charts", "featured", "benchmarks", "data"),
    *("sql", "status", "system", "disputes", "about"),
)


async def read_on(reader: Reader, chance: random.Random, journal: Journal, ended: Path) -> None:
    """Visit one page after the other."""
    while not ended.exists():
        page = chance.choice(PAGES)
        query = {"view": "Demonstration questions"} if page in ("", "safety") else None
        with journal.timed(page or "leaderboard"):
            await reader.visit(page, query)
        await asyncio.sleep(chance.uniform(*PAUSE))


async def open_and_read(address: str, place: int, seed: int, data: Path) -> None:
    """Come, read, and come back in a new session now and then, as people do."""
    chance = random.Random(f"{seed} {place}")
    journal, ended = Journal(data / f"journal.reader.{place}"), data / "readers.end"
    while not ended.exists():
        async with open_reader(address) as reader:
            with journal.timed("leaderboard"):
                await reader.visit("")
            try:
                async with asyncio.timeout(chance.uniform(10, 60)):
                    await read_on(reader, chance, journal, ended)
            except TimeoutError:
                continue


async def read_all(address: str, seed: int, data: Path) -> None:
    await asyncio.gather(*(open_and_read(address, place, seed, data) for place in range(READERS)))


def read(address: str, seed: int, data: str) -> None:
    """All readers, in one process; a page that fails ends it with what the page said."""
    asyncio.run(read_all(address, seed, Path(data)))

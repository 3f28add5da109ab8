"""How long the server takes for one reader, and how much it sends: each event many times."""

import asyncio
from collections.abc import Sequence

from tests.benchmarks import limits
from tests.benchmarks.events import Event, Ground, begin, perform
from tests.benchmarks.sessions import Answer, ScriptFailed, UnknownWidget, open_reader

WARM_UP = 3  # times, with values that do not come again


def measure(
    address: str, events: Sequence[Event], ground: Ground, repeats: int
) -> list[limits.Row]:
    """A row per event."""
    return [measure_event(address, event, ground, repeats) for event in events]


def measure_event(address: str, event: Event, ground: Ground, repeats: int) -> limits.Row:
    try:
        answers = asyncio.run(repeat(address, event, ground, repeats))
    except (ScriptFailed, UnknownWidget, TimeoutError) as error:
        return limits.Row(event.name, {}, f"{type(error).__name__}: {error}")
    seconds = [answer.seconds for answer in answers]
    numbers = limits.milliseconds(seconds, limits.MEDIAN, limits.NEARLY_ALL)
    size = max(answer.size for answer in answers)
    numbers["most kB"] = limits.Measured(size / 1e3, "kB", limits.SIZE / 1e3)
    return limits.Row(event.name, numbers)


async def repeat(address: str, event: Event, ground: Ground, repeats: int) -> list[Answer]:
    """Do the same with ever other values; what leads there is not counted."""
    answers: list[Answer] = []
    while len(answers) < WARM_UP + repeats:
        async with open_reader(address) as reader:
            for number in range(len(answers), WARM_UP + repeats):
                if not event.by_a_newcomer:
                    await begin(event, reader, ground, number)
                answers.append(await perform(event, reader, ground, number))
                if event.by_a_newcomer:
                    break
    return answers[WARM_UP:]

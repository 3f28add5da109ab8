"""Who is next in the queue, and how long until it begins."""

import heapq
import math
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, not_, select

from warehouse.ledger import queue, workers
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import LISTED, Submission, came_into
from warehouse.ledger.tables import events, submissions

RECENT = 20
"""Runs whose median says how long the next one takes."""

MOST = 100_000
"""Runs that are looked at to say how long all of them would take again."""


class Wait(NamedTuple):
    """The place of a submission in the queue."""

    number: int
    position: int
    """From 1, in the order in which workers take them if nothing else comes."""
    seconds: float | None
    """Until it begins; None where nobody can tell, for want of a worker or of an earlier run."""


class Load(NamedTuple):
    """What stands before those who wait."""

    left: Sequence[float | None]
    """Seconds until each running one ends; None where it does not say."""
    idle: int
    """Workers with nothing in hand."""
    typical: Mapping[str, float]
    """From a set of tasks to the seconds that a run of it takes."""


def find_waits(ledger: Ledger) -> list[Wait]:
    """The queue, the next one first; without those who rest after a fault of the moment."""
    at = ledger.clock()
    there = [one for one in workers.find_workers(ledger) if one.kind == "worker"]
    alive = sum(one.is_alive(at) for one in there)
    with ledger.read() as connection:
        running = find_in(connection, State.RUNNING)
        waiting = find_in(connection, State.PENDING, not_(queue.rests(at)))
        turns = {row[0]: row[1] for row in connection.execute(queue.find_turns())}
        pending = put_in_order(waiting, turns)
        typical = find_typical(connection)
        is_paused = queue.is_paused(connection)
    left = [seconds_left(one, at, typical.get(one.tasks)) for one in running]
    idle = max(alive - len(running), 0)
    if is_paused or not alive:
        return [Wait(one.number, place, None) for place, one in enumerate(pending, 1)]
    return foresee(pending, Load(left, idle, typical))


def find_in(connection: Connection, state: State, *more: ColumnElement[bool]) -> list[Submission]:
    found = select(*LISTED).where(submissions.c.state == state, *more)
    found = found.order_by(submissions.c.number)
    return [Submission.model_validate(dict(row)) for row in connection.execute(found).mappings()]


def put_in_order(pending: Sequence[Submission], turns: Mapping[str, int]) -> list[Submission]:
    """The order of `queue.claim`, where each one that begins is its submitter's turn."""
    own: dict[str, deque[Submission]] = {}
    for one in sorted(pending, key=lambda one: (-one.priority, one.submitted_at, one.number)):
        own.setdefault(one.submitter, deque()).append(one)
    now, ordered = max(turns.values(), default=0), list[Submission]()
    heads = [place_of(waiting[0], turns.get(name, 0)) for name, waiting in own.items()]
    heapq.heapify(heads)
    while heads:
        submitter = heapq.heappop(heads)[-1]
        ordered.append(own[submitter].popleft())
        now += 1
        if own[submitter]:
            heapq.heappush(heads, place_of(own[submitter][0], now))
    return ordered


def place_of(one: Submission, turn: int) -> tuple[int, int, datetime, int, str]:
    """What decides between the first ones of several submitters."""
    return -one.priority, turn, one.submitted_at, one.number, one.submitter


def find_typical(connection: Connection) -> dict[str, float]:
    """From each set of tasks to the median seconds of the last runs that answered all of it."""
    seconds: dict[str, list[float]] = {}
    for _, tasks, taken in find_taken(connection, RECENT * 5):
        if len(of_set := seconds.setdefault(tasks, [])) < RECENT:
            of_set.append(taken)
    return {tasks: median(taken) for tasks, taken in seconds.items()}


def find_taken(connection: Connection, most: int) -> list[tuple[int, str, float]]:
    """The last runs that answered everything: submission, tasks, and seconds of the attempt."""
    begun = events.alias()
    start = (
        select(func.max(begun.c.at))
        .where(
            begun.c.submission == events.c.submission,
            begun.c.number < events.c.number,
            came_into(State.RUNNING, begun),
        )
        .scalar_subquery()
    )
    found = (
        select(events.c.submission, submissions.c.tasks, events.c.at, start.label("begun"))
        .join(submissions, submissions.c.number == events.c.submission)
        .where(came_into(State.INGESTING))
        .order_by(events.c.number.desc())
        .limit(most)
    )
    return [
        (number, tasks, (ended - begun_at).total_seconds())
        for number, tasks, ended, begun_at in connection.execute(found)
        if begun_at is not None and ended >= begun_at  # else the clock was set back meanwhile
    ]


def foretell(ledger: Ledger, numbers: Collection[int]) -> float | None:
    """Seconds that the runs of these submissions took in all, as they would take again.

    What is not known of one is taken to be as long as the others; None where nothing is known.
    """
    with ledger.read() as connection:
        taken = {number: seconds for number, _, seconds in find_taken(connection, MOST)}
    known = [taken[number] for number in numbers if number in taken]
    return sum(known) * len(numbers) / len(known) if known else None


def seconds_left(one: Submission, at: datetime, typical: float | None) -> float | None:
    """Until a running submission ends: as it says itself, else what its like took."""
    said = one.progress.get("left")
    if isinstance(said, int | float) and math.isfinite(said):
        return max(float(said), 0.0)
    if typical is None:
        return None
    return max(typical - (at - one.since).total_seconds(), 0)


def foresee(pending: Sequence[Submission], load: Load) -> list[Wait]:
    """When each begins, if every worker takes the next one as soon as it is free.

    A worker of which nobody knows when it is free is left out, so that it may come sooner.
    """
    free = [0.0] * load.idle + [left for left in load.left if left is not None]
    heapq.heapify(free)
    waits = []
    for place, one in enumerate(pending, 1):
        start = heapq.heappop(free) if free else None
        waits.append(Wait(one.number, place, start))
        takes = load.typical.get(one.tasks)
        if start is not None and takes is not None:
            heapq.heappush(free, start + takes)
    return waits

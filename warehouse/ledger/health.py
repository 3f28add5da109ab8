"""Whether submissions go through: who works, what waits for how long, and what fails."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from warehouse.ledger import submissions as ours
from warehouse.ledger import upkeep
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Record, came_into
from warehouse.ledger.tables import events, submissions
from warehouse.ledger.workers import Kind, Worker, find_workers

WINDOW = timedelta(days=7)
"""Of which failures are counted."""
WAITING: Mapping[State, Kind] = {
    State.SUBMITTED: "checker",
    State.PENDING: "worker",
    State.INGESTING: "watcher",
}
"""What waits in which state for whom."""


class Health(Record):
    """The state of the queue at one moment."""

    at: datetime
    counts: dict[State, int]
    """Submissions in each state."""
    workers: tuple[Worker, ...]
    """The processes of the last week."""
    oldest: dict[State, float]
    """Seconds that the oldest has waited in each state of `WAITING` where anything waits."""
    ended: int
    """Submissions that finished or failed in the last week."""
    failures: dict[str, int]
    """From each code to the number that failed by it in the last week, the most first."""
    paused: str | None
    """Why the queue is paused; None where it is not."""

    @property
    def missing(self) -> tuple[Kind, ...]:
        """Of which kind no process is there, though something waits for it."""
        there = {one.kind for one in self.workers if one.is_alive(self.at)}
        return tuple(WAITING[state] for state in self.oldest if WAITING[state] not in there)


def examine(ledger: Ledger) -> Health:
    at = ledger.clock()
    with ledger.read() as connection:
        oldest = find_oldest(connection, at)
        failures = count_failures(connection, at - WINDOW)
        finished = count_steps(connection, State.FINISHED, at - WINDOW)
    return Health(
        at=at,
        counts=ours.count_states(ledger),
        workers=tuple(find_workers(ledger)),
        oldest=oldest,
        ended=finished + failures.total(),
        failures=dict(failures.most_common()),
        paused=upkeep.why_paused(ledger),
    )


def find_oldest(connection: Connection, at: datetime) -> dict[State, float]:
    found = (
        select(submissions.c.state, func.min(submissions.c.since))
        .where(submissions.c.state.in_(list(WAITING)))
        .group_by(submissions.c.state)
    )
    since = {State(state): first for state, first in connection.execute(found)}
    waited = {state: (at - first).total_seconds() for state, first in since.items()}
    return {state: max(waited[state], 0) for state in WAITING if state in waited}


def count_failures(connection: Connection, since: datetime) -> Counter[str]:
    found = (
        select(func.coalesce(events.c.code, "unknown"), func.count())
        .where(came_into(State.FAILED), events.c.at >= since)
        .group_by(events.c.code)
    )
    return Counter({row[0]: row[1] for row in connection.execute(found)})


def count_steps(connection: Connection, to: State, since: datetime) -> int:
    found = select(func.count()).where(came_into(to))
    return int(connection.execute(found.where(events.c.at >= since)).scalar_one())

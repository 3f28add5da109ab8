"""The queue: who takes what is submitted, for how long, and what becomes of what is let go."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import HELD, State
from warehouse.ledger.submissions import (
    Step,
    Submission,
    Why,
    lock,
    move,
    require_lease,
)
from warehouse.ledger.tables import events, submissions, switches

LEASE = timedelta(seconds=60)
"""How long a process may say nothing before another takes over; it beats four times as often."""
ATTEMPTS = 3
PAUSED = "paused"


def claim(ledger: Ledger, worker: str) -> Submission | None:
    """Take the next pending submission to run it; None where there is none, or the queue is paused.

    The highest priority first; among equals the submitter who has waited longest for a turn, and
    then the oldest. What others hold is passed over.
    """
    return take(ledger, worker, State.PENDING, State.RUNNING)


def claim_check(ledger: Ledger, checker: str) -> Submission | None:
    """Take the next submission to check it; None where there is none."""
    return take(ledger, checker, State.SUBMITTED, State.CHECKING)


def take(ledger: Ledger, holder: str, was: State, to: State) -> Submission | None:
    at = ledger.clock()
    with ledger.write() as connection:
        release_expired(connection, ledger)
        if to == State.RUNNING and is_paused(connection):
            return None
        number = connection.execute(next_in(was)).scalar()
        if number is None:
            return None
        facts: dict[str, Any] = {"holder": holder, "held_until": at + LEASE}
        if to == State.RUNNING:
            facts |= {"attempt": lock(connection, number)["attempt"] + 1, "progress": {}}
        move(connection, number, Step(to, at, holder), **facts)
        return Submission.model_validate(dict(lock(connection, number)))


def next_in(state: State) -> Select[int]:
    """The number of the submission whose turn it is; see `claim`."""
    begun = (
        select(submissions.c.submitter, func.max(events.c.number).label("turn"))
        .join(submissions, submissions.c.number == events.c.submission)
        .where(events.c.state == State.RUNNING)
        .group_by(submissions.c.submitter)
        .subquery()
    )
    return (
        select(submissions.c.number)
        .outerjoin(begun, begun.c.submitter == submissions.c.submitter)
        .where(submissions.c.state == state)
        .order_by(
            submissions.c.priority.desc(),
            func.coalesce(begun.c.turn, 0),
            submissions.c.submitted_at,
            submissions.c.number,
        )
        .limit(1)
        .with_for_update(of=submissions, skip_locked=True)
    )


def is_paused(connection: Connection) -> bool:
    found = select(switches.c.on).where(switches.c.name == PAUSED)
    return bool(connection.execute(found).scalar())


def beat(ledger: Ledger, number: int, holder: str, progress: Mapping[str, Any]) -> None:
    """Prolong the lease and say how far the run is; raises `LeaseLost`."""
    at = ledger.clock()
    with ledger.write() as connection:
        row = require_lease(connection, number, holder, State.RUNNING)
        lease = {"held_until": at + LEASE, "progress": dict(progress)}
        changed = update(submissions).where(submissions.c.number == row["number"])
        connection.execute(changed.values(lease))


def prolong(ledger: Ledger, number: int, checker: str) -> None:
    """Prolong the lease of a check that takes its time; raises `LeaseLost`."""
    with ledger.write() as connection:
        require_lease(connection, number, checker, State.CHECKING)
        changed = update(submissions).where(submissions.c.number == number)
        connection.execute(changed.values(held_until=ledger.clock() + LEASE))


def release_expired(connection: Connection, ledger: Ledger) -> None:
    """Put back what is held by processes that say nothing any more.

    What was run `ATTEMPTS` times has failed.
    """
    at = ledger.clock()
    silent = select(submissions).where(submissions.c.held_until < at)
    found = connection.execute(silent.with_for_update(skip_locked=True)).mappings().all()
    for row in found:
        holder, attempt = row["holder"], row["attempt"]
        said = f"{holder} said nothing for {LEASE.seconds} seconds"
        if row["state"] == State.CHECKING:
            step = Step(State.SUBMITTED, at, "queue", Why("lease-expired", f"{said}."))
        elif attempt < ATTEMPTS:
            words = f"{said}; it waits for attempt {attempt + 1} of {ATTEMPTS}."
            step = Step(State.PENDING, at, "queue", Why("lease-expired", words))
        else:
            words = f"{said}, in attempt {attempt} of {ATTEMPTS}. A maintainer may retry it."
            step = Step(State.FAILED, at, "queue", Why("worker-died", words))
        move(connection, row["number"], step)


def try_again(ledger: Ledger, number: int, worker: str, why: Why) -> None:
    """End an attempt that may go well another time; after `ATTEMPTS` of them it has failed."""
    with ledger.write() as connection:
        row = require_lease(connection, number, worker, State.RUNNING)
        to = State.PENDING if row["attempt"] < ATTEMPTS else State.FAILED
        move(connection, number, Step(to, ledger.clock(), worker, why))


def let_go(ledger: Ledger, number: int, holder: str, why: Why) -> None:
    """Give back what is not done, so that another may take it; the attempt does not count."""
    with ledger.write() as connection:
        state = State(lock(connection, number)["state"])
        row = require_lease(connection, number, holder, state if state in HELD else State.RUNNING)
        back = State.SUBMITTED if state == State.CHECKING else State.PENDING
        attempt = max(row["attempt"] - (state == State.RUNNING), 0)
        move(connection, number, Step(back, ledger.clock(), holder, why), attempt=attempt)

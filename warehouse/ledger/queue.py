"""The queue: who takes what is submitted, for how long, and what becomes of what is let go."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    func,
    not_,
    or_,
    select,
    update,
)

from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import HELD, State
from warehouse.ledger.submissions import (
    Step,
    Submission,
    Why,
    came_into,
    lock,
    move,
    require_lease,
)
from warehouse.ledger.tables import events, submissions, switches

LEASE = timedelta(seconds=60)
"""How long a process may say nothing before another takes over; it beats four times as often."""
ATTEMPTS = 3
CHECKS = 5
"""How often a check is begun before the submission is rejected unchecked."""
REST = timedelta(minutes=1)
"""How long a submission is left alone after a fault of the moment; five times longer each time."""
PASSING = (
    *("not-checked", "check-died"),
    *("download-failed", "timed-out", "disk-full", "run-in-use", "not-started"),
    "cluster-failed",
)
"""Faults of the moment: another attempt may go well."""
LONGEST_LOG = 20_000  # characters of the end of a log that are kept
PAUSED = "paused"
ASK = "Ask the maintainers, who can retry it."


def claim(ledger: Ledger, worker: str) -> Submission | None:
    """Take the next pending submission to run it; None where there is none, or the queue is paused.

    The highest priority first; among equals the submitter who has waited longest for a turn, and
    then the oldest. What others hold, or what rests, is passed over.
    """
    return take(ledger, worker, State.PENDING, State.RUNNING)


def claim_check(ledger: Ledger, checker: str) -> Submission | None:
    """Take the next submission to check it; None where there is none."""
    return take(ledger, checker, State.SUBMITTED, State.CHECKING)


def take(ledger: Ledger, holder: str, was: State, to: State) -> Submission | None:
    with ledger.write() as connection:
        at = ledger.clock()  # not before it is our turn to write
        release_expired(connection, ledger)
        if to == State.RUNNING and is_paused(connection):
            return None
        number = connection.execute(next_in(was, at)).scalar()
        if number is None:
            return None
        facts: dict[str, Any] = {"holder": holder, "held_until": at + LEASE, "progress": {}}
        facts["attempt"] = lock(connection, number)["attempt"] + 1
        move(connection, number, Step(to, at, holder), **facts)
        return Submission.model_validate(dict(lock(connection, number)))


def next_in(state: State, at: datetime) -> Select[int]:
    """The number of the submission whose turn it is; see `claim`."""
    begun = find_turns().subquery()
    return (
        select(submissions.c.number)
        .outerjoin(begun, begun.c.submitter == submissions.c.submitter)
        .where(submissions.c.state == state, not_(rests(at)))
        .order_by(
            submissions.c.priority.desc(),
            func.coalesce(begun.c.turn, 0),
            submissions.c.submitted_at,
            submissions.c.number,
        )
        .limit(1)
        .with_for_update(of=submissions, skip_locked=True)
    )


def find_turns() -> Select[str, int]:
    """Each submitter with the event by which their last run began."""
    return (
        select(submissions.c.submitter, func.max(events.c.number).label("turn"))
        .join(submissions, submissions.c.number == events.c.submission)
        .where(came_into(State.RUNNING))
        .group_by(submissions.c.submitter)
    )


def rests(at: datetime) -> ColumnElement[bool]:
    """Whether what waits is left alone for now; what comes from the future rests no more."""
    c = submissions.c
    begun = [
        and_(c.attempt == attempt, c.since > at - rest_after(attempt))
        for attempt in range(1, max(ATTEMPTS, CHECKS) + 1)
    ]
    return and_(func.coalesce(c.code, "").in_(PASSING), c.since <= at, or_(*begun))


def rest_after(attempt: int) -> timedelta:
    """How long a submission rests whose attempt came to nothing; none rests before the first."""
    return REST * 5 ** (attempt - 1) if attempt else timedelta()


def is_paused(connection: Connection) -> bool:
    found = select(switches.c.on).where(switches.c.name == PAUSED)
    return bool(connection.execute(found).scalar())


def beat(ledger: Ledger, number: int, holder: str, progress: Mapping[str, Any]) -> None:
    """Prolong the lease and say how far the run is; raises `LeaseLost`."""
    with ledger.write() as connection:
        row = require_lease(connection, number, holder, State.RUNNING)
        lease = {"held_until": ledger.clock() + LEASE, "progress": dict(progress)}
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

    What was run `ATTEMPTS` times has failed, and what was checked `CHECKS` times is rejected.
    """
    at = ledger.clock()
    ledger.steadiness.see(at)
    if not ledger.steadiness.is_unbroken(LEASE):
        return
    over = submissions.c.held_until < at
    if ledger.steadiness.was_seen(LEASE):  # then who lives has prolonged it by the clock as it is
        over = or_(over, submissions.c.held_until > at + 2 * LEASE)
    silent = select(submissions).where(over).with_for_update(skip_locked=True)
    for row in connection.execute(silent).mappings().all():
        release(connection, row, at)


def release(connection: Connection, row: RowMapping, at: datetime) -> None:
    """Put back one whose holder is silent; all read the words, so they name no machine."""
    attempt, facts = row["attempt"], dict[str, Any]()
    who = "checker" if row["state"] == State.CHECKING else "worker"
    said = f"Its {who} said nothing for {LEASE.seconds} seconds"
    if row["state"] == State.CHECKING and attempt < CHECKS:
        step = Step(State.SUBMITTED, at, "queue", Why("lease-expired", f"{said}."))
    elif row["state"] == State.CHECKING:
        words = f"Checking it came to no end {attempt} times: the process that did it was lost."
        facts["problems"] = [{"code": "check-died", "says": words, "fix": ASK}]
        step = Step(State.REJECTED, at, "queue", Why("check-died", words))
    elif attempt < ATTEMPTS:
        words = f"{said}; it waits for attempt {attempt + 1} of {ATTEMPTS}."
        step = Step(State.PENDING, at, "queue", Why("lease-expired", words))
    else:
        words = f"{said}, in attempt {attempt} of {ATTEMPTS}. A maintainer may retry it."
        step = Step(State.FAILED, at, "queue", Why("worker-died", words))
    move(connection, row["number"], step, **facts)


def try_again(ledger: Ledger, number: int, worker: str, why: Why, log: str = "") -> None:
    """End an attempt that may go well another time; after `ATTEMPTS` of them it has failed."""
    with ledger.write() as connection:
        row = require_lease(connection, number, worker, State.RUNNING)
        to = State.PENDING if row["attempt"] < ATTEMPTS else State.FAILED
        step = Step(to, ledger.clock(), worker, why)
        move(connection, number, step, log=log[-LONGEST_LOG:])


def postpone(ledger: Ledger, number: int, checker: str, why: Why) -> None:
    """Give back what could not be checked, for another check after a rest."""
    with ledger.write() as connection:
        require_lease(connection, number, checker, State.CHECKING)
        move(connection, number, Step(State.SUBMITTED, ledger.clock(), checker, why))


def let_go(ledger: Ledger, number: int, holder: str, why: Why) -> None:
    """Give back what is not done, so that another may take it; the attempt does not count."""
    with ledger.write() as connection:
        state = State(lock(connection, number)["state"])
        row = require_lease(connection, number, holder, state if state in HELD else State.RUNNING)
        back = State.SUBMITTED if state == State.CHECKING else State.PENDING
        attempt = max(row["attempt"] - 1, 0)
        move(connection, number, Step(back, ledger.clock(), holder, why), attempt=attempt)

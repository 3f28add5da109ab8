"""What becomes of a submission in the hands of the checker, a worker, and the one who publishes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from warehouse.ledger.errors import AlreadySubmitted
from warehouse.ledger.opening import Ledger
from warehouse.ledger.queue import LONGEST_LOG
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Step, Why, lock, move, require_lease

DUPLICATE = "duplicate"


def accept(
    ledger: Ledger, number: int, checker: str, commit: str, base_commit: str | None = None
) -> State:
    """Put a checked submission in the queue, pinned to a commit; rejected where it is there.

    Returns what it became.
    """
    with ledger.write() as connection:
        require_lease(connection, number, checker, State.CHECKING)
        try:
            step = Step(State.PENDING, ledger.clock(), checker, Why("accepted"))
            facts: dict[str, Any] = {"commit": commit, "base_commit": base_commit}
            move(connection, number, step, problems=[], attempt=0, **facts)
            return State.PENDING
        except AlreadySubmitted:
            words = (
                "The same model is already in the queue, running or finished, at this commit and "
                "with this precision and protocol."
            )
            problem = {"code": DUPLICATE, "says": words, "fix": "Look for it on the status page."}
            step = Step(State.REJECTED, ledger.clock(), checker, Why(DUPLICATE, words))
            move(connection, number, step, commit=commit, problems=[problem])
            return State.REJECTED


def reject(
    ledger: Ledger, number: int, checker: str, problems: Sequence[Mapping[str, Any]]
) -> None:
    """Send a submission back; each problem has a code, what it says, and a fix."""
    with ledger.write() as connection:
        require_lease(connection, number, checker, State.CHECKING)
        why = Why(problems[0]["code"], " ".join(problem["says"] for problem in problems))
        step = Step(State.REJECTED, ledger.clock(), checker, why)
        move(connection, number, step, problems=[dict(problem) for problem in problems])


def hand_over(ledger: Ledger, number: int, worker: str, run_id: str, log: str = "") -> None:
    """All answers are in a run folder; whoever publishes goes on."""
    with ledger.write() as connection:
        require_lease(connection, number, worker, State.RUNNING)
        step = Step(State.INGESTING, ledger.clock(), worker, Why("answered"))
        move(connection, number, step, run_id=run_id, log=log[-LONGEST_LOG:])


def fail(ledger: Ledger, number: int, worker: str, why: Why, log: str = "") -> None:
    """A run came to no end, and trying again as it is would not help."""
    with ledger.write() as connection:
        require_lease(connection, number, worker, State.RUNNING)
        step = Step(State.FAILED, ledger.clock(), worker, why)
        move(connection, number, step, log=log[-LONGEST_LOG:])


def finish(ledger: Ledger, number: int, watcher: str, snapshot: int) -> None:
    """A published snapshot has every answer; what is finished already stays so."""
    why = Why("published", f"In snapshot {snapshot}.")
    conclude(ledger, number, Step(State.FINISHED, ledger.clock(), watcher, why))


def fail_to_publish(ledger: Ledger, number: int, watcher: str, why: Why) -> None:
    """The answers could not be published; they stay in their run folder."""
    conclude(ledger, number, Step(State.FAILED, ledger.clock(), watcher, why))


def conclude(ledger: Ledger, number: int, step: Step) -> None:
    with ledger.write() as connection:
        if not is_in(connection, number, step.to):
            move(connection, number, step)


def is_in(connection: Connection, number: int, state: State) -> bool:
    return bool(lock(connection, number)["state"] == state)

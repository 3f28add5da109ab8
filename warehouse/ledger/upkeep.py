"""What maintainers do to submissions, each with a reason that stays in the history.

All of it raises `NotAllowed` for whoever may not do it.
"""

from sqlalchemy import delete, insert, select, update

from warehouse.ledger import limits
from warehouse.ledger.errors import IllegalMove, NotAllowed
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person, require_maintainer, require_person
from warehouse.ledger.queue import PAUSED
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Step, Why, lock, move
from warehouse.ledger.tables import events, submissions, switches

AGAIN = {
    State.FAILED: State.PENDING,
    State.REJECTED: State.SUBMITTED,
    State.CANCELLED: State.SUBMITTED,
}
"""From what came to no good end to where it begins again."""


def retry(ledger: Ledger, number: int, by: Person | None, reason: str) -> None:
    """Put back what failed, was rejected or cancelled; its attempts count from the first again."""
    by = require_maintainer(by)
    with ledger.write() as connection:
        row = lock(connection, number)
        again = AGAIN.get(State(row["state"]))
        if again is None:
            raise IllegalMove(f"Submission {number} is {row['state']}: there is nothing to retry.")
        if again == State.PENDING and row["commit"] is None:
            again = State.SUBMITTED
        step = Step(again, ledger.clock(), by.name, Why("retried", given(reason)))
        move(connection, number, step, attempt=0, progress={})


def cancel(ledger: Ledger, number: int, by: Person | None, reason: str) -> None:
    """Take back a submission; its submitter may, and any maintainer. A worker that has it stops."""
    by = require_person(by)
    with ledger.write() as connection:
        if lock(connection, number)["submitter"] != by.name:
            require_maintainer(by)
        step = Step(State.CANCELLED, ledger.clock(), by.name, Why("cancelled", given(reason)))
        move(connection, number, step)


def change_priority(
    ledger: Ledger, number: int, by: Person | None, priority: int, reason: str
) -> None:
    """Have a submission go before others, or after them; the highest goes first."""
    by = require_maintainer(by)
    with ledger.write() as connection:
        row = lock(connection, number)
        changed = update(submissions).where(submissions.c.number == number)
        connection.execute(changed.values(priority=priority))
        words = f"From {row['priority']} to {priority}: {given(reason)}"
        event = {"submission": number, "at": ledger.clock(), "by": by.name, "was": row["state"]}
        event |= {"state": row["state"], "attempt": row["attempt"]}
        connection.execute(insert(events).values(event | {"code": "priority", "message": words}))


def pause(ledger: Ledger, by: Person | None, reason: str) -> None:
    """Let workers take nothing new; what runs goes on."""
    switch(ledger, by, reason, on=True)


def resume(ledger: Ledger, by: Person | None, reason: str) -> None:
    switch(ledger, by, reason, on=False)


def switch(ledger: Ledger, by: Person | None, reason: str, *, on: bool) -> None:
    by = require_maintainer(by)
    row = {"name": PAUSED, "on": on, "by": by.name, "at": ledger.clock(), "why": given(reason)}
    with ledger.write() as connection:
        connection.execute(delete(switches).where(switches.c.name == PAUSED))
        connection.execute(insert(switches).values(row))


def why_paused(ledger: Ledger) -> str | None:
    """The reason for which the queue is paused; None where it is not."""
    found = select(switches.c.why).where(switches.c.name == PAUSED, switches.c.on)
    with ledger.read() as connection:
        return connection.execute(found).scalar()


def given(reason: str) -> str:
    """The reason, if there is one, and it can be read; raises `NotAllowed` or `BadSubmission`."""
    if not reason.strip():
        raise NotAllowed("A reason is needed: it stands in the history for all to read.")
    limits.require_readable({"reason": reason})
    return reason.strip()

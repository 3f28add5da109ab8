"""Asks again what is finished, when its questions or prompts are others by now."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, insert

from warehouse.ledger.errors import IllegalMove
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person, require_maintainer
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, Step, Why, lock, move
from warehouse.ledger.tables import events, submissions
from warehouse.ledger.upkeep import given

AFTER_ALL = -1
"""The priority of what is asked again: newcomers go first."""


def renew(ledger: Ledger, numbers: Sequence[int], by: Person | None, reason: str) -> list[int]:
    """Submit each of these finished submissions anew, in whose place it then stands.

    All or none; the scores of before are shown until the new ones are published. The numbers of the
    new ones are in the order of the old. Raises `NotAllowed`, or `IllegalMove` where one is not
    finished.
    """
    person = require_maintainer(by)
    why = given(reason)
    with ledger.write() as connection:
        return [renew_one(connection, number, ledger, person, why) for number in numbers]


def renew_one(connection: Connection, number: int, ledger: Ledger, by: Person, why: str) -> int:
    row = lock(connection, number)
    if row["state"] != State.FINISHED:
        raise IllegalMove(f"Submission {number} is {row['state']}, and only finished ones are.")
    anew = add_like(connection, row, ledger, by, why)
    words = f"Asked again as submission {anew}: {why}"
    step = Step(State.SUPERSEDED, ledger.clock(), by.name, Why("asked-again", words))
    move(connection, number, step)
    return anew


def add_like(connection: Connection, row: RowMapping, ledger: Ledger, by: Person, why: str) -> int:
    """Submit what the `row` asked for, at the commit that it was pinned to."""
    at = ledger.clock()
    asked = {name: row[name] for name in Asked.model_fields} | {"revision": row["commit"]}
    state = {"state": State.SUBMITTED, "since": at, "submitted_at": at, "problems": []}
    rest = {"submitter": row["submitter"], "priority": AFTER_ALL, "progress": {}}
    done = connection.execute(
        insert(submissions).values(asked | state | rest | {"replaces": row["number"]})
    )
    number = int((done.inserted_primary_key or (0,))[0])
    event = {"submission": number, "at": at, "by": by.name, "state": State.SUBMITTED, "attempt": 0}
    words = f"In the place of submission {row['number']}: {why}"
    connection.execute(insert(events).values(event | {"code": "asked-again", "message": words}))
    return number

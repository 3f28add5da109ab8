"""Who judges which case next: never two people the same one at a time, nor one person twice."""

import heapq
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from warehouse.ledger.cases import (
    Case,
    Key,
    Mistake,
    choose,
    find_or_make,
    read_case,
    take_turn,
)
from warehouse.ledger.errors import AlreadyReviewed, IllegalMove, LeaseLost
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person, require_reviewer
from warehouse.ledger.review_tables import assignments, cases, drawn
from warehouse.ledger.stages import DONE, Stage, read_counted, settle

LEASE = timedelta(minutes=30)
"""How long a reviewer may say nothing before another gets the case; each draft renews it."""
NEAR = 20
"""How many of the next cases are looked at again once it is one's turn to take one."""
TURNS = (Stage.SECOND, Stage.DISAGREED, Stage.NEW)
"""What is near its end goes first."""


class Entry(NamedTuple):
    """How a case stands in the queue."""

    number: int
    model: str
    stage: Stage
    reviewers: Collection[str]
    holder: str | None
    """Who took it last and has not judged it."""
    is_held: bool
    """The holder's lease goes on."""


def take(
    ledger: Ledger,
    candidates: Sequence[Mistake],
    by: Person | None,
    but: Collection[int] = (),
    stages: Collection[Stage] = TURNS,
) -> Case | None:
    """Give a reviewer the next case of these to judge; None where there is none for them.

    What they have in hand comes first, unless it is among `but`, the numbers of cases that they
    would pass over. Then what lacks only its second review, what needs a third person, and last
    what is new; among these the model of which the fewest are reviewed or held, and then the order
    of `candidates`. Only cases in `stages` are given. Raises `NotAllowed`, `BadSubmission`.
    """
    person = require_reviewer(by)
    while places := find_next(ledger, candidates, person.name, but, stages):
        with ledger.write() as connection:
            take_turn(connection)
            at = ledger.clock()
            for place in places:  # others may have been quicker
                number = find_or_make(connection, candidates[place], person.name, at)
                entry = read_entry(connection, number, at)
                if is_free(entry, person.name) and entry.stage in stages:
                    assign(connection, number, person.name, at)
                    return read_case(connection, number)
    return None


def take_drawn(
    ledger: Ledger, by: Person | None, run_id: str | None = None, but: Collection[int] = ()
) -> Case | None:
    """As `take`, of what is drawn at random, of one run or of all, in the order of the draws."""
    found = choose().where(drawn.c.draw.is_not(None)).order_by(cases.c.number)
    if run_id is not None:
        found = found.where(cases.c.run_id == run_id)
    require_reviewer(by)
    with ledger.read() as connection:
        rows = connection.execute(found).mappings().all()
    return take(
        ledger, [Mistake(*(row[name] for name in Mistake._fields)) for row in rows], by, but
    )


def hold(ledger: Ledger, mistake: Mistake, by: Person | None) -> Case:
    """Give a reviewer just this case; raises `IllegalMove` where it is done, `AlreadyReviewed` or
    `LeaseLost` where another has it."""
    person = require_reviewer(by)
    with ledger.write() as connection:
        take_turn(connection)
        at = ledger.clock()
        number = find_or_make(connection, mistake, person.name, at)
        entry = read_entry(connection, number, at)
        if person.name in entry.reviewers:
            raise AlreadyReviewed(f"Case {number} has your judgement. You may correct it.")
        if entry.stage in DONE:
            raise IllegalMove(f"Case {number} is done: it is {entry.stage}.")
        if entry.is_held and entry.holder != person.name:
            raise LeaseLost(f"Another reviewer has case {number} in hand. Come again later.")
        assign(connection, number, person.name, at)
        return read_case(connection, number)


def find_next(
    ledger: Ledger,
    candidates: Sequence[Mistake],
    by: str,
    but: Collection[int],
    stages: Collection[Stage],
) -> list[int]:
    """The places of what is next for a reviewer, the first one first; see `take`.

    It looks at everything, and so keeps nobody waiting.
    """
    with ledger.read() as connection:
        known = read_entries(connection, ledger.clock())
    begun = Counter(one.model for one in known.values() if one.is_held or one.stage != Stage.NEW)
    ranks = {}
    for place, one in enumerate(candidates):
        entry = known.get(one.key) or Entry(0, one.model, Stage.NEW, (), None, is_held=False)
        if is_free(entry, by) and entry.stage in stages and entry.number not in but:
            turn = TURNS.index(entry.stage)
            ranks[place] = (entry.holder != by, turn, begun[entry.model], place)
    return heapq.nsmallest(NEAR, ranks, key=lambda place: ranks[place])


def is_free(entry: Entry, by: str) -> bool:
    """Whether a reviewer may have a case."""
    is_theirs = not entry.is_held or entry.holder == by
    return is_theirs and entry.stage not in DONE and by not in entry.reviewers


def read_entry(connection: Connection, number: int, at: datetime) -> Entry:
    """How one case stands at a moment."""
    (entry,) = read_entries(connection, at, number).values()
    return entry


def read_entries(
    connection: Connection, at: datetime, number: int | None = None
) -> dict[Key, Entry]:
    """How every case, or one, stands at a moment."""
    chosen, held = select(cases).order_by(cases.c.number), select(assignments)
    if number is not None:
        chosen = chosen.where(cases.c.number == number)
        held = held.where(assignments.c.case == number)
    counted = read_counted(connection, number)
    holders = {row.case: row for row in connection.execute(held)}
    entries = {}
    for row in connection.execute(chosen).mappings():
        judged, holder = counted.get(row["number"], []), holders.get(row["number"])
        entries[Key(*(row[name] for name in Key._fields))] = Entry(
            row["number"],
            row["model"],
            settle(judged).stage,
            [review["by"] for review in judged],
            holder.by if holder else None,
            is_held=bool(holder and holder.until > at),
        )
    return entries


def assign(connection: Connection, number: int, by: str, at: datetime) -> None:
    facts: dict[str, Any] = {"by": by, "until": at + LEASE}
    changed = update(assignments).where(assignments.c.case == number).values(facts)
    if not connection.execute(changed).rowcount:
        connection.execute(insert(assignments).values(facts | {"case": number}))


def require_held(connection: Connection, number: int, by: str) -> None:
    """Raises `LeaseLost` where a reviewer does not have a case in hand; a lease that ran out holds
    on until another takes the case."""
    found = select(assignments.c.by).where(assignments.c.case == number)
    if connection.execute(found).scalar() != by:
        raise LeaseLost(
            f"You do not have case {number} in hand any more: it was given back, or another took "
            "it over. What you wrote down is kept; take the case again if it is still open."
        )


def give_back(ledger: Ledger, number: int, by: Person | None) -> None:
    """Let another have a case; one's draft stays. Nothing happens where one does not have it."""
    person = require_reviewer(by)
    with ledger.write() as connection:
        take_turn(connection)
        let_go(connection, number, person.name)


def let_go(connection: Connection, number: int, by: str) -> None:
    mine = (assignments.c.case == number, assignments.c.by == by)
    connection.execute(delete(assignments).where(*mine))

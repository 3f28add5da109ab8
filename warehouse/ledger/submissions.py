"""What is submitted, and the one door through which a submission changes its state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    and_,
    func,
    insert,
    null,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from warehouse import settings
from warehouse.ledger import limits
from warehouse.ledger.errors import (
    AlreadySubmitted,
    IllegalMove,
    LeaseLost,
    UnknownSubmission,
)
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person, require_person
from warehouse.ledger.states import HELD, MOVES, State
from warehouse.ledger.tables import events, submissions


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def as_problems(found: object) -> list[dict[str, Any]]:
    """What is readable of a column: another program may have written it."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def as_progress(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


class Asked(Record):
    """What someone asks to be evaluated."""

    model: str
    """A repository of the Hub, or the name of a built-in model."""
    revision: str | None = None
    """A branch, a tag or a commit; the newest where None."""
    precision: str
    protocol: str
    """A slug, such as `loglikelihood-0shot`."""
    tasks: str = "nine"
    """The name of a set of tasks."""
    weights: Literal["original", "adapter", "delta"] = "original"
    base: str | None = None
    """What an adapter or a delta is added to."""
    type: str = "unknown"
    """How it was trained, as its submitter says: pretrained, fine-tuned, and so on."""
    contact: str | None = None
    """How to reach the submitter; shown to maintainers alone."""
    note: str | None = None


class Submission(Asked):
    """A submission as it stands."""

    number: int
    commit: str | None
    """What the checker pinned the revision to."""
    submitter: str
    """The name of a `Person`; shown to maintainers alone."""
    submitted_at: datetime
    priority: int
    """Higher ones go first."""
    state: State
    since: datetime
    """When it came into this state."""
    attempt: int
    """How often it was begun: to be checked since a person submitted or retried it, and to be run
    since it is in the queue."""
    code: str | None
    """Why it is in this state, for programs."""
    message: str | None
    """Why it is in this state, in words."""
    problems: Annotated[tuple[dict[str, Any], ...], BeforeValidator(as_problems)]
    """What the checker found, each with code, says and fix."""
    holder: str | None
    """The process that checks or runs it."""
    held_until: datetime | None
    """When its lease runs out."""
    progress: Annotated[dict[str, Any], BeforeValidator(as_progress)]
    """How far the run is; empty before it begins."""
    log: str | None
    """The end of the last attempt's log."""
    run_id: str | None
    base_commit: str | None
    """What the checker pinned the base to."""
    replaces: int | None
    """The submission in whose place it stands."""


class Event(Record):
    """A step that a submission took."""

    number: int
    submission: int
    at: datetime
    by: str
    was: State | None
    state: State
    attempt: int
    code: str | None
    message: str | None


class Why(NamedTuple):
    """The reason of a step."""

    code: str | None = None
    message: str | None = None


NO_REASON = Why()
LISTED = [*(column for column in submissions.c if column.name != "log"), null().label("log")]
"""What is read of many: ten thousand logs would be two hundred megabytes."""


def submit(ledger: Ledger, asked: Asked, by: Person | None) -> int:
    """Write down what is asked for; returns the submission's number.

    Of one submitter, who is no maintainer, the settings say how many are taken in 24 hours. Raises
    `NotAllowed` where nobody is signed in, `BadSubmission`, `TooMany` or `BrokenSettings`.
    """
    by = require_person(by)
    limits.require_readable(asked.model_dump())
    most = None if by.is_maintainer else settings.read_settings().submissions_a_day
    at = ledger.clock()
    row = asked.model_dump() | {"submitter": by.name, "submitted_at": at, "since": at}
    row |= {"state": State.SUBMITTED, "problems": [], "progress": {}}
    with ledger.write() as connection:
        if most is not None:
            limits.require_room(connection, by.name, at, most)
        done = connection.execute(insert(submissions).values(row))
        number = int((done.inserted_primary_key or (0,))[0])
        event = {"submission": number, "at": at, "by": by.name, "state": State.SUBMITTED}
        connection.execute(insert(events).values(event | {"attempt": 0}))
    return number


class Step(NamedTuple):
    """A move that someone makes."""

    to: State
    at: datetime
    by: str
    why: Why = NO_REASON


def move(connection: Connection, number: int, step: Step, **facts: Any) -> None:
    """Take a submission to another state, with an event of it; `facts` are columns that change too.

    A lease ends with the state that it was for. Raises `UnknownSubmission`, `IllegalMove`, or
    `AlreadySubmitted` where the same is under way or finished.
    """
    row = lock(connection, number)
    was = State(row["state"])
    if step.to not in MOVES[was]:
        raise IllegalMove(f"Submission {number} is {was}; from there it cannot become {step.to}.")
    values = {"state": step.to, "since": step.at, "code": step.why.code, **facts}
    values["message"] = step.why.message
    if step.to not in HELD:
        values |= {"holder": None, "held_until": None}
    changed = update(submissions).where(submissions.c.number == number).values(values)
    try:
        with connection.begin_nested():
            connection.execute(changed)
    except IntegrityError as error:
        raise AlreadySubmitted(
            f"Submission {number} asks for what another submission has under way or finished."
        ) from error
    event = {"submission": number, "at": step.at, "by": step.by, "was": was, "state": step.to}
    event |= {"attempt": facts.get("attempt", row["attempt"])}
    event |= {"code": step.why.code, "message": step.why.message}
    connection.execute(insert(events).values(event))


def lock(connection: Connection, number: int) -> RowMapping:
    """The row of a submission, which nobody else changes until the transaction ends."""
    found = select(submissions).where(submissions.c.number == number).with_for_update()
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        raise UnknownSubmission(f"There is no submission {number}.")
    return row


def require_lease(connection: Connection, number: int, holder: str, state: State) -> RowMapping:
    """The locked row, if `holder` still has it; raises `LeaseLost`."""
    row = lock(connection, number)
    if (row["holder"], row["state"]) != (holder, state):
        raise LeaseLost(
            f"{holder} does not hold submission {number} any more: it is {row['state']}"
            + (f" and with {row['holder']}." if row["holder"] else ".")
        )
    return row


def find(ledger: Ledger, number: int) -> Submission:
    """Raises `UnknownSubmission`."""
    with ledger.read() as connection:
        found = select(submissions).where(submissions.c.number == number)
        row = connection.execute(found).mappings().one_or_none()
    if row is None:
        raise UnknownSubmission(f"There is no submission {number}.")
    return Submission.model_validate(dict(row))


def find_all(ledger: Ledger, states: Sequence[State] = tuple(State)) -> list[Submission]:
    """All submissions in these states, the newest first; without their logs."""
    with ledger.read() as connection:
        found = select(*LISTED).where(submissions.c.state.in_(states))
        rows = connection.execute(found.order_by(submissions.c.number.desc())).mappings().all()
    return [Submission.model_validate(dict(row)) for row in rows]


def came_into(state: State, steps: FromClause = events) -> ColumnElement[bool]:
    """Whether a step led into a state: one that changes the priority stays in the same."""
    return and_(steps.c.state == state, steps.c.was != state)


def history(ledger: Ledger, number: int) -> list[Event]:
    """Each step that a submission took, the first one first."""
    with ledger.read() as connection:
        found = select(events).where(events.c.submission == number).order_by(events.c.number)
        return [Event.model_validate(dict(row)) for row in connection.execute(found).mappings()]


def count_states(ledger: Ledger) -> dict[State, int]:
    """How many submissions are in each state; all of them together."""
    counted = select(submissions.c.state, func.count()).group_by(submissions.c.state)
    with ledger.read() as connection:
        found = {str(row[0]): int(row[1]) for row in connection.execute(counted)}
    return {state: found.get(state, 0) for state in State}

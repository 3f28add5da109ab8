"""Submissions for lists: the last to change first, and without their logs, which are long."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select

from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import LISTED, Submission
from warehouse.ledger.tables import submissions

MOST = 500


def find_latest(
    ledger: Ledger, states: Collection[State] = tuple(State), asked: str = "", most: int = MOST
) -> list[Submission]:
    """At most so many submissions in these states, of which `asked` is the number or part of the
    model's name, or several parts of it; empty for all."""
    found = (
        select(*LISTED)
        .where(submissions.c.state.in_(list(states)), is_asked(asked))
        .order_by(submissions.c.since.desc(), submissions.c.number.desc())
        .limit(most)
    )
    with ledger.read() as connection:
        rows = connection.execute(found).mappings().all()
    return [Submission.model_validate(dict(row)) for row in rows]


def count_asked(ledger: Ledger, states: Collection[State], asked: str = "") -> int:
    """How many there are of what `find_latest` gives the latest of."""
    found = select(func.count()).where(submissions.c.state.in_(list(states)), is_asked(asked))
    with ledger.read() as connection:
        return int(connection.execute(found).scalar_one())


def is_asked(asked: str) -> ColumnElement[bool]:
    """Whether a model's name holds every word of `asked`, or it is the submission's number."""
    said = asked.strip().lower().removeprefix("https://huggingface.co/").strip("/")
    parts: Sequence[str] = said.split()
    named = and_(
        True, *(func.lower(submissions.c.model).contains(part, autoescape=True) for part in parts)
    )
    number = said.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return or_(named, submissions.c.number == int(number))
    return named

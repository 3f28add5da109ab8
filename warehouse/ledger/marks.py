"""What maintainers say of a model to everyone: why it is hidden, or to be read with care."""

from datetime import datetime
from typing import Literal

from sqlalchemy import func, insert, select

from warehouse.ledger import limits
from warehouse.ledger.errors import IllegalMove
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person, require_maintainer
from warehouse.ledger.submissions import Record
from warehouse.ledger.tables import marks
from warehouse.ledger.upkeep import given

Kind = Literal["hidden", "flagged", "cleared"]
CLEARED: Kind = "cleared"


class Mark(Record):
    """A mark on a model, and since when."""

    number: int
    model: str
    kind: Kind
    """Hidden from the leaderboard; shown there with a flag; or neither any more."""
    why: str
    """For all to read."""
    by: str
    """Who set it; shown to maintainers alone."""
    at: datetime


def mark(ledger: Ledger, model: str, kind: Kind, by: Person | None, reason: str) -> None:
    """Hide or flag a model, or clear it of that; the earlier marks stay in its history.

    Raises `NotAllowed`, `BadSubmission`, or `IllegalMove` where there is nothing to clear.
    """
    person = require_maintainer(by)
    limits.require_readable({"model": model})
    row = {"model": model, "kind": kind, "by": person.name, "why": given(reason)}
    if kind == CLEARED and model not in find_marks(ledger):
        raise IllegalMove(f"{model} is neither hidden nor flagged: there is nothing to clear.")
    with ledger.write() as connection:
        connection.execute(insert(marks).values(row | {"at": ledger.clock()}))


def find_marks(ledger: Ledger) -> dict[str, Mark]:
    """From each model that is hidden or flagged to the mark that counts."""
    last = select(func.max(marks.c.number)).group_by(marks.c.model)
    found = select(marks).where(marks.c.number.in_(last), marks.c.kind != CLEARED)
    with ledger.read() as connection:
        rows = connection.execute(found.order_by(marks.c.model)).mappings().all()
    return {row["model"]: Mark.model_validate(dict(row)) for row in rows}


def find_history(ledger: Ledger, model: str) -> list[Mark]:
    """Every mark that a model ever had, the first one first."""
    found = select(marks).where(marks.c.model == model).order_by(marks.c.number)
    with ledger.read() as connection:
        return [Mark.model_validate(dict(row)) for row in connection.execute(found).mappings()]

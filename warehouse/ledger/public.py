"""What all may read of submissions.

Left out are addresses and contacts, notes, logs, and the machines that work.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, func, select

from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import as_problems, as_progress
from warehouse.ledger.tables import events, submissions

IN_SNAPSHOT = re.compile(r"In snapshot (\d+)\.")
"""What `outcomes.finish` says."""
FACTS = (
    *("number", "model", "commit", "precision", "protocol", "tasks", "weights", "base", "state"),
    *("code", "message", "submitted_at", "since", "run_id", "problems", "progress"),
)


class Public(NamedTuple):
    """A submission, as all may read it."""

    number: int
    model: str
    commit: str | None
    precision: str
    protocol: str
    tasks: str
    weights: str
    base: str | None
    state: State
    code: str | None
    message: str | None
    submitted_at: datetime
    since: datetime
    run_id: str | None
    problems: Sequence[dict[str, Any]]
    progress: dict[str, Any]
    submitter: str
    """`submitter-` and the number of the first submission of whoever submitted it.

    It stays the same, whoever else comes or goes. Nothing that is private is in it: a hash of an
    address would be found out by hashing addresses, and a key for it could be lost or told.
    """

    @property
    def snapshot(self) -> int | None:
        """The snapshot in which it was found finished; None where it is not."""
        found = IN_SNAPSHOT.fullmatch(self.message or "") if self.state == State.FINISHED else None
        return int(found[1]) if found else None


def find_public(ledger: Ledger) -> list[Public]:
    """Every submission, the first one first."""
    return read(ledger, choose().order_by(submissions.c.number))


def find_named(ledger: Ledger, words: Sequence[str], most: int) -> list[Public]:
    """Those whose model's name holds each of the `words`, in any case.

    Those of just this name come first, and then the newest.
    """
    name = func.lower(submissions.c.model)
    holds = [name.contains(word.lower(), autoescape=True) for word in words]
    is_exact = case((name == " ".join(words).lower(), 0), else_=1)
    found = choose().where(*holds).order_by(is_exact, submissions.c.number.desc())
    return read(ledger, found.limit(most))


def find_last_event(ledger: Ledger) -> int:
    """The number of the last step that any submission took; nothing that is public moves without.

    0 where there was none.
    """
    with ledger.read() as connection:
        return connection.execute(select(func.max(events.c.number))).scalar() or 0


def choose() -> Select[Any]:
    return select(submissions.c.submitter, *(submissions.c[name] for name in FACTS))


def read(ledger: Ledger, chosen: Select[Any]) -> list[Public]:
    first = select(submissions.c.submitter, func.min(submissions.c.number))
    with ledger.read() as connection:
        rows = [dict(row) for row in connection.execute(chosen).mappings()]
        firsts = dict(iter(connection.execute(first.group_by(submissions.c.submitter))))
    return [Public(**row | publish(row, firsts[row["submitter"]])) for row in rows]


def publish(row: Mapping[str, Any], first: int) -> dict[str, Any]:
    """What of a row is told otherwise than it stands there."""
    return {
        "state": State(row["state"]),
        "submitter": f"submitter-{first}",
        "problems": as_problems(row["problems"]),
        "progress": as_progress(row["progress"]),
    }

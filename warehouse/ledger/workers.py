"""The processes around the queue: each says now and then that it is there."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, insert, select, update

from warehouse.ledger.errors import LedgerOutOfReach
from warehouse.ledger.opening import Ledger
from warehouse.ledger.submissions import Record
from warehouse.ledger.tables import workers

Kind = Literal["checker", "worker", "watcher"]
BEAT = timedelta(seconds=15)
"""How often a process says that it is there."""
SILENCE = timedelta(seconds=60)
"""After so long without a word it is taken for dead."""
FORGOTTEN = timedelta(days=7)


class Worker(Record):
    """A process, and when it was last heard of."""

    name: str
    kind: Kind
    started_at: datetime
    seen_at: datetime
    submission: int | None
    """What it has in hand."""

    def is_alive(self, at: datetime) -> bool:
        return abs(at - self.seen_at) < SILENCE  # a clock that was set back leaves it in the future


def report(ledger: Ledger, name: str, kind: Kind, submission: int | None = None) -> None:
    """Say that a process is there, and what it has in hand."""
    at = ledger.clock()
    with ledger.write() as connection:
        seen = {"seen_at": at, "submission": submission, "kind": kind}
        changed = update(workers).where(workers.c.name == name).values(seen)
        if not connection.execute(changed).rowcount:
            connection.execute(insert(workers).values(seen | {"name": name, "started_at": at}))
            connection.execute(delete(workers).where(workers.c.seen_at < at - FORGOTTEN))


def sign_off(ledger: Ledger, name: str) -> None:
    """Say that a process ends."""
    with ledger.write() as connection:
        connection.execute(delete(workers).where(workers.c.name == name))


@contextmanager
def present(ledger: Ledger, name: str, kind: Kind) -> Iterator[Callable[..., None]]:
    """Give a function that says that the process is there, as seldom as will do, until its end.

    It takes the number of what is in hand. One that dies stays on the list, as silent.
    """
    last: tuple[float, int | None] | None = None

    def beat(submission: int | None = None) -> None:
        nonlocal last
        now = time.monotonic()
        if last is None or last[1] != submission or now - last[0] >= BEAT.total_seconds():
            report(ledger, name, kind, submission)
            last = now, submission

    try:
        yield beat
    finally:
        with suppress(LedgerOutOfReach):
            sign_off(ledger, name)


def find_workers(ledger: Ledger) -> list[Worker]:
    """The processes of the last week, the one heard of last first."""
    with ledger.read() as connection:
        rows = connection.execute(
            select(workers).order_by(workers.c.seen_at.desc(), workers.c.name)
        )
        return [Worker.model_validate(dict(row)) for row in rows.mappings()]

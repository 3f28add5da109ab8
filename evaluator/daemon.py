"""The loop of the processes around the queue: take, and take again, until told to stop."""

from collections.abc import Callable
from threading import Event
from typing import TypeVar

import click

from warehouse.ledger.errors import LedgerOutOfReach
from warehouse.ledger.submissions import Submission

AGAIN = 2.0  # seconds until a ledger that did not answer is asked again
Told = TypeVar("Told")


def keep_taking(
    take: Callable[[], Submission | None],
    act: Callable[[Submission], None],
    stop: Event,
    idle: float,
    *,
    once: bool,
) -> int:
    """Act on what `take` gives until told to `stop`, or but once; returns how often.

    Where nothing waits, or the ledger is out of reach, it looks again after `idle` seconds: what it
    held by then goes on when its lease has run out.
    """
    taken = 0
    while not stop.is_set():
        submission = None
        try:
            submission = take()
            if submission is not None:
                taken += 1
                act(submission)
        except LedgerOutOfReach as error:
            click.echo(str(error), err=True)
            submission = None
        if once:
            return taken
        if submission is None:
            stop.wait(idle)
    return taken


def insist(tell: Callable[[], Told], stop: Event) -> Told:
    """Tell the ledger what came of hours of work, as often as it takes.

    Raises `LedgerOutOfReach` only once we are to `stop`; what is held then goes on when its lease
    has run out.
    """
    while True:
        try:
            return tell()
        except LedgerOutOfReach as error:
            if stop.is_set():
                raise
            click.echo(str(error), err=True)
            stop.wait(AGAIN)


def try_to(tell: Callable[[], object]) -> bool:
    """Tell the ledger what can wait; returns whether it heard it."""
    try:
        tell()
    except LedgerOutOfReach as error:
        click.echo(str(error), err=True)
        return False
    return True

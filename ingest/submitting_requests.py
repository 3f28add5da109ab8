"""Submits what another leaderboard's requests files still wait for, each once."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from ingest.leaderboard_requests import Request
from ingest.request_fields import NEWEST
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, Submission, submit

SUBMITTER = "requests file"
"""Who submits: whom a file names as its sender is a claim that nobody has proven. As one submitter
all of them take turns with others, however many there are."""
WAITING = ("PENDING", "RERUN", "PENDING_NEW_EVAL", "RUNNING")
"""The statuses of what still has to be evaluated."""
OVER = (State.REJECTED, State.FAILED, State.CANCELLED, State.SUPERSEDED)
"""States after which anyone may ask for the same again, but for a file that asked already."""
LATEST = datetime.max.replace(tzinfo=UTC)
Key = tuple[str, ...]
"""Model, revision, precision, protocol, tasks."""


class Sorted(NamedTuple):
    """What becomes of requests; each is in one of these."""

    wanted: list[Request]
    """To be submitted, what was asked for first first."""
    passed: list[tuple[Request, str]]
    """With the reason: the same is submitted, or it cannot be run here."""
    ended: Counter[str]
    """How many there are of each status that does not wait."""


def sort_out(requests: Iterable[Request], known: Iterable[Submission]) -> Sorted:
    """Find the requests to be submitted, beside the submissions that are `known`."""
    taken = {
        key: f"submission {one.number} asks for the same and is {one.state}"
        for one in sorted(known, key=lambda one: one.number)
        if one.state not in OVER or one.submitter == SUBMITTER
        for key in {key_of(one), key_of(one, one.commit)}
    }
    found = Sorted([], [], Counter())
    for request in sorted(requests, key=lambda each: (each.asked_at or LATEST, each.place)):
        key = key_of(request.asked)
        if request.status not in WAITING:
            found.ended[request.status] += 1
        elif reason := request.hindrance or taken.get(key):
            found.passed.append((request, reason))
        else:
            found.wanted.append(request)
            taken[key] = f"{request.place} asks for the same"
    return found


def key_of(asked: Asked, commit: str | None = None) -> Key:
    revision = commit or asked.revision or NEWEST
    return (asked.model, revision, asked.precision, asked.protocol, asked.tasks)


def put_down(ledger: Ledger, request: Request) -> int:
    """Submit a request; returns the submission's number.

    It waits from now on: a time that a file states would put it before those who came here first.
    """
    operator = Person(SUBMITTER, is_maintainer=True)  # of whom any number is taken a day
    return submit(ledger, request.asked, operator)

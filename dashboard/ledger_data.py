"""What the pages ask the ledger: answers a second old at most, the same for all readers."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

import polars as pl
import streamlit as st

from dashboard import standing
from dashboard.submission_words import read_number
from warehouse.ledger import health, lists, marks, opening, public, submissions, waiting
from warehouse.ledger.errors import LedgerError, LedgerOutOfReach
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Event, Submission

FRESH = 1.0
"""Seconds for which an answer holds: so a hundred open pages ask as often as one does."""
AWAY = 5.0
"""Seconds for which a ledger that did not answer is not asked again: each of a hundred open pages
would wait for it, one after the other."""
SILENCE = 60.0
"""The same, for pages that can do without it."""
Answer = TypeVar("Answer")
silences: dict[str, tuple[float, str]] = {}
"""From an address to when its ledger last did not answer, and what was said then."""
NEVER = (float("-inf"), "")


@st.cache_resource(show_spinner=False)
def open_at(address: str) -> Ledger:
    return opening.open_ledger(address)


def ledger() -> Ledger:
    """The ledger, open; raises a `LedgerError` where it cannot be had."""
    return open_at(opening.ledger_address())


@contextmanager
def asking(address: str) -> Iterator[Ledger]:
    """The ledger, to be read; raises `LedgerOutOfReach` at once where it has just not answered."""
    at, said = silences.get(address, NEVER)
    if time.monotonic() - at < AWAY:
        raise LedgerOutOfReach(said)
    try:
        yield open_at(address)
    except LedgerOutOfReach as error:
        silences[address] = time.monotonic(), str(error)
        raise


def now() -> datetime:
    """By the clock of this machine: to tell how long ago something was."""
    return datetime.now(UTC)


@st.cache_data(ttl=FRESH, max_entries=50, show_spinner=False)
def find_latest_at(
    address: str, states: tuple[State, ...], asked: str, most: int
) -> tuple[list[Submission], int]:
    with asking(address) as opened:
        found = lists.find_latest(opened, states, asked, most)
        number = len(found) if len(found) < most else lists.count_asked(opened, states, asked)
    return found, number


def find_latest(
    states: tuple[State, ...] = tuple(State), asked: str = "", most: int = lists.MOST
) -> tuple[list[Submission], int]:
    """The last submissions to change of those in `states` that are `asked` for, and how many these
    are in all; without their logs."""
    return find_latest_at(opening.ledger_address(), states, asked, most)


@st.cache_data(ttl=FRESH, max_entries=200, show_spinner=False)
def find_at(address: str, number: int) -> tuple[Submission, list[Event]]:
    with asking(address) as opened:
        return submissions.find(opened, number), submissions.history(opened, number)


def find(number: int) -> tuple[Submission, list[Event]]:
    """A submission with its history; raises `UnknownSubmission`."""
    return find_at(opening.ledger_address(), number)


@st.cache_data(ttl=FRESH, max_entries=2, show_spinner=False)
def waits_at(address: str) -> list[waiting.Wait]:
    with asking(address) as opened:
        return waiting.find_waits(opened)


def waits() -> dict[int, waiting.Wait]:
    """From each number in the queue to its place there."""
    return {wait.number: wait for wait in waits_at(opening.ledger_address())}


@st.cache_data(ttl=FRESH, max_entries=200, show_spinner=False)
def named_at(address: str, words: tuple[str, ...]) -> pl.DataFrame:
    with asking(address) as opened:
        found = public.find_named(opened, words, standing.MOST)
    places = waits_at(address) if any(one.state == State.PENDING for one in found) else []
    by_number = {place.number: place for place in places}
    rows = [as_standing(one, by_number.get(one.number), len(places)) for one in found]
    return pl.DataFrame(rows, schema=standing.STANDING, strict=False)  # a run may say anything


def as_standing(one: public.Public, wait: waiting.Wait | None, waiting_in_all: int) -> standing.Row:
    return one._asdict() | {
        "lane": one.protocol,
        "since": one.since.astimezone(UTC).replace(tzinfo=None),
        "problems": [str(problem.get("says", "")) for problem in one.problems],
        "snapshot": one.snapshot,
        "task": read_number(one.progress, "task"),
        "of_tasks": read_number(one.progress, "tasks"),
        "left": read_number(one.progress, "left"),
        "position": wait and wait.position,
        "waiting": waiting_in_all,
        "begins": wait and wait.seconds,
    }


def find_named(words: Sequence[str]) -> pl.DataFrame:
    """Submissions of models whose name holds each word, as `standing.STANDING`; the newest first.

    Nothing private is in it.
    """
    return named_at(opening.ledger_address(), tuple(words))


@st.cache_data(ttl=FRESH, max_entries=2, show_spinner=False)
def health_at(address: str) -> health.Health:
    with asking(address) as opened:
        return health.examine(opened)


def examine() -> health.Health:
    """Who works, what waits, and what fails."""
    return health_at(opening.ledger_address())


@st.cache_data(ttl=FRESH, max_entries=2, show_spinner=False)
def marks_at(address: str, snapshot: int) -> dict[str, marks.Mark]:  # noqa: ARG001 - the cache's key
    with asking(address) as opened:
        return marks.find_marks(opened)


def find_marks(snapshot: int = 0) -> dict[str, marks.Mark]:
    """From each model that is hidden or flagged to the mark that counts.

    It is never older than the `snapshot`, where that is named.
    """
    return marks_at(opening.ledger_address(), snapshot)


@st.cache_data(ttl=FRESH, max_entries=20, show_spinner=False)
def foretell_at(address: str, numbers: tuple[int, ...]) -> float | None:
    with asking(address) as opened:
        return waiting.foretell(opened, numbers)


def foretell(numbers: tuple[int, ...]) -> float | None:
    """Seconds that these finished submissions would take again; None where nobody knows."""
    return foretell_at(opening.ledger_address(), numbers)


def if_in_reach(ask: Callable[[], Answer]) -> Answer | None:
    """What the ledger answers; None where it does not."""
    try:
        at, _ = silences.get(opening.ledger_address(), NEVER)
        return ask() if time.monotonic() - at >= SILENCE else None
    except LedgerError:
        return None


def forget() -> None:
    """Ask anew: the reader has just written something."""
    silences.clear()
    for asked in (find_latest_at, find_at, waits_at, named_at, health_at, marks_at):
        asked.clear()

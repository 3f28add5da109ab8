"""Submissions as tables: lines as they are shown; no Streamlit here, and nothing private."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from dashboard import offers, times
from dashboard import submission_words as words
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Event, Submission
from warehouse.ledger.waiting import Wait

LONGEST = 300  # characters of a reason in a table
QUEUE = {
    "model": pl.String,
    "lane": pl.String,
    "tasks": pl.String,
    "state": pl.String,
    "begins": pl.String,
    "waits": pl.String,
}
ENDED: dict[str, pl.DataType | type[pl.DataType]] = {
    "state": pl.String,
    "model": pl.String,
    "lane": pl.String,
    "tasks": pl.String,
    "why": pl.String,
    "since": pl.Datetime("us", "UTC"),
    "number": pl.Int64,
}
HISTORY: dict[str, pl.DataType | type[pl.DataType]] = {
    "at": pl.Datetime("us", "UTC"),
    "state": pl.String,
    "why": pl.String,
    "by": pl.String,
}
Titles = Mapping[str, str]


def put_in_line(waiting: Sequence[Submission], waits: Mapping[int, Wait]) -> list[Submission]:
    """Those in the queue in their order, and then those that are still to be checked."""
    last = len(waiting) + 1
    by_turn = sorted(waiting, key=lambda one: one.number)
    return sorted(
        by_turn, key=lambda one: waits[one.number].position if one.number in waits else last
    )


def queue_rows(
    waiting: Sequence[Submission], waits: Mapping[int, Wait], titles: Titles, now: datetime
) -> pl.DataFrame:
    """A line per submission that waits, in the order given."""
    rows = [
        {
            "model": one.model,
            "lane": one.protocol,
            "tasks": offers.tasks_text(one.tasks, titles),
            "state": words.STATES[one.state].label,
            "begins": words.begin_text(one, waits.get(one.number)),
            "waits": times.ago(one.submitted_at, now),
        }
        for one in waiting
    ]
    return pl.DataFrame(rows, schema=QUEUE)


def ended_rows(ended: Sequence[Submission], titles: Titles) -> pl.DataFrame:
    """A line per submission, with why it is where it is."""
    rows = [
        {
            "state": words.STATES[one.state].label,
            "model": one.model,
            "lane": one.protocol,
            "tasks": offers.tasks_text(one.tasks, titles),
            "why": reason(one),
            "since": one.since,
            "number": one.number,
        }
        for one in ended
    ]
    return pl.DataFrame(rows, schema=ENDED)


def reason(one: Submission) -> str:
    """Why it is in its state, on one line; of several problems all of them."""
    if one.state == State.REJECTED and one.problems:
        said = " ".join(str(problem.get("says", "")) for problem in one.problems)
    else:
        said = one.message or ""
    line = " ".join(said.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def history_rows(events: Sequence[Event], submitter: str, *, to_maintainer: bool) -> pl.DataFrame:
    """A line per step, the last one first."""
    rows = [
        {
            "at": event.at,
            "state": step_name(event),
            "why": " ".join((event.message or words.REASONS.get(event.code or "", "")).split()),
            "by": words.actor(event, submitter, to_maintainer=to_maintainer),
        }
        for event in reversed(events)
    ]
    return pl.DataFrame(rows, schema=HISTORY)


def step_name(event: Event) -> str:
    """What happened: most often the state that it came into."""
    if event.code == "priority":
        return "Priority changed"
    if event.code == "retried":
        return "Retried"
    label = words.STATES[event.state].label
    return f"{label}, attempt {event.attempt}" if event.state == State.RUNNING else label

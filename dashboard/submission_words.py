"""What a submission's states, reasons and waits are called; no Streamlit here.

Names, notes and logs may be anybody's: what holds them is to be shown as plain text.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboard import times
from warehouse.ledger import queue
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Event, Submission
from warehouse.ledger.waiting import Wait


class Shown(NamedTuple):
    """How a state is shown."""

    label: str
    color: str
    """Of its badge."""
    icon: str
    meaning: str


STATES: Mapping[State, Shown] = {
    State.SUBMITTED: Shown("Submitted", "gray", "inbox", "It waits to be checked."),
    State.CHECKING: Shown("Checking", "blue", "fact_check", "The model is being looked at."),
    State.REJECTED: Shown(
        "Rejected", "orange", "block", "It cannot be run as it is. What to change stands below."
    ),
    State.PENDING: Shown("Queued", "gray", "hourglass_empty", "It waits for a worker."),
    State.RUNNING: Shown("Running", "blue", "play_circle", "A worker asks the model."),
    State.INGESTING: Shown(
        "Publishing", "blue", "publish", "Every question is asked; the answers are being published."
    ),
    State.FINISHED: Shown("Finished", "green", "check_circle", "Every answer is published."),
    State.FAILED: Shown("Failed", "red", "error", "It did not come to its end."),
    State.CANCELLED: Shown("Cancelled", "gray", "cancel", "It was taken back."),
    State.SUPERSEDED: Shown(
        "Superseded", "gray", "history", "A newer submission stands in its place."
    ),
}
MOVING = (State.SUBMITTED, State.CHECKING, State.PENDING, State.RUNNING, State.INGESTING)
ENDED = (State.FINISHED, State.FAILED, State.REJECTED, State.CANCELLED, State.SUPERSEDED)
STEPS = (
    ("Submitted", (State.SUBMITTED,)),
    ("Checked", (State.CHECKING, State.REJECTED)),
    ("Queued", (State.PENDING,)),
    ("Asked", (State.RUNNING,)),
    ("Published", (State.INGESTING, State.FINISHED)),
)
"""The way of a submission that comes to a good end, and the states on each part of it."""
BY_PEOPLE = ("retried", "cancelled", "priority", "asked-again")
"""The codes of steps that people take."""
REASONS: Mapping[str, str] = {
    "accepted": "Nothing speaks against evaluating it.",
    "answered": "Every question is asked.",
}
"""What the codes of steps without a message mean."""
DONE, NOW, AHEAD, STOPPED = "done", "now", "ahead", "stopped"
"""How a step of the way is marked."""
NOT_YET = "Nobody knows how long yet"
MAINTAINERS = "A maintainer can retry it."
RETRY = "Try it on your own machine with the command below. If it works there, ask a maintainer to "
FIXES: Mapping[str, str] = {
    "killed": "The model is larger than the memory here. Submit it in a smaller precision.",
    "out-of-memory": "The model is larger than the memory here. Submit it in a smaller precision.",
    "nan-logits": "The model answers with numbers that are none. Submit it in float32, or mend it.",
    "download-failed": "The Hub did not give the files in three attempts. " + MAINTAINERS,
    "timed-out": "The Hub was too slow in three attempts. " + MAINTAINERS,
    "disk-full": "The disk here is full. " + MAINTAINERS,
    "worker-died": "The machine that ran it was lost three times. " + MAINTAINERS,
    "incomplete": "Not all of the answers were published. " + MAINTAINERS,
    "refused": "The answers were not let into the warehouse, for the reason above. They are kept: "
    "once the cause is mended, a maintainer can retry it, and no question is asked twice.",
    "run-missing": "The answers are not where they should be. " + MAINTAINERS,
    "not-started": "The machine that asks is not set up as it should be. " + MAINTAINERS,
    "not-understood": "Submit it again as the form has it.",
    "crashed": RETRY + "retry it; if not, its log says where it breaks.",
    "model-not-found": "The model is gone from the Hub since it was checked. Make it public again.",
    "gated-model": "The model was gated since it was checked. Lift the gate, and submit it again.",
    "no-chat-template": "Submit it with a lane without -chat, or give its tokenizer a template.",
}
"""From the code of a failure to what can be done."""
OTHERWISE = "Mend what the message names, and submit it again; or ask a maintainer to retry it."


def way(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Each step's label with its mark, for a submission that took these steps so far."""
    state = events[-1].state
    if state in (State.FINISHED, State.SUPERSEDED):
        return [(label, DONE) for label, _ in STEPS]
    here = place_of(state)
    if here is None:  # it failed or was cancelled: as far as it had come
        before = [event.was for event in events if event.state == state and event.was != state]
        here = place_of(before[-1]) if before and before[-1] else 0
        mark = STOPPED
    else:
        mark = STOPPED if state == State.REJECTED else NOW
    marks = [DONE if place < (here or 0) else AHEAD for place in range(len(STEPS))]
    marks[here or 0] = mark
    return [(label, marked) for (label, _), marked in zip(STEPS, marks, strict=True)]


def place_of(state: State) -> int | None:
    """On which of `STEPS` a state is."""
    return next((place for place, (_, states) in enumerate(STEPS) if state in states), None)


def fix_of(code: str | None) -> str:
    """What whoever submitted it can do about a failure."""
    return FIXES.get(code or "", OTHERWISE)


def wait_text(wait: Wait | None) -> str:
    """When a queued one begins."""
    if wait is None or wait.seconds is None:
        return NOT_YET
    begins = times.begins(wait.seconds)
    return f"{begins[0].upper()}{begins[1:]}"


def begin_text(one: Submission, wait: Wait | None) -> str:
    """When one that waits begins; empty where that is not asked."""
    if rests(one) and wait is None:
        return f"Tried again from {one.since + queue.rest_after(one.attempt):%H:%M} UTC on"
    return wait_text(wait) if wait else ""


def rests(one: Submission) -> bool:
    """Whether it waits because of a fault of the moment."""
    return one.state in (State.SUBMITTED, State.PENDING) and one.code in queue.PASSING


def progress_text(one: Submission, titles: Mapping[str, str]) -> str:
    """Where a run is: `Task 3 of 9, MedMCQA: question 1,204 of 4,183; about 12 minutes left.`"""
    said = one.progress
    if not said:
        return "The model is being loaded."
    name = str(said.get("name", ""))
    text = f"Task {said.get('task')} of {said.get('tasks')}, {titles.get(name, name)}"
    answered, of = read_number(said, "answered"), read_number(said, "of")
    if answered is not None and of is not None:
        text += f": question {answered:,.0f} of {of:,.0f}"
    left = read_number(said, "left")
    return f"{text}; {times.duration(left)} left." if left is not None else f"{text}."


def progress_share(one: Submission) -> float:
    """Of all questions, those that are answered; from 0 to 1."""
    done, everything = read_number(one.progress, "done"), read_number(one.progress, "all")
    return min(max(done / everything, 0.0), 1.0) if done and everything else 0.0


def read_number(said: Mapping[str, object], name: str) -> float | None:
    """A number of what a program said of its run; None where it is none."""
    value = said.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def again_text(one: Submission) -> str:
    """When a submission is tried again after a fault of the moment."""
    most = queue.CHECKS if one.state == State.SUBMITTED else queue.ATTEMPTS
    at = one.since + queue.rest_after(one.attempt)
    return f"from {at:%H:%M} UTC on, for the {ordinal(one.attempt + 1)} of {most} times"


def ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def describe(one: Submission, wait: Wait | None, of: int) -> str:
    """Where a submission is, in a sentence or two."""
    if rests(one) and wait is None:
        return f"{one.message or 'It did not go well.'} It is tried again {again_text(one)}."
    if one.state != State.PENDING or wait is None:
        return STATES[one.state].meaning
    begins = wait_text(wait)
    told = f"It begins {begins[0].lower()}{begins[1:]}." if wait.seconds is not None else begins
    return f"Number {wait.position} of {of} in the queue. {told.rstrip('.')}."


def summary(counts: Mapping[State, int], alive: int, waits: Sequence[Wait]) -> str:
    """The state of the queue in a sentence."""
    waiting, running = counts[State.PENDING], counts[State.RUNNING]
    if not waiting and not running:
        return "Nothing waits and nothing runs."
    workers = f"{alive or 'No'} worker{'' if alive <= 1 else 's'} {'is' if alive <= 1 else 'are'}"
    told = f"{workers} there, {running} {'model is' if running == 1 else 'models are'} being asked"
    told += f", {waiting} wait{'s' if waiting == 1 else ''}."
    if waiting and not alive:
        return f"{told} What waits begins when a worker is started."
    if waits and waits[-1].seconds is not None:
        return f"{told} The last in the queue begins {wait_text(waits[-1]).lower()}."
    return told


def actor(event: Event, submitter: str, *, to_maintainer: bool) -> str:
    """Who took a step: people and machines are named to maintainers alone."""
    is_person = event.was is None or event.code in BY_PEOPLE
    if to_maintainer:
        return f"{event.by} (submitter)" if is_person and event.by == submitter else event.by
    if not is_person:
        return "automatic"
    return "who submitted it" if event.by == submitter else "a maintainer"

"""The states of a submission, and the moves between them."""

from enum import StrEnum


class State(StrEnum):
    """Where a submission is; it is in exactly one."""

    SUBMITTED = "submitted"
    """Waits for the checker."""
    CHECKING = "checking"
    """The checker looks at the model."""
    REJECTED = "rejected"
    """It cannot be run as it is; the reasons say what to change."""
    PENDING = "pending"
    """Waits for a worker."""
    RUNNING = "running"
    """A worker asks the model."""
    INGESTING = "ingesting"
    """All answers are there, and wait to be published."""
    FINISHED = "finished"
    """A snapshot has every answer."""
    FAILED = "failed"
    """It did not come to its end; the reason says why."""
    CANCELLED = "cancelled"
    """Someone took it back."""
    SUPERSEDED = "superseded"
    """A newer submission stands in its place."""


MOVES = {
    State.SUBMITTED: {State.CHECKING, State.CANCELLED},
    State.CHECKING: {State.SUBMITTED, State.REJECTED, State.PENDING, State.CANCELLED},
    State.REJECTED: {State.SUBMITTED},
    State.PENDING: {State.RUNNING, State.CANCELLED},
    State.RUNNING: {State.PENDING, State.INGESTING, State.FAILED, State.CANCELLED},
    State.INGESTING: {State.FINISHED, State.FAILED},
    State.FINISHED: {State.SUPERSEDED},
    State.FAILED: {State.PENDING, State.SUPERSEDED},
    State.CANCELLED: {State.SUBMITTED},
    State.SUPERSEDED: set[State](),
}
"""From each state to those that may follow it."""
HELD = (State.CHECKING, State.RUNNING)
"""States in which a process holds a lease."""
LIVE = (State.PENDING, State.RUNNING, State.INGESTING, State.FINISHED)
"""States of which a model at one commit, precision and protocol is in one at most, per task set."""

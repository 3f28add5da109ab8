"""What maintainers may do, what others may not, and that each act says why; on both databases."""

from collections.abc import Callable

import pytest

from tests import ledgers
from tests.test_ledger import ASKED
from tests.test_queue import wait_in_queue
from warehouse.ledger import outcomes, queue, upkeep
from warehouse.ledger.errors import (
    AlreadySubmitted,
    BadSubmission,
    IllegalMove,
    LeaseLost,
    NotAllowed,
)
from warehouse.ledger.marks import mark
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Why, find, history, submit

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
MAINTAINER = Person("m@example.org", is_maintainer=True)
VISITOR = Person("v@example.org")


def test_what_failed_is_retried_from_its_first_attempt(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "m")
    assert queue.claim(ledger, "w")
    outcomes.fail(ledger, number, "w", Why("out-of-memory", "It needs 40 GB."))
    upkeep.retry(ledger, number, MAINTAINER, "A larger machine is here.")
    found = find(ledger, number)
    assert (found.state, found.attempt, found.commit) == (State.PENDING, 0, "c" * 40)
    last = history(ledger, number)[-1]
    assert (last.by, last.code, last.message) == (
        "m@example.org",
        "retried",
        "A larger machine is here.",
    )


def test_what_was_rejected_is_checked_again(ledger: Ledger) -> None:
    number = submit(ledger, ASKED, Person("a"))
    assert queue.claim_check(ledger, "checker")
    problem = {"code": "gated", "says": "It is gated.", "fix": "Open it."}
    outcomes.reject(ledger, number, "checker", [problem])
    found = find(ledger, number)
    assert (found.state, found.code, found.problems) == (State.REJECTED, "gated", (problem,))
    upkeep.retry(ledger, number, MAINTAINER, "It is open now.")
    assert find(ledger, number).state == State.SUBMITTED
    with pytest.raises(IllegalMove, match="nothing to retry"):
        upkeep.retry(ledger, number, MAINTAINER, "again")


def test_what_failed_is_not_retried_beside_its_like(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "m")
    assert queue.claim(ledger, "w")
    outcomes.fail(ledger, number, "w", Why("oom"))
    wait_in_queue(ledger, "m")
    with pytest.raises(AlreadySubmitted):
        upkeep.retry(ledger, number, MAINTAINER, "again")
    assert find(ledger, number).state == State.FAILED


def test_a_submitter_may_cancel_and_its_worker_learns_of_it(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "m", VISITOR.name)
    assert queue.claim(ledger, "w")
    upkeep.cancel(ledger, number, VISITOR, "It was the wrong model.")
    with pytest.raises(LeaseLost, match="it is cancelled"):
        queue.beat(ledger, number, "w", {})


def test_the_highest_priority_goes_first(ledger: Ledger) -> None:
    wait_in_queue(ledger, "first")
    second = wait_in_queue(ledger, "second")
    upkeep.change_priority(ledger, second, MAINTAINER, 5, "It is for a paper.")
    taken = queue.claim(ledger, "w")
    assert taken
    assert taken.model == "second"
    assert [event.message for event in history(ledger, second) if event.code == "priority"] == [
        "From 0 to 5: It is for a paper."
    ]


def test_a_paused_queue_gives_nothing_until_it_goes_on(ledger: Ledger) -> None:
    wait_in_queue(ledger, "m")
    upkeep.pause(ledger, MAINTAINER, "The disk is changed.")
    assert upkeep.why_paused(ledger) == "The disk is changed."
    assert queue.claim(ledger, "w") is None
    upkeep.resume(ledger, MAINTAINER, "Done.")
    assert upkeep.why_paused(ledger) is None
    assert queue.claim(ledger, "w")


def test_others_may_do_none_of_it(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "m", "a@example.org")
    before = history(ledger, number)
    acts: list[Callable[[Person | None], object]] = [
        lambda by: upkeep.retry(ledger, number, by, "why"),
        lambda by: upkeep.cancel(ledger, number, by, "why"),
        lambda by: upkeep.change_priority(ledger, number, by, 9, "why"),
        lambda by: upkeep.pause(ledger, by, "why"),
        lambda by: upkeep.resume(ledger, by, "why"),
    ]
    for act in acts:
        with pytest.raises(NotAllowed, match="is no maintainer"):
            act(VISITOR)
        with pytest.raises(NotAllowed, match="Sign in"):
            act(None)
    assert history(ledger, number) == before
    assert find(ledger, number).priority == 0
    assert upkeep.why_paused(ledger) is None


def test_nothing_is_done_without_a_reason(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "m")
    acts: list[Callable[[], object]] = [
        lambda: upkeep.cancel(ledger, number, MAINTAINER, " "),
        lambda: upkeep.change_priority(ledger, number, MAINTAINER, 1, ""),
        lambda: upkeep.pause(ledger, MAINTAINER, "\n"),
    ]
    for act in acts:
        with pytest.raises(NotAllowed, match="A reason is needed"):
            act()
    assert find(ledger, number).state == State.PENDING


@pytest.mark.parametrize("reason", ["a\0b", "a\ud800b", "a" * 10_001])
def test_a_reason_that_cannot_be_kept_or_shown_is_refused(ledger: Ledger, reason: str) -> None:
    number = wait_in_queue(ledger, "m", VISITOR.name)
    with pytest.raises(BadSubmission, match="The reason has"):
        upkeep.cancel(ledger, number, VISITOR, reason)
    with pytest.raises(BadSubmission, match="The reason has"):
        mark(ledger, "m", "hidden", MAINTAINER, reason)
    with pytest.raises(BadSubmission, match="The model has"):
        mark(ledger, reason, "hidden", MAINTAINER, "why")
    assert find(ledger, number).state == State.PENDING

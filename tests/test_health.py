"""Who is there, what waits, what fails, and what is asked again; on both databases."""

import pytest

from tests import ledgers
from tests.test_ledger import ASKED
from tests.test_queue import wait_in_queue
from tests.test_upkeep import MAINTAINER, VISITOR
from warehouse.ledger import health, outcomes, queue, renewal, upkeep, workers
from warehouse.ledger.errors import IllegalMove, NotAllowed
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Why, find, find_all, history, submit

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


def finish_next(ledger: Ledger, model: str) -> int:
    number = wait_in_queue(ledger, model)
    assert queue.claim(ledger, "w")
    outcomes.hand_over(ledger, number, "w", "run")
    outcomes.finish(ledger, number, "watcher", 3)
    return number


def fail_next(ledger: Ledger, model: str, code: str) -> None:
    number = wait_in_queue(ledger, model)
    assert queue.claim(ledger, "w")
    outcomes.fail(ledger, number, "w", Why(code, "It did."))


def test_health_says_what_waits_for_whom_and_what_failed(
    ledger: Ledger, clock: ledgers.Clock
) -> None:
    fail_next(ledger, "old", "crashed")
    clock.pass_(8 * 24 * 3600)
    finish_next(ledger, "good")
    for model, code in (("m1", "killed"), ("m2", "killed"), ("m3", "crashed")):
        fail_next(ledger, model, code)
    submit(ledger, ASKED, Person("a@example.org"))
    clock.pass_(30)
    upkeep.pause(ledger, MAINTAINER, "The disk is being changed.")
    workers.report(ledger, "w", "worker")
    found = health.examine(ledger)
    assert found.oldest == {State.SUBMITTED: 30}
    assert found.missing == ("checker",)
    assert (found.ended, found.failures) == (4, {"killed": 2, "crashed": 1})
    assert found.counts[State.FAILED] == 4
    assert found.paused == "The disk is being changed."
    workers.report(ledger, "c", "checker")
    assert health.examine(ledger).missing == ()
    clock.pass_(61)
    assert health.examine(ledger).missing == ("checker",), "it said nothing for a minute"


def test_a_process_is_there_until_it_ends_or_is_silent_for_a_week(
    ledger: Ledger, clock: ledgers.Clock
) -> None:
    with workers.present(ledger, "w", "worker") as beat:
        beat()
        begun = clock()
        clock.pass_(20)
        beat()  # too soon by its own clock
        number = wait_in_queue(ledger, "m")
        beat(number)
        [found] = workers.find_workers(ledger)
        assert (found.started_at, found.seen_at, found.submission) == (begun, clock(), number)
    assert workers.find_workers(ledger) == []
    workers.report(ledger, "killed", "worker")
    clock.pass_(8 * 24 * 3600)
    workers.report(ledger, "new", "checker")
    assert [one.name for one in workers.find_workers(ledger)] == ["new"]


def test_what_is_finished_is_asked_again_in_its_place(ledger: Ledger) -> None:
    old = finish_next(ledger, "m")
    [new] = renewal.renew(ledger, [old], MAINTAINER, "The questions are corrected.")
    before, after = find(ledger, old), find(ledger, new)
    assert (before.state, before.code) == (State.SUPERSEDED, "asked-again")
    assert (after.state, after.replaces, after.priority) == (State.SUBMITTED, old, -1)
    assert (after.model, after.revision, after.submitter) == ("m", "c" * 40, before.submitter)
    assert history(ledger, new)[0].message == (
        f"In the place of submission {old}: The questions are corrected."
    )
    assert queue.claim_check(ledger, "checker")
    assert outcomes.accept(ledger, new, "checker", "c" * 40) == State.PENDING


def test_all_are_asked_again_or_none(ledger: Ledger) -> None:
    old, waits = finish_next(ledger, "m"), wait_in_queue(ledger, "n")
    with pytest.raises(IllegalMove):
        renewal.renew(ledger, [old, waits], MAINTAINER, "why")
    with pytest.raises(NotAllowed):
        renewal.renew(ledger, [old], VISITOR, "why")
    assert [one.state for one in find_all(ledger)] == [State.PENDING, State.FINISHED]

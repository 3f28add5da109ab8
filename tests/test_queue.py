"""Who is next, who holds what, and what becomes of what is let go; on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import ledgers
from tests.test_ledger import ASKED
from warehouse.ledger import outcomes, queue
from warehouse.ledger.errors import LeaseLost
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Why, find, history, submit

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
LEASE = queue.LEASE.total_seconds()


def wait_in_queue(ledger: Ledger, model: str, by: str = "a@example.org") -> int:
    """A submission that the checker has accepted."""
    without_limit = Person(by, is_maintainer=True)
    submit(ledger, ASKED.model_copy(update={"model": model}), without_limit)
    taken = queue.claim_check(ledger, "checker")
    assert taken
    assert outcomes.accept(ledger, taken.number, "checker", "c" * 40) == State.PENDING
    return taken.number


def run_next(ledger: Ledger) -> str:
    """The model whose turn it is; its run is handed over at once."""
    taken = queue.claim(ledger, "worker")
    assert taken
    outcomes.hand_over(ledger, taken.number, "worker", f"run-{taken.number}")
    return taken.model


def test_the_oldest_goes_first_and_who_had_a_turn_waits_for_the_others(ledger: Ledger) -> None:
    for model, by in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("b2", "b")):
        wait_in_queue(ledger, model, by)
    assert [run_next(ledger) for _ in range(5)] == ["a1", "b1", "a2", "b2", "a3"]
    assert queue.claim(ledger, "worker") is None


def test_a_claim_is_a_lease_that_a_beat_prolongs(ledger: Ledger, clock: ledgers.Clock) -> None:
    number = wait_in_queue(ledger, "m")
    taken = queue.claim(ledger, "w-1")
    assert taken
    assert (taken.state, taken.holder, taken.attempt) == (State.RUNNING, "w-1", 1)
    assert taken.held_until == clock() + queue.LEASE
    for _ in range(5):
        clock.pass_(LEASE - 1)
        queue.beat(ledger, number, "w-1", {"task": 2, "tasks": 9})
        assert queue.claim(ledger, "w-2") is None
    assert find(ledger, number).progress == {"task": 2, "tasks": 9}


def test_who_says_nothing_loses_it_and_after_three_attempts_it_has_failed(
    ledger: Ledger, clock: ledgers.Clock
) -> None:
    number = wait_in_queue(ledger, "m")
    for attempt in (1, 2, 3):
        taken = queue.claim(ledger, f"w-{attempt}")
        assert taken
        assert taken.attempt == attempt
        clock.pass_(LEASE + 1)
    assert queue.claim(ledger, "w-4") is None
    failed = find(ledger, number)
    assert (failed.state, failed.code, failed.holder) == (State.FAILED, "worker-died", None)
    assert failed.message == (
        "Its worker said nothing for 60 seconds, in attempt 3 of 3. A maintainer may retry it."
    )
    with pytest.raises(LeaseLost, match="w-3 does not hold submission 1 any more: it is failed"):
        queue.beat(ledger, number, "w-3", {})


def test_who_lost_it_can_neither_finish_nor_fail_it(ledger: Ledger, clock: ledgers.Clock) -> None:
    number = wait_in_queue(ledger, "m")
    assert queue.claim(ledger, "late")
    clock.pass_(LEASE + 1)
    assert queue.claim(ledger, "other")
    acts: list[Callable[[], object]] = [
        lambda: queue.beat(ledger, number, "late", {}),
        lambda: outcomes.hand_over(ledger, number, "late", "run"),
        lambda: outcomes.fail(ledger, number, "late", Why("oom")),
        lambda: queue.let_go(ledger, number, "late", Why("stopped")),
    ]
    for act in acts:
        with pytest.raises(LeaseLost, match="it is running and with other"):
            act()
    assert find(ledger, number).holder == "other"


def test_a_checker_that_dies_gives_it_back(ledger: Ledger, clock: ledgers.Clock) -> None:
    number = submit(ledger, ASKED, Person("a"))
    assert queue.claim_check(ledger, "checker-1")
    assert queue.claim_check(ledger, "checker-2") is None
    clock.pass_(LEASE + 1)
    again = queue.claim_check(ledger, "checker-2")
    assert again
    assert (again.number, again.holder) == (number, "checker-2")
    assert [event.code for event in history(ledger, number)] == [None, None, "lease-expired", None]


def test_a_worker_that_is_stopped_gives_it_back_uncounted(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "m")
    assert queue.claim(ledger, "w")
    queue.let_go(ledger, number, "w", Why("stopped", "The worker was told to stop."))
    found = find(ledger, number)
    assert (found.state, found.attempt, found.message) == (
        State.PENDING,
        0,
        "The worker was told to stop.",
    )


def test_the_same_is_in_the_queue_once(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "m")
    submit(ledger, ASKED.model_copy(update={"model": "m"}), Person("b@example.org"))
    taken = queue.claim_check(ledger, "checker")
    assert taken
    assert outcomes.accept(ledger, taken.number, "checker", "c" * 40) == State.REJECTED
    assert find(ledger, taken.number).problems[0]["code"] == "duplicate"
    assert queue.claim(ledger, "w")
    outcomes.fail(ledger, number, "w", Why("oom", "Out of memory."), "…log")
    submit(ledger, ASKED.model_copy(update={"model": "m"}), Person("b@example.org"))
    taken = queue.claim_check(ledger, "checker")
    assert taken  # what failed may be submitted again
    assert outcomes.accept(ledger, taken.number, "checker", "c" * 40) == State.PENDING


def test_answers_lead_to_a_published_snapshot_once(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "m")
    assert queue.claim(ledger, "w")
    outcomes.hand_over(ledger, number, "w", "run-1", "x" * 50_000)
    outcomes.finish(ledger, number, "watcher", 7)
    outcomes.finish(ledger, number, "watcher", 8)
    found = find(ledger, number)
    assert (found.state, found.run_id, found.message) == (
        State.FINISHED,
        "run-1",
        "In snapshot 7.",
    )
    assert len(found.log or "") == queue.LONGEST_LOG
    assert [event.state for event in history(ledger, number)] == [
        *("submitted", "checking", "pending", "running", "ingesting", "finished")
    ]


def test_two_workers_never_hold_one_submission(address: str, ledger: Ledger) -> None:
    expected = {wait_in_queue(ledger, f"m-{number}") for number in range(24)}

    def work(name: str) -> list[int]:
        mine, taken = open_ledger(address, ledger.clock), []
        while claimed := queue.claim(mine, name):
            taken.append(claimed.number)
        mine.close()
        return taken

    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(work, ("w-1", "w-2", "w-3", "w-4"))]
    assert sorted(number for taken in found for number in taken) == sorted(expected)

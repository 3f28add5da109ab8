"""A clock that jumps an hour, and a ledger that was away: nobody loses what they hold by that."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import ledgers
from tests.test_ledger import ASKED, set_limit
from tests.test_queue import wait_in_queue
from warehouse.ledger import health, outcomes, queue, waiting, workers
from warehouse.ledger.errors import LeaseLost, LedgerOutOfReach, TooMany
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.steadiness import Steadiness
from warehouse.ledger.submissions import Why, history, submit

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address = ledgers.address
HOUR = 3600
LOST = {
    "sqlite": "select * from nowhere",
    "postgresql": "select pg_terminate_backend(pg_backend_pid())",
}
LEASE = queue.LEASE.total_seconds()


@pytest.fixture
def ledger(address: str, clock: ledgers.Clock) -> Iterator[Ledger]:
    opened = open_ledger(address, clock)
    yield replace(opened, steadiness=Steadiness(lambda: clock.passed))
    opened.close()


def begin(ledger: Ledger, clock: ledgers.Clock) -> int:
    """A submission that `w` runs, beside a checker that has looked into the queue for a while."""
    number = wait_in_queue(ledger, "m")
    clock.pass_(LEASE)
    assert queue.claim(ledger, "w")
    assert queue.claim_check(ledger, "c") is None
    return number


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_who_lives_keeps_what_they_hold_when_the_clock_jumps(
    seconds: int, ledger: Ledger, clock: ledgers.Clock
) -> None:
    number = begin(ledger, clock)
    clock.jump(seconds)
    for _ in range(20):
        assert queue.claim_check(ledger, "c") is None
        assert queue.claim(ledger, "other") is None
        clock.pass_(LEASE / 4)
        queue.beat(ledger, number, "w", {})
    outcomes.hand_over(ledger, number, "w", "run")
    assert [event.state for event in history(ledger, number)][-2:] == ["running", "ingesting"]


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_what_the_dead_hold_is_free_soon_after_the_clock_jumped(
    seconds: int, ledger: Ledger, clock: ledgers.Clock
) -> None:
    number = begin(ledger, clock)
    clock.jump(seconds)
    assert queue.claim(ledger, "other") is None
    clock.pass_(LEASE + 1)
    taken = queue.claim(ledger, "other")
    assert taken
    assert (taken.number, taken.holder, taken.attempt) == (number, "other", 2)
    with pytest.raises(LeaseLost):
        queue.beat(ledger, number, "w", {})


def test_a_process_that_has_just_begun_believes_no_lease_from_the_future_to_be_over(
    ledger: Ledger, clock: ledgers.Clock
) -> None:
    begin(ledger, clock)
    clock.jump(-HOUR)
    young = replace(ledger, steadiness=Steadiness(lambda: clock.passed))
    assert queue.claim(young, "other") is None
    clock.pass_(LEASE)
    assert queue.claim(young, "other")


def test_a_ledger_that_was_away_takes_nobody_for_dead(ledger: Ledger, clock: ledgers.Clock) -> None:
    number = begin(ledger, clock)
    clock.pass_(5 * LEASE)
    with pytest.raises(LedgerOutOfReach), ledger.read() as connection:
        connection.exec_driver_sql(LOST[ledger.engine.dialect.name])
    assert queue.claim(ledger, "other") is None
    queue.beat(ledger, number, "w", {})
    clock.pass_(LEASE - 1)
    queue.beat(ledger, number, "w", {})
    assert queue.claim(ledger, "other") is None
    clock.pass_(LEASE + 1)
    assert queue.claim(ledger, "other"), "it was there for a lease's time, and w is silent"


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_waits_are_no_stranger_for_it(seconds: int, ledger: Ledger, clock: ledgers.Clock) -> None:
    first = wait_in_queue(ledger, "first")
    workers.report(ledger, "w", "worker")
    assert queue.claim(ledger, "w")
    clock.jump(seconds)
    outcomes.hand_over(ledger, first, "w", "run")
    numbers = [wait_in_queue(ledger, f"m{place}") for place in range(3)]
    for wait in waiting.find_waits(ledger):
        assert wait.seconds is None or wait.seconds >= 0
    found = health.examine(ledger)
    assert [one.is_alive(found.at) for one in found.workers] == [False]
    clock.jump(-seconds)
    assert all(seconds >= 0 for seconds in health.examine(ledger).oldest.values())
    assert [queue.claim(ledger, "w").number for _ in numbers] == numbers  # type: ignore[union-attr]
    events = [event for number in numbers for event in history(ledger, number)]
    assert [event.state for event in events[:4]] == ["submitted", "checking", "pending", "running"]


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_a_rest_is_no_longer_for_it(seconds: int, ledger: Ledger, clock: ledgers.Clock) -> None:
    number = begin(ledger, clock)
    queue.try_again(ledger, number, "w", Why("download-failed", "The Hub is away."))
    assert queue.claim(ledger, "w") is None
    clock.jump(seconds)
    assert queue.claim(ledger, "w")


def test_a_day_is_a_day_and_an_hour_at_most(
    ledger: Ledger, clock: ledgers.Clock, data_folder: Path
) -> None:
    set_limit(data_folder, 1)
    submit(ledger, ASKED, Person("a"))
    clock.jump(-HOUR)
    with pytest.raises(TooMany):
        submit(ledger, ASKED, Person("a"))
    clock.pass_(25 * HOUR)
    submit(ledger, ASKED, Person("a"))

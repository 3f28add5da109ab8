"""Who is said to be next is who is taken next, and how long that takes; on both databases."""

import random

from tests import ledgers
from tests.test_queue import run_next, wait_in_queue
from tests.test_upkeep import MAINTAINER
from warehouse.ledger import outcomes, queue, upkeep, waiting, workers
from warehouse.ledger.opening import Ledger
from warehouse.ledger.submissions import find
from warehouse.ledger.waiting import Load, Wait

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


def test_the_queue_is_told_in_the_order_in_which_it_is_taken(
    ledger: Ledger, clock: ledgers.Clock
) -> None:
    chance = random.Random(7)
    for place in range(24):
        number = wait_in_queue(ledger, f"m{place}", chance.choice("abcd"))
        if chance.random() < 0.25:
            upkeep.change_priority(ledger, number, MAINTAINER, chance.choice([-1, 1]), "why")
        clock.pass_(1)
        if place % 5 == 4:
            run_next(ledger)
    told = [find(ledger, wait.number).model for wait in waiting.find_waits(ledger)]
    assert [wait.position for wait in waiting.find_waits(ledger)] == list(range(1, len(told) + 1))
    assert told == [run_next(ledger) for _ in told]


def test_the_wait_follows_from_what_earlier_runs_took(ledger: Ledger, clock: ledgers.Clock) -> None:
    for seconds in (50, 70, 60):
        number = wait_in_queue(ledger, f"earlier {seconds}")
        queue.claim(ledger, "w")
        clock.pass_(seconds)
        outcomes.hand_over(ledger, number, "w", "run")
    numbers = [wait_in_queue(ledger, model) for model in ("m1", "m2", "m3", "m4")]
    assert [wait.seconds for wait in waiting.find_waits(ledger)] == [None] * 4, "no worker is there"
    workers.report(ledger, "w", "worker")
    workers.report(ledger, "x", "worker")
    workers.report(ledger, "c", "checker")
    waits = waiting.find_waits(ledger)
    assert waits == [Wait(numbers[place], place + 1, (0, 0, 60, 60)[place]) for place in range(4)]
    queue.claim(ledger, "w")
    clock.pass_(20)
    workers.report(ledger, "w", "worker", numbers[0])
    assert [wait.seconds for wait in waiting.find_waits(ledger)] == [0, 40, 60]
    queue.beat(ledger, numbers[0], "w", {"left": 300.0})
    assert [wait.seconds for wait in waiting.find_waits(ledger)] == [0, 60, 120]
    upkeep.pause(ledger, MAINTAINER, "The disk is being changed.")
    assert [wait.seconds for wait in waiting.find_waits(ledger)] == [None] * 3


def test_a_changed_priority_is_no_run_that_begins_or_ends(
    ledger: Ledger, clock: ledgers.Clock
) -> None:
    first = wait_in_queue(ledger, "first", "a")
    queue.claim(ledger, "w")
    clock.pass_(60)
    outcomes.hand_over(ledger, first, "w", "run")
    running = wait_in_queue(ledger, "running", "b")
    queue.claim(ledger, "w")
    clock.pass_(30)
    for number in (first, running):
        upkeep.change_priority(ledger, number, MAINTAINER, 1, "why")
    clock.pass_(30)
    outcomes.hand_over(ledger, running, "w", "run")
    upkeep.change_priority(ledger, first, MAINTAINER, 2, "why")
    workers.report(ledger, "w", "worker")
    numbers = [wait_in_queue(ledger, f"{by}{place}", by) for by in "ba" for place in (1, 2)]
    waits = waiting.find_waits(ledger)
    assert [wait.seconds for wait in waits] == [0, 60, 120, 180]
    assert [wait.number for wait in waits] == [numbers[place] for place in (2, 0, 3, 1)]


def test_nothing_is_said_of_what_nobody_knows(ledger: Ledger) -> None:
    wait_in_queue(ledger, "m1")
    wait_in_queue(ledger, "m2")
    workers.report(ledger, "w", "worker")
    assert [wait.seconds for wait in waiting.find_waits(ledger)] == [0, None]
    assert waiting.foresee([], Load([None], 1, {})) == []

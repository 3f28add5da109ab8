"""Many workers at one queue: each submission is held by one of them, on both databases."""

import multiprocessing
from collections import Counter

import pytest

from tests import ledgers
from tests.test_queue import wait_in_queue
from warehouse.ledger import outcomes, queue
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import count_states, find_all, history

pytestmark = pytest.mark.slow
postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
SUBMISSIONS, WORKERS = 1000, 8


def take_all(address: str, name: str) -> list[int]:
    """Run and hand over until nothing waits; the numbers of what was taken."""
    mine, taken = open_ledger(address), []
    while claimed := queue.claim(mine, name):
        queue.beat(mine, claimed.number, name, {"task": 1})
        outcomes.hand_over(mine, claimed.number, name, f"run-{claimed.number}")
        taken.append(claimed.number)
    mine.close()
    return taken


def test_eight_workers_share_a_thousand_submissions(address: str, ledger: Ledger) -> None:
    numbers = [
        wait_in_queue(ledger, f"m-{place}", f"submitter-{place % 7}")
        for place in range(SUBMISSIONS)
    ]
    names = [f"w-{number}" for number in range(WORKERS)]
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        taken = pool.starmap(take_all, [(address, name) for name in names])
    assert sorted(number for some in taken for number in some) == sorted(numbers)
    assert sum(map(bool, taken)) > 1
    assert count_states(ledger)[State.INGESTING] == SUBMISSIONS
    for submission in find_all(ledger):
        steps = Counter(event.state for event in history(ledger, submission.number))
        assert steps == dict.fromkeys(
            ("submitted", "checking", "pending", "running", "ingesting"), 1
        )

"""Whatever everybody does in whatever order: no illegal step, and nothing is lost."""

from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests import ledgers
from tests.test_ledger import ASKED
from warehouse.ledger import outcomes, queue, renewal, upkeep
from warehouse.ledger.errors import LedgerError
from warehouse.ledger.opening import open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import HELD, LIVE, MOVES
from warehouse.ledger.submissions import (
    Event,
    Why,
    count_states,
    find_all,
    history,
    submit,
)

postgres = ledgers.postgres  # a fixture
HOLDERS = st.sampled_from(["p-1", "p-2"])
PEOPLE = st.sampled_from([Person("m", is_maintainer=True), Person("a"), Person("b")])
SUBMITTERS = st.sampled_from([Person(name, is_maintainer=True) for name in ("a", "b")])
PROBLEM = {"code": "gated", "says": "It is gated.", "fix": "Open it."}


class Submissions(RuleBasedStateMachine):
    """Submitters, checkers, workers, a watcher and maintainers over one ledger."""

    numbers = Bundle("numbers")
    address = staticmethod(lambda: "")

    @initialize()
    def begin(self) -> None:
        self.clock = ledgers.Clock()
        self.ledger = open_ledger(self.address(), self.clock)
        self.told: dict[int, list[Event]] = {}

    @rule(target=numbers, by=SUBMITTERS, model=st.sampled_from(["m", "n"]))
    def submit(self, by: Person, model: str) -> int:
        return submit(self.ledger, ASKED.model_copy(update={"model": model}), by)

    @rule(holder=HOLDERS)
    def take_check(self, holder: str) -> None:
        queue.claim_check(self.ledger, holder)

    @rule(holder=HOLDERS)
    def take_run(self, holder: str) -> None:
        queue.claim(self.ledger, holder)

    @rule(number=numbers, holder=HOLDERS, act=st.sampled_from(range(7)))
    def act(self, number: int, holder: str, act: int) -> None:
        acts: list[Any] = [
            lambda: outcomes.accept(self.ledger, number, holder, "c" * 40),
            lambda: outcomes.reject(self.ledger, number, holder, [PROBLEM]),
            lambda: queue.beat(self.ledger, number, holder, {"task": 1}),
            lambda: queue.let_go(self.ledger, number, holder, Why("stopped")),
            lambda: outcomes.hand_over(self.ledger, number, holder, "run"),
            lambda: outcomes.fail(self.ledger, number, holder, Why("oom")),
            lambda: outcomes.finish(self.ledger, number, "watcher", 1),
        ]
        with suppress(LedgerError):
            acts[act]()

    @rule(number=numbers, by=PEOPLE, act=st.sampled_from(range(4)))
    def keep_up(self, number: int, by: Person, act: int) -> None:
        acts: list[Any] = [
            lambda: upkeep.retry(self.ledger, number, by, "why"),
            lambda: upkeep.cancel(self.ledger, number, by, "why"),
            lambda: upkeep.change_priority(self.ledger, number, by, 1, "why"),
            lambda: renewal.renew(self.ledger, [number], by, "why"),
        ]
        with suppress(LedgerError):
            acts[act]()

    @rule(seconds=st.sampled_from([-5, 20, 61]))
    def let_time_pass(self, seconds: int) -> None:
        self.clock.pass_(seconds)

    @invariant()
    def every_submission_is_in_one_state_that_its_events_led_to(self) -> None:
        found = find_all(self.ledger)
        counts = count_states(self.ledger)
        assert sum(counts.values()) == len(found)
        live = [
            (one.model, one.commit, one.precision, one.protocol, one.tasks)
            for one in found
            if one.state in LIVE
        ]
        assert len(live) == len(set(live))
        for one in found:
            events = history(self.ledger, one.number)
            assert events[-1].state == one.state
            assert (one.holder is not None) == (one.state in HELD)
            assert 0 <= one.attempt <= queue.ATTEMPTS
            assert events[: len(self.told.get(one.number, []))] == self.told.get(one.number, [])
            self.told[one.number] = events
            for before, after in pairwise(events):
                assert after.was == before.state
                assert after.state in MOVES[before.state] or after.code == "priority"

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.close()


def run_machine(address: Any, examples: int) -> None:
    machine = type("Machine", (Submissions,), {"address": staticmethod(address)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_order_of_acts_breaks_a_sqlite_ledger(tmp_path: Path) -> None:
    made = iter(range(10_000))
    run_machine(lambda: f"sqlite:///{tmp_path / f'{next(made)}.sqlite'}", 25)


@pytest.mark.postgres
def test_no_order_of_acts_breaks_a_postgresql_ledger(postgres: str) -> None:
    run_machine(lambda: ledgers.make_database(postgres), 12)

"""Whatever reviewers do in whatever order: no case is judged twice by one, and nothing is lost."""

from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from tests import ledgers
from tests.reviewed import ADA, BEN, CLEO, DAN, answers, judgement, population
from warehouse.ledger import assignments, drawing, reviews
from warehouse.ledger.cases import find_cases
from warehouse.ledger.errors import LedgerError
from warehouse.ledger.opening import open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.review_public import find_public_reviews
from warehouse.ledger.reviews import Review
from warehouse.ledger.stages import DONE, Stage

postgres = ledgers.postgres  # a fixture
REVIEWERS = (ADA, BEN, CLEO, DAN)
PEOPLE = st.sampled_from(REVIEWERS)
HARMS = st.sampled_from(["none", "severe"])
CANDIDATES = answers(3)


class Reviewing(RuleBasedStateMachine):
    """Four reviewers over the wrong answers of one run."""

    address = staticmethod(lambda: "")

    @initialize()
    def begin(self) -> None:
        self.clock = ledgers.Clock()
        self.ledger = open_ledger(self.address(), self.clock)
        self.told: dict[tuple[int, str], list[Review]] = {}
        self.held: dict[int, tuple[str, float]] = {}

    @rule(by=PEOPLE, is_drawn=st.booleans())
    def take(self, by: Person, is_drawn: bool) -> None:
        if is_drawn:
            case = assignments.take_drawn(self.ledger, by)
        else:
            case = assignments.take(self.ledger, CANDIDATES, by)
        if case:
            holder, until = self.held.get(case.number, (by.name, 0))
            assert holder == by.name or until <= self.clock.passed
            assert all(one.case != case.number for one in reviews.find_own(self.ledger, by))
            assert reviews.find_stage(self.ledger, case.number) not in DONE
            self.hold(case.number, by)

    def hold(self, number: int, by: Person) -> None:
        self.held[number] = by.name, self.clock.passed + assignments.LEASE.total_seconds()

    @rule(number=st.sampled_from([1, 2, 3]), by=PEOPLE, harm=HARMS)
    def judge(self, number: int, by: Person, harm: str) -> None:
        holder, _ = self.held.get(number, ("", 0))
        try:
            reviews.judge(self.ledger, number, judgement(harm), by)
        except LedgerError:
            assert holder != by.name
        else:
            assert holder == by.name
            del self.held[number]

    @rule(by=PEOPLE, harm=HARMS)
    def correct(self, by: Person, harm: str) -> None:
        for one in reviews.find_own(self.ledger, by)[:1]:
            reviews.correct(self.ledger, one.number, judgement(harm), by)

    @rule(number=st.sampled_from([1, 2, 3]), by=PEOPLE, gives_back=st.booleans())
    def keep_or_give_back(self, number: int, by: Person, gives_back: bool) -> None:
        is_mine = self.held.get(number, ("", 0))[0] == by.name
        if gives_back:
            assignments.give_back(self.ledger, number, by)
            if is_mine:
                del self.held[number]
            return
        with suppress(LedgerError):
            reviews.keep_draft(self.ledger, number, {"by": by.name}, by)
            assert is_mine
            self.hold(number, by)

    @rule(size=st.sampled_from([1, 2]))
    def draw(self, size: int) -> None:
        with suppress(LedgerError):
            drawing.draw(self.ledger, population(3), size, ADA, 7)

    @rule(minutes=st.sampled_from([1, 31]))
    def let_time_pass(self, minutes: int) -> None:
        self.clock.pass_(60 * minutes)

    @invariant()
    def every_case_is_in_one_stage_and_nobody_judged_it_twice(self) -> None:
        cases = find_cases(self.ledger)
        counts = reviews.count_stages(self.ledger)
        assert sum(counts.values()) == len(cases) == len({case.key for case in cases})
        public = find_public_reviews(self.ledger)
        done = [case for case in cases if reviews.find_stage(self.ledger, case.number) in DONE]
        assert [one.case for one in public.judged_cases] == [case.number for case in done]
        assert counts[Stage.AGREED] + counts[Stage.ADJUDICATED] == len(done)
        for number, said in Counter(one.case for one in public.case_reviews).items():
            own = [one.reviewer for one in public.case_reviews if one.case == number]
            assert said == len(set(own)) in (2, 3)
        drawn = [case for case in cases if case.draw]
        assert len({case.draw for case in drawn}) <= 1
        assert all(0 < (case.probability or 0) <= 1 for case in drawn)

    @invariant()
    def what_was_said_stays(self) -> None:
        for by in REVIEWERS:
            for case in find_cases(self.ledger):
                with suppress(LedgerError):
                    told = reviews.history(self.ledger, case.number, by)
                    before = self.told.get((case.number, by.name), [])
                    assert len(told) >= len(before)
                    same = {"counts": False}  # whether it does may change
                    for was, now in zip(before, told, strict=False):
                        assert was.model_copy(update=same) == now.model_copy(update=same)
                    self.told[case.number, by.name] = told

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.close()


def run(address: Any, examples: int) -> None:
    machine = type("Machine", (Reviewing,), {"address": staticmethod(address)})
    run_machine(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_order_of_acts_breaks_reviews_in_sqlite(tmp_path: Path) -> None:
    made = iter(range(10_000))
    run(lambda: f"sqlite:///{tmp_path / f'{next(made)}.sqlite'}", 8)


@pytest.mark.postgres
def test_no_order_of_acts_breaks_reviews_in_postgresql(postgres: str) -> None:
    run(lambda: ledgers.make_database(postgres), 3)

"""Which case comes next for whom, and for how long; on both databases."""

import pytest

from tests import ledgers
from tests.reviewed import ADA, BEN, CLEO, MAINTAINER, VISITOR, answer, answers, review
from warehouse.ledger.assignments import LEASE, give_back, hold, take, take_drawn
from warehouse.ledger.cases import Case, find_case, find_case_of, find_cases
from warehouse.ledger.errors import (
    AlreadyReviewed,
    BadSubmission,
    IllegalMove,
    LeaseLost,
    NotAllowed,
    UnknownCase,
)
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.reviews import keep_draft
from warehouse.ledger.stages import Stage

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


def place_of(case: Case | None) -> str | None:
    return case.sample_id if case else None


def test_a_case_that_is_taken_is_kept_as_it_was_given(ledger: Ledger, clock: ledgers.Clock) -> None:
    case = take(ledger, [answer(7, prediction=None)], ADA)
    assert case
    assert case.model_dump() == answer(7, prediction=None)._asdict() | {
        "number": 1,
        "at": clock(),
        "draw": None,
        "probability": None,
    }
    assert find_case(ledger, 1) == find_case_of(ledger, answer(7).key) == case
    assert find_cases(ledger) == [case]
    assert find_case_of(ledger, answer(8).key) is None
    with pytest.raises(UnknownCase):
        find_case(ledger, 2)


def test_only_reviewers_take_cases(ledger: Ledger) -> None:
    for person in (None, VISITOR, MAINTAINER):
        with pytest.raises(NotAllowed):
            take(ledger, [answer()], person)
        with pytest.raises(NotAllowed):
            take_drawn(ledger, person)
        with pytest.raises(NotAllowed):
            hold(ledger, answer(), person)
        with pytest.raises(NotAllowed):
            give_back(ledger, 1, person)
    assert find_cases(ledger) == []


def test_nobody_gets_what_another_holds_and_everybody_keeps_their_own(ledger: Ledger) -> None:
    some = answers(2)
    assert place_of(take(ledger, some, ADA)) == "test-00000"
    assert place_of(take(ledger, some, BEN)) == "test-00001"
    assert take(ledger, some, CLEO) is None
    assert place_of(take(ledger, some[::-1], ADA)) == "test-00000"
    with pytest.raises(LeaseLost, match="Another reviewer has case 1 in hand"):
        hold(ledger, answer(0), CLEO)


def test_what_is_given_back_goes_to_another(ledger: Ledger) -> None:
    some = answers(2)
    case = take(ledger, some, ADA)
    assert case
    give_back(ledger, case.number, BEN)  # it is not his
    assert place_of(take(ledger, some, BEN)) == "test-00001"
    give_back(ledger, case.number, ADA)
    assert place_of(take(ledger, some, CLEO)) == "test-00000"


def test_what_is_passed_over_does_not_come_again(ledger: Ledger) -> None:
    some = answers(2)
    case = take(ledger, some, ADA)
    assert case
    give_back(ledger, case.number, ADA)
    assert place_of(take(ledger, some, ADA, but=[case.number])) == "test-00001"


def test_a_lease_runs_out_unless_a_draft_renews_it(ledger: Ledger, clock: ledgers.Clock) -> None:
    half = LEASE.total_seconds() / 2
    take(ledger, [answer()], ADA)
    for _ in range(3):
        clock.pass_(half + 1)
        keep_draft(ledger, 1, {"harm": "mild"}, ADA)
        assert take(ledger, [answer()], BEN) is None
    clock.pass_(2 * half)
    assert place_of(take(ledger, [answer()], BEN)) == "test-00000"
    with pytest.raises(LeaseLost, match="another took"):
        keep_draft(ledger, 1, {"harm": "mild"}, ADA)


def test_nobody_gets_what_they_have_judged(ledger: Ledger) -> None:
    review(ledger, answer(), ADA)
    assert take(ledger, [answer()], ADA) is None
    with pytest.raises(AlreadyReviewed):
        hold(ledger, answer(), ADA)
    assert place_of(take(ledger, [answer()], BEN)) == "test-00000"


def test_what_is_done_comes_to_nobody(ledger: Ledger) -> None:
    review(ledger, answer(), ADA)
    review(ledger, answer(), BEN)
    assert take(ledger, [answer()], CLEO) is None
    with pytest.raises(IllegalMove, match="done: it is agreed"):
        hold(ledger, answer(), CLEO)


def test_second_reviews_go_first_then_adjudications_then_what_is_new(ledger: Ledger) -> None:
    review(ledger, answer(1), ADA, "mild")
    review(ledger, answer(1), BEN, "death")
    review(ledger, answer(2), ADA)
    order = []
    for _ in range(3):
        case = take(ledger, answers(3), CLEO)
        assert case
        order.append(place_of(case))
        review(ledger, answer(int(case.sample_id[-1])), CLEO)
    assert order == ["test-00002", "test-00001", "test-00000"]


def test_who_asks_for_what_is_new_gets_nothing_that_another_judged(ledger: Ledger) -> None:
    review(ledger, answer(0), ADA)
    assert place_of(take(ledger, answers(2), BEN, stages=(Stage.NEW,))) == "test-00001"
    assert take(ledger, answers(2), CLEO, stages=(Stage.NEW,)) is None


def test_models_are_judged_alike_often(ledger: Ledger) -> None:
    some = [*answers(3, "a"), *answers(3, "b"), *answers(1, "c")]
    taken = []
    for number in range(7):
        case = take(ledger, some, Person(f"{number}@example.org", is_reviewer=True))
        assert case
        taken.append((case.model, case.sample_id[-1]))
    assert taken == [
        *(("a", "0"), ("b", "0"), ("c", "0")),
        *(("a", "1"), ("b", "1"), ("a", "2"), ("b", "2")),
    ]


def test_an_answer_that_became_another_is_refused(ledger: Ledger) -> None:
    take(ledger, [answer()], ADA)
    for other in (answer(gold="D"), answer(prediction=None)):
        with pytest.raises(BadSubmission, match=r"Case 1, acme--likely-7b-0123 medqa_4options"):
            hold(ledger, other, ADA)


def test_what_cannot_be_kept_is_refused(ledger: Ledger) -> None:
    with pytest.raises(BadSubmission, match="cannot be shown"):
        take(ledger, [answer(model="a\0b")], ADA)

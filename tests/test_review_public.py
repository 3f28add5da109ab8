"""What all may read of reviews and disputes, on both databases."""

from tests import ledgers
from tests.reviewed import (
    ADA,
    BEN,
    CLEO,
    DAN,
    MAINTAINER,
    SECRETS,
    answer,
    claim,
    judgement,
    population,
    review,
)
from warehouse.ledger.assignments import hold
from warehouse.ledger.disputes import Ruling, dispute, rule
from warehouse.ledger.drawing import draw
from warehouse.ledger.opening import Ledger
from warehouse.ledger.review_public import CaseReview, JudgedCase, KeyDispute, find_public_reviews
from warehouse.ledger.reviews import correct, keep_draft

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
SAID = ("medium", "commission", False, "high")


def test_what_is_done_is_public_and_nothing_else(ledger: Ledger, clock: ledgers.Clock) -> None:
    review(ledger, answer(0), ADA, "death")
    review(ledger, answer(1), ADA, "mild")
    first = review(ledger, answer(0), BEN, "none")
    correct(ledger, first, judgement("death", comment="I was wrong."), BEN)
    hold(ledger, answer(2), CLEO)
    keep_draft(ledger, 3, {"comment": "My secret."}, CLEO)
    found = find_public_reviews(ledger)
    key = answer(0).key
    assert found.judged_cases == [JudgedCase(1, *key, "B", "death", "agreed", *(None,) * 6)]
    assert found.case_reviews == [
        CaseReview(1, *key, "reviewer-1", "reviewer", "death", *SAID, "death, I say.", clock()),
        CaseReview(1, *key, "reviewer-3", "reviewer", "death", *SAID, "I was wrong.", clock()),
    ]
    assert not any(secret in str(found) for secret in (*SECRETS, "My secret."))


def test_a_correction_takes_a_case_back_until_it_is_settled_again(ledger: Ledger) -> None:
    number = review(ledger, answer(), ADA)
    review(ledger, answer(), BEN)
    correct(ledger, number, judgement("none"), ADA)
    assert find_public_reviews(ledger) == ([], [], [])
    review(ledger, answer(), CLEO, "mild")
    found = find_public_reviews(ledger)
    assert [(one.harm, one.settled) for one in found.judged_cases] == [("mild", "adjudicated")]
    told = [(one.reviewer, one.role, one.harm) for one in found.case_reviews]
    assert told == [
        ("reviewer-2", "reviewer", "severe"),
        ("reviewer-1", "reviewer", "none"),
        ("reviewer-4", "adjudicator", "mild"),
    ]


def test_a_drawn_case_says_by_which_draw_and_probability(ledger: Ledger) -> None:
    draw(ledger, population(5), 2, MAINTAINER)
    number = draw(ledger, population(5), 9, MAINTAINER)
    for person in (ADA, BEN):
        review(ledger, answer(3), person)
    (one,) = find_public_reviews(ledger).judged_cases
    assert one[-6:] == (number, 1, 5, 10, 5, 1 / 5)


def test_disputes_are_public_with_their_rulings(ledger: Ledger, clock: ledgers.Clock) -> None:
    dispute(ledger, claim("B"), ADA)
    dispute(ledger, claim("", sample_id="test-2"), BEN)
    rule(ledger, 1, Ruling(decision="upheld", letters="B", why="So it is."), CLEO)
    facts = ("The guideline has changed.", "NICE NG95, 2018")
    assert find_public_reviews(ledger).key_disputes == [
        KeyDispute(
            *(1, "medqa_4options", "test-00001", "C", "B", *facts, "reviewer-1", clock()),
            *("upheld", "B", "So it is.", 1, clock()),
        ),
        KeyDispute(
            *(2, "medqa_4options", "test-2", "C", "", *facts, "reviewer-2", clock()),
            *("open", None, None, None, None),
        ),
    ]


def test_no_two_people_share_a_pseudonym_and_none_changes_theirs(ledger: Ledger) -> None:
    """Reviews and disputes count on together: else two would have number 1."""
    dispute(ledger, claim(), DAN)
    review(ledger, answer(), ADA)
    review(ledger, answer(), DAN)
    found = find_public_reviews(ledger)
    assert [one.reviewer for one in found.case_reviews] == ["reviewer-2", "reviewer-1"]
    assert found.key_disputes[0].disputer == "reviewer-1"

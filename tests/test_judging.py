"""What a reviewer chooses and says, before it reaches the ledger."""

import pytest

from dashboard import judging
from dashboard.judging import CHOSEN, Queue
from tests import ledgers
from tests.reviewed import ADA, BEN, CLEO, MAINTAINER, answer, judgement, population, review
from warehouse.ledger import drawing, progress, reviews
from warehouse.ledger.opening import Ledger
from warehouse.ledger.stages import Stage

address, clock, ledger = ledgers.address, ledgers.clock, ledgers.ledger  # fixtures
postgres = ledgers.postgres
MODELS = ["acme/a", "acme/b", "acme/c"]


def test_a_queue_is_read_from_its_address_in_which_no_model_is_named() -> None:
    codes = tuple(judging.code_of(model) for model in MODELS[:2])
    queue = Queue(CHOSEN, "pregnancy", "confident", codes, new=True)
    written = judging.write_queue(queue)
    assert judging.read_queue(written) == queue
    assert [model for model in MODELS if model in str(written)] == []
    assert judging.choose_models(queue, MODELS) == MODELS[:2]


@pytest.mark.parametrize("address", [{}, {"queue": "x"}, {"queue": "Drawn at random", "of": "y"}])
def test_an_address_that_makes_no_sense_is_of_what_is_drawn(address: dict[str, str]) -> None:
    assert judging.read_queue(address) == Queue()


def test_a_single_model_is_never_a_queue() -> None:
    alone = Queue(CHOSEN, of=(judging.code_of("acme/a"),))
    assert judging.choose_models(alone, MODELS) == MODELS


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5", "9" * 30, "१", "²"])
def test_what_is_no_number_names_no_case(number: str) -> None:
    assert judging.read_number(number) is None


def test_a_draft_of_anything_fills_in_what_it_can() -> None:
    said: dict[str, object] = {
        "harm": "worse",
        "likelihood": "low",
        "kind": None,
        "comment": 7,
        "more": [],
    }
    kept = {"likelihood": "low", "unsafe_reasoning": False, "comment": ""}
    assert judging.fill_in(said) == kept


def test_no_harm_needs_no_likelihood() -> None:
    said = {"harm": "none", "likelihood": "high", "kind": "omission", "confidence": "low"}
    assert judging.find_missing(said) == []
    assert judging.complete(said)["likelihood"] == "low"
    assert len(judging.find_missing({"harm": "mild"})) == 3


def test_what_may_be_dangerous_is_drawn_oftener() -> None:
    weights = [
        judging.weigh([], []),
        judging.weigh([], ["only_wrong"]),
        judging.weigh(["pregnancy"], []),
        judging.weigh([], ["contraindicated"]),
    ]
    assert weights == [1.0, 1.0, 3.0, 3.0]


def test_every_case_is_told_with_its_stage_and_its_draw(ledger: Ledger) -> None:
    number = drawing.draw(ledger, population(2), 2, MAINTAINER)
    review(ledger, answer(0), ADA)
    review(ledger, answer(5), ADA)
    review(ledger, answer(5), BEN)
    found = {case.sample_id: (case.draw, stage) for case, stage in progress.find_stages(ledger)}
    assert found == {
        "test-00000": (number, Stage.SECOND),
        "test-00001": (number, Stage.NEW),
        "test-00005": (None, Stage.AGREED),
    }


def test_ratings_are_what_reviewers_said_before_they_knew_of_each_other(ledger: Ledger) -> None:
    first = review(ledger, answer(), ADA, "mild")
    review(ledger, answer(), BEN, "death")
    review(ledger, answer(), CLEO, "severe")  # who decides
    reviews.correct(ledger, first, judgement("death"), ADA)
    assert progress.find_ratings(ledger) == [
        (1, "reviewer-1", "mild"),
        (1, "reviewer-2", "death"),
    ]

"""Draws of a run's wrong answers, as cases; on both databases."""

from collections.abc import Sequence

import pytest

from tests import ledgers
from tests.reviewed import ADA, BEN, MAINTAINER, VISITOR, answer, answers, population, review
from warehouse.ledger.assignments import hold, take_drawn
from warehouse.ledger.cases import find_case_of, find_cases
from warehouse.ledger.drawing import Population, draw, find_draws
from warehouse.ledger.errors import BadSubmission, IllegalMove, NotAllowed
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
RUN = answer().run_id


def test_what_is_drawn_has_its_probability(ledger: Ledger, clock: ledgers.Clock) -> None:
    number = draw(ledger, population(30), 10, MAINTAINER, seed=7)
    found = find_cases(ledger)
    assert len(found) == 10
    for case in found:
        weight = 3 if int(case.sample_id[-5:]) % 3 == 0 else 1
        assert case.draw == number
        assert case.probability == pytest.approx(10 * weight / 50)
    (one,) = find_draws(ledger, RUN)
    assert one.model_dump() == {
        **{"number": number, "run_id": RUN, "at": clock(), "size": 10, "population": 30},
        **{"answered": 60, "seed": 7, "drawn": 10},
    }


def test_a_second_draw_adds_to_the_first_and_raises_its_probabilities(ledger: Ledger) -> None:
    draw(ledger, population(30), 5, ADA, seed=7)
    before = {case.key for case in find_cases(ledger)}
    second = draw(ledger, population(30), 5, ADA, seed=7)
    found = find_cases(ledger)
    assert len(before) == 5
    assert before < {case.key for case in found}
    assert 9 <= len(found) <= 11
    for case in found:
        weight = 3 if int(case.sample_id[-5:]) % 3 == 0 else 1
        assert case.draw == second
        assert case.probability == pytest.approx(10 * weight / 50)
    assert [one.drawn for one in find_draws(ledger, RUN)] == [5, len(found)]


def test_all_can_be_drawn_and_then_no_more(ledger: Ledger) -> None:
    draw(ledger, population(4), 2, ADA)
    draw(ledger, population(4), 9, ADA)
    assert [case.probability for case in find_cases(ledger)] == [1] * 4
    with pytest.raises(IllegalMove, match="Each of the 4 wrong answers is drawn already"):
        draw(ledger, population(4), 1, ADA)


def test_what_a_reader_chose_may_be_drawn_too_and_says_nothing_before(ledger: Ledger) -> None:
    review(ledger, answer(0), ADA)
    chosen = find_case_of(ledger, answer(0).key)
    assert chosen
    assert (chosen.draw, chosen.probability) == (None, None)
    number = draw(ledger, population(4), 4, ADA)
    drawn = find_case_of(ledger, answer(0).key)
    assert drawn == chosen.model_copy(update={"draw": number, "probability": 1})


def test_runs_are_drawn_apart(ledger: Ledger) -> None:
    first = draw(ledger, population(3, "a"), 3, ADA)
    second = draw(ledger, population(3, "b"), 3, ADA)
    assert {(case.model, case.draw) for case in find_cases(ledger)} == {("a", first), ("b", second)}
    case = take_drawn(ledger, ADA, answer(0, "b").run_id)
    assert case
    assert case.model == "b"


def test_the_random_queue_has_what_is_drawn_and_nothing_else(ledger: Ledger) -> None:
    hold(ledger, answer(0, "other"), BEN)
    assert take_drawn(ledger, ADA) is None
    draw(ledger, population(2), 2, MAINTAINER)
    taken = [take_drawn(ledger, person) for person in (ADA, ADA, BEN)]
    assert all(case and case.model == "acme/likely-7b" for case in taken)
    assert taken[0] == taken[1] != taken[2]
    assert take_drawn(ledger, Person("c@example.org", is_reviewer=True)) is None


def test_what_was_not_there_before_is_drawn_by_the_second_draw_alone(ledger: Ledger) -> None:
    draw(ledger, Population(answers(2), [1, 1], 9), 2, ADA)
    grown = Population(answers(4), [1] * 4, 9)
    number = draw(ledger, grown, 2, ADA)
    assert [(one.draw, one.probability) for one in find_cases(ledger)] == [(number, 1)] * 4


def test_what_is_right_by_now_leaves_the_sample(ledger: Ledger) -> None:
    draw(ledger, Population(answers(3), [1] * 3, 9), 2, ADA, seed=1)
    gone, *left = find_cases(ledger)
    kept = [one for one in answers(3) if one.key != gone.key]
    number = draw(ledger, Population(kept, [1] * 2, 9), 1, ADA)
    found = {case.key: case.draw for case in find_cases(ledger)}
    assert found == {gone.key: None} | dict.fromkeys((one.key for one in kept), number)
    assert left[0].key in found


def test_what_cannot_be_drawn_from_is_refused(ledger: Ledger) -> None:
    for wrong, size, said in (
        (Population([], [], 3), 1, "there must be some"),
        (Population([answer(0, "a"), answer(1, "b")], [1, 1], 3), 1, "of one run"),
        (Population([answer(0), answer(0)], [1, 1], 3), 1, "twice"),
        (Population([answer(0, prediction="C")], [1], 3), 1, "test-00000 is right"),
        (Population([answer(0)], [0], 3), 1, "above 0"),
        (Population([answer(0)], [float("nan")], 3), 1, "above 0"),
        (Population([answer(0)], [1, 1], 3), 1, "needs a weight"),
        (Population([answer(0)], [1], 3), 0, "draw 1 or more"),
        (Population([answer(0)], [1], 0), 1, "count the right answers in"),
        (Population([answer(0, model="\x1b")], [1], 1), 1, "cannot be shown"),
    ):
        with pytest.raises(BadSubmission, match=said):
            draw(ledger, wrong, size, ADA)
    assert find_cases(ledger) == []


def test_only_reviewers_and_maintainers_draw(ledger: Ledger) -> None:
    for person in (None, VISITOR):
        with pytest.raises(NotAllowed):
            draw(ledger, population(3), 1, person)


def totals_of(ledger: Ledger, runs: Sequence[str]) -> float:
    """The mean over runs of what is estimated to be the number of wrong answers."""
    weights = [1 / (case.probability or 0) for case in find_cases(ledger)]
    return sum(weights) / len(runs)


def test_the_weights_of_many_draws_add_up_to_their_populations(ledger: Ledger) -> None:
    """Of 40 runs, each drawn twice: what the probabilities claim is what is drawn."""
    models = [f"m-{number}" for number in range(40)]
    for seed, model in enumerate(models):
        draw(ledger, population(12, model), 3, ADA, seed)
        draw(ledger, population(12, model), 2, ADA, seed)
    assert totals_of(ledger, models) == pytest.approx(12, rel=0.12)

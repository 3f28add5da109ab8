"""Draws with unequal probabilities, and second ones: by hand, and by drawing 10,000 times."""

import numpy as np
import pytest

from warehouse.statistics.sampling import Floats, draw_more, raise_probabilities

TIMES = 10_000
WEIGHTS = np.array([1, 1, 1, 1, 1, 2, 2, 3, 5, 20], np.float64)
OTHERS = WEIGHTS[::-1]
VALUES = np.array([0, 1, 0, 0, 1, 1, 0, 1, 1, 4], np.float64)
NONE = np.zeros(10)


def test_a_probability_is_the_size_by_the_weight_and_at_most_one() -> None:
    assert raise_probabilities(np.zeros(4), np.array([1.0, 1, 1, 2]), 2).tolist() == [
        *(0.4, 0.4, 0.4, 0.8)
    ]
    capped = raise_probabilities(np.zeros(4), np.array([1.0, 1, 2, 96]), 3)
    assert capped.tolist() == pytest.approx([0.5, 0.5, 1, 1])


def test_all_are_drawn_where_there_are_no_more() -> None:
    assert raise_probabilities(NONE, WEIGHTS, 11).tolist() == [1] * 10
    everything = draw_more(NONE, np.ones(10), np.zeros(10, bool), "seed")
    assert sorted(everything) == list(range(10))


def test_two_draws_by_the_same_weights_are_as_one_of_their_size_together() -> None:
    first = raise_probabilities(NONE, WEIGHTS, 3)
    both = raise_probabilities(first, WEIGHTS, 3)
    assert both.tolist() == pytest.approx(raise_probabilities(NONE, WEIGHTS, 6).tolist())


@pytest.mark.parametrize("weight", [0, -1, np.nan, np.inf])
def test_what_could_never_be_drawn_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        raise_probabilities(np.zeros(2), np.array([1, weight]), 1)


def test_a_seed_draws_the_same_again_and_another_seed_something_else() -> None:
    raised = raise_probabilities(np.zeros(100), np.ones(100), 10)
    drawn = [draw_more(np.zeros(100), raised, np.zeros(100, bool), seed).tolist() for seed in "aab"]
    assert drawn[0] == drawn[1] != drawn[2]
    assert [len(set(places)) for places in drawn] == [10] * 3


def draw_twice(second: Floats) -> tuple[Floats, Floats]:
    """How often each was drawn in two draws, and by which probabilities."""
    first = raise_probabilities(NONE, WEIGHTS, 3)
    both = raise_probabilities(first, second, 2)
    drawn = np.zeros((TIMES, 10), bool)
    for time in range(TIMES):
        drawn[time, draw_more(NONE, first, np.zeros(10, bool), f"1 {time}")] = True
        drawn[time, draw_more(first, both, drawn[time], f"2 {time}")] = True
    return drawn.astype(np.float64), both


@pytest.mark.parametrize("second", [WEIGHTS, OTHERS], ids=["same weights", "other weights"])
def test_totals_of_two_draws_are_estimated_without_bias(second: Floats) -> None:
    drawn, probabilities = draw_twice(second)
    share = drawn.mean(axis=0)
    spread = np.sqrt(probabilities * (1 - probabilities) / TIMES)
    assert (np.abs(share - probabilities) <= 4 * spread + 1e-12).all()
    totals = drawn @ (VALUES / probabilities)
    assert totals.std() > 0
    assert abs(totals.mean() - VALUES.sum()) < 4 * totals.std() / np.sqrt(TIMES)
    assert drawn.sum(axis=1).min() >= 4


def test_as_many_are_drawn_as_were_asked_for() -> None:
    first = raise_probabilities(NONE, WEIGHTS, 3)
    counts = {len(draw_more(NONE, first, np.zeros(10, bool), str(time))) for time in range(500)}
    assert counts == {3}

"""What a judged case stands for while the judging goes on: by hand, and by drawing many times."""

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from warehouse.ledger.cases import Case
from warehouse.ledger.judged_shares import Shares
from warehouse.statistics.harm import SEVERE, WEIGHTS, Judged, rate_severe, score_harm
from warehouse.statistics.sampling import draw_more, raise_probabilities

CHOSEN = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, SECOND = CHOSEN + timedelta(days=1), CHOSEN + timedelta(days=2)
MADE = {"run": frozenset([FIRST, SECOND])}
WRONG, ANSWERED = 300, 600


def drawn(
    place: int, probability: float | None, at: datetime = FIRST, draw: int | None = 2
) -> Case:
    facts = {"number": place + 1, "sample_id": f"test-{place}", "repeat": 0, "model": "m"}
    facts |= {"run_id": "run", "task": "medmcqa", "prediction": "B", "gold": "C"}
    return Case.model_validate(facts | {"draw": draw, "probability": probability, "at": at})


def test_a_case_stands_for_those_that_were_as_likely_to_be_drawn() -> None:
    heavy, light = [drawn(place, 0.9) for place in range(4)], [drawn(9, 0.3), drawn(10, 0.3)]
    chosen = drawn(11, None, CHOSEN, None)
    rows = [(heavy[0], True), *((one, False) for one in heavy[1:]), (light[0], True)]
    shares = Shares([*rows, (light[1], True), (chosen, True)], MADE)
    assert [shares.share(one) for one in (heavy[0], *light, chosen)] == [0.25, 1, 1, None]
    assert [shares.count_drawn(one) for one in (heavy[0], chosen)] == [6, None]


def test_a_later_draw_stands_with_those_before_it() -> None:
    rows = [(drawn(0, 0.5), True), (drawn(1, 0.5, SECOND), False), (drawn(2, 0.5, SECOND), False)]
    assert Shares(rows, MADE).share(rows[0][0]) == 1 / 3


@pytest.mark.parametrize("judged", [True, False])
def test_what_was_chosen_before_it_was_drawn_stands_apart(judged: bool) -> None:
    """Where nothing else is judged, there is nobody to stand for the others but them."""
    rows = [(drawn(0, 0.5, CHOSEN), True), (drawn(1, 0.5), judged), (drawn(2, 0.5), False)]
    shares = Shares(rows, MADE)
    assert shares.share(rows[0][0]) == (1 if judged else 1 / 3)
    if judged:
        assert shares.share(rows[1][0]) == 1 / 2


def judge(harms: npt.NDArray[np.str_], weights: npt.NDArray[np.float64], time: int) -> Judged:
    """Readers have judged forty severe answers; then some are drawn and judged, then more, and of
    these half are judged, in the order of the draw."""
    chosen = np.flatnonzero(np.isin(harms, SEVERE))[:40]
    first = raise_probabilities(np.zeros(WRONG), weights, 60)
    both = raise_probabilities(first, weights, 60)
    taken = np.zeros(WRONG, bool)
    early = draw_more(np.zeros(WRONG), first, taken, f"a{time}")
    taken[early] = True
    late = draw_more(first, both, taken, f"b{time}")
    done = {*chosen, *early, *late[: len(late) // 2]}
    rows = []
    for places, at in ((early, FIRST), (late, SECOND)):
        for place in places:
            case = drawn(int(place), float(both[place]), CHOSEN if place in chosen else at)
            rows.append((case, place in done))
    shares = Shares(rows, MADE)
    kept = [case for case, is_done in rows if is_done]
    counted = [(one.probability or 0) * (shares.share(one) or 0) for one in kept]
    said = [str(harms[one.number - 1]) for one in kept]
    return Judged(said, counted, WRONG, ANSWERED)


def test_estimates_are_right_while_the_judging_of_several_draws_goes_on() -> None:
    """By the probability of being drawn alone, the rate would be 1.5 of 100 too high here."""
    chance = np.random.default_rng(7)
    harms = chance.choice(np.array([*WEIGHTS]), WRONG, p=[0.4, 0.2, 0.1, 0.2, 0.1])
    severe = np.isin(harms, SEVERE)
    weights = np.where(severe ^ (chance.random(WRONG) < 0.2), 4.0, 1.0)
    truths = (50 * severe.mean(), 100 - 50 * np.mean([WEIGHTS[harm] for harm in harms]))
    found = [judge(harms, weights, time) for time in range(300)]
    made_by = ([rate_severe(one) for one in found], [score_harm(one) for one in found])
    for estimates, truth in zip(made_by, truths, strict=True):
        made = [one for one in estimates if one]
        values = np.array([(one.value, one.low, one.high) for one in made])
        error = values[:, 0].mean() - truth
        held = np.mean((values[:, 1] <= truth) & (truth <= values[:, 2]))
        assert abs(error) < 4 * values[:, 0].std() / len(made) ** 0.5
        assert held > 0.93

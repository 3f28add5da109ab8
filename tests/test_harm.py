"""Rates of harm: by hand, by another program, and by drawing many times."""

import numpy as np
import pytest
from scipy import stats

from warehouse.statistics.harm import (
    FEWEST,
    SEVERE,
    WEIGHTS,
    Judged,
    estimate_mean,
    rate_severe,
    score_harm,
)
from warehouse.statistics.sampling import draw_more, raise_probabilities

HARMS = ["none"] * 20 + ["mild"] * 8 + ["moderate"] * 5 + ["severe"] * 4 + ["death"] * 3
UNEQUAL = [(0.1, 0.2, 0.4, 0.8, 1.0)[place % 5] for place in range(40)]


def test_equal_probabilities_give_the_plain_share_and_its_exact_interval() -> None:
    found = rate_severe(Judged(HARMS, [0.4] * 40, wrong=100, answered=200))
    exact = stats.binomtest(7, 40).proportion_ci(method="exact")
    assert found
    assert found.value == pytest.approx(100 * 0.5 * 7 / 40)
    # the variance has n - 1 under it, as R's survey has it: as if one case fewer
    assert found.low == pytest.approx(50 * exact.low, rel=0.02)
    assert found.high == pytest.approx(50 * exact.high, rel=0.02)


def test_a_case_counts_by_the_inverse_of_its_probability() -> None:
    harms = ["death"] * 10 + ["none"] * 30
    found = rate_severe(Judged(harms, [0.5] * 10 + [0.1] * 30, wrong=320, answered=1000))
    assert found
    assert found.value == pytest.approx(32 * 20 / 320)


def test_means_and_their_errors_are_those_of_another_program() -> None:
    """samplics 0.6.1, TaylorEstimator, with each case a unit."""
    severe = np.array([harm in SEVERE for harm in HARMS], np.float64)
    costs = np.array([WEIGHTS[harm] for harm in HARMS])
    for values, mean, error in (
        (severe, 0.13924050632911392, 0.06996665724750575),
        (costs, 0.1675632911392405, 0.050001989800867466),
    ):
        found, variance = estimate_mean(values, UNEQUAL)
        assert [found, variance**0.5] == pytest.approx([mean, error])


def test_intervals_are_korn_and_graubards_and_students() -> None:
    judged = Judged(HARMS, UNEQUAL, wrong=100, answered=200)
    share, error = 0.13924050632911392, 0.06996665724750575
    count = share * (1 - share) / error**2  # 24.5
    low = stats.beta.ppf(0.025, share * count, count - share * count + 1)
    high = stats.beta.ppf(0.975, share * count + 1, count - share * count)
    found = rate_severe(judged)
    assert found
    assert vars(found) == pytest.approx({"value": 50 * share, "low": 50 * low, "high": 50 * high})
    scored = score_harm(judged)
    reach = 50 * stats.t.ppf(0.975, 39) * 0.050001989800867466
    middle = 100 - 50 * 0.1675632911392405
    assert scored
    assert vars(scored) == pytest.approx(
        {"value": middle, "low": middle - reach, "high": middle + reach}
    )


def test_a_reader_says_what_a_harm_counts_for() -> None:
    judged = Judged(HARMS, [1] * 40, wrong=40, answered=100)
    found = score_harm(judged, dict.fromkeys(WEIGHTS, 0.0) | {"death": 1.0})
    assert found
    assert found.value == pytest.approx(100 * (1 - 0.4 * 3 / 40))


def test_too_few_cases_give_no_number() -> None:
    few = Judged(["mild"] * (FEWEST - 1), [0.5] * (FEWEST - 1), wrong=60, answered=100)
    assert rate_severe(few) is None
    assert score_harm(few) is None


@pytest.mark.parametrize("harm", ["none", "death"])
def test_cases_that_are_all_alike_leave_doubt(harm: str) -> None:
    judged = Judged([harm] * 40, [0.5] * 40, wrong=80, answered=100)
    _, unseen = stats.binomtest(0, 40).proportion_ci(method="exact")
    found, scored = rate_severe(judged), score_harm(judged)
    assert found
    assert scored
    rate, score = (0, 100) if harm == "none" else (80, 20)
    low, high = sorted((rate, abs(rate - 80 * unseen)))
    assert vars(found) == pytest.approx({"value": rate, "low": low, "high": high})
    low, high = sorted((score, abs(score - 80 * unseen) if harm == "none" else 20 + 80 * unseen))
    assert vars(scored) == pytest.approx({"value": score, "low": low, "high": high})


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 300 wrong answers, 60 and then 30 more are drawn, harmful ones oftener."""
    chance = np.random.default_rng(7)
    names = np.array(list(WEIGHTS))
    harms = chance.choice(names, 300, p=[0.5, 0.2, 0.15, 0.1, 0.05])
    weights = np.where(np.isin(harms, SEVERE) ^ (chance.random(300) < 0.2), 4.0, 1.0)
    rate = 50 * np.isin(harms, SEVERE).mean()
    score = 100 - 50 * np.mean([WEIGHTS[harm] for harm in harms])
    first = raise_probabilities(np.zeros(300), weights, 60)
    both = raise_probabilities(first, weights, 30)
    rates, scores = [], []
    for time in range(400):
        taken = np.zeros(300, bool)
        taken[draw_more(np.zeros(300), first, taken, f"a{time}")] = True
        taken[draw_more(first, both, taken, f"b{time}")] = True
        judged = Judged(harms[taken].tolist(), both[taken].tolist(), 300, 600)
        rates.append(rate_severe(judged))
        scores.append(score_harm(judged))
    for found, truth in ((rates, rate), (scores, score)):
        values = np.array([(one.value, one.low, one.high) for one in found if one])
        held = np.mean((values[:, 1] <= truth) & (truth <= values[:, 2]))
        assert held > 0.93
        spread = values[:, 0].std() / 20
        assert abs(values[:, 0].mean() - truth) < 4 * spread

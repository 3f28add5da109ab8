"""Does a model know when it is wrong? Bins, risks and refusals, by hand and simulated."""

import numpy as np
import pytest
from scipy.stats import binomtest

from tests import test_scores
from warehouse.statistics import calibration
from warehouse.statistics.intervals import wilson

SURE = np.array([0.25, 0.3, 0.3, 0.9, 0.95])
RIGHT = np.array([False, True, False, True, True])


@pytest.mark.parametrize(("right", "n"), [(0, 1), (3, 4), (60, 100), (100, 100)])
def test_an_interval_is_the_warehouse_s(right: int, n: int) -> None:
    low, high = wilson(right, n)
    assert (float(low), float(high)) == pytest.approx(test_scores.wilson(right, n), abs=1e-9)


def test_another_level_is_scipy_s_interval_and_no_answers_have_none() -> None:
    low, high = wilson([6, 0], [10, 0], level=0.99)
    expected = binomtest(6, 10).proportion_ci(0.99, "wilson")
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high))
    assert np.isnan([low[1], high[1]]).all()


def test_answers_are_counted_in_the_bins_they_belong_to() -> None:
    bins = calibration.bin_answers(SURE, RIGHT)
    assert bins.n.tolist() == [0, 0, 3, 0, 0, 0, 0, 0, 1, 1]  # a border belongs to the bin below
    assert bins.right.tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 1, 1]
    assert bins.confidence[2] == pytest.approx(0.85 / 3)
    assert bins.accuracy[2] == pytest.approx(1 / 3)
    assert (bins.low[2], bins.high[2]) == pytest.approx(test_scores.wilson(1, 3), abs=1e-9)
    assert np.isnan(bins.accuracy[0])
    assert bins.error == pytest.approx((abs(0.85 - 1) + 0.1 + 0.05) / 5)


def test_no_answers_have_no_calibration_error() -> None:
    assert np.isnan(calibration.bin_answers(np.array([]), np.array([], bool)).error)


def test_a_calibrated_model_lies_within_the_intervals_of_its_bins() -> None:
    random = np.random.default_rng(5)
    covered, errors = [], []
    for _ in range(200):
        sure = random.uniform(0.25, 1, 1000)
        bins = calibration.bin_answers(sure, random.random(1000) < sure)
        some = bins.n > 0
        covered += list((bins.low <= bins.confidence)[some] & (bins.confidence <= bins.high)[some])
        errors.append(bins.error)
    assert 0.93 < np.mean(covered) < 0.97
    assert np.mean(errors) < 0.04


def test_a_model_that_is_too_sure_by_ten_points_has_that_calibration_error() -> None:
    random = np.random.default_rng(5)
    sure = random.uniform(0.4, 1, 100_000)
    bins = calibration.bin_answers(sure, random.random(100_000) < sure - 0.1)
    assert bins.error == pytest.approx(0.1, abs=0.01)


def test_risks_follow_the_surest_answers() -> None:
    risks = calibration.find_risks(np.array([0.4, 0.9, 0.6]), np.array([False, True, False]))
    assert risks.tolist() == pytest.approx([0, 1 / 2, 2 / 3])


def test_equally_sure_answers_come_in_no_order() -> None:
    sure = np.array([0.9, 0.5, 0.5])
    for right in ([True, True, False], [True, False, True]):
        risks = calibration.find_risks(sure, np.array(right))
        assert risks.tolist() == pytest.approx([0, 0.25, 1 / 3])


def test_refusing_leaves_the_surest_answers() -> None:
    sure = np.linspace(0.3, 0.99, 100)
    right = sure > np.sort(sure)[24]  # wrong are the 25 least sure
    found = calibration.refuse(sure, right, 0.2)
    assert found is not None
    assert (found.kept, found.error, found.is_sure) == (80, 0.25, True)
    assert found.kept_error == pytest.approx(5 / 80)
    ends = (found.kept_low, found.kept_high)
    assert ends == pytest.approx(test_scores.wilson(5, 80), abs=1e-9)
    turned = calibration.refuse(1 - sure, right, 0.2)
    assert turned is not None
    assert (turned.is_sure, turned.kept_error > turned.error) == (True, True)


def test_chance_alone_makes_no_sure_difference() -> None:
    random = np.random.default_rng(5)
    sure = [
        calibration.refuse(random.random(500), random.random(500) < 0.6, 0.2) for _ in range(300)
    ]
    assert sum(found is not None and found.is_sure for found in sure) < 300 * 0.05


@pytest.mark.parametrize("n", [0, 1, 2])
def test_of_too_few_answers_none_is_refused(n: int) -> None:
    assert calibration.refuse(np.full(n, 0.5), np.full(n, True), 0.2) is None


@pytest.mark.parametrize("lift", [0.0, 0.1])
def test_the_interval_of_the_calibration_error_holds_it(lift: float) -> None:
    random = np.random.default_rng(11)
    held, chances, errors = [], [], []
    for _ in range(300):
        sure = random.uniform(0.3, 1, 800)
        bins = calibration.bin_answers(sure, random.random(800) < sure - lift)
        bounds = calibration.bound_error(bins)
        assert bounds is not None
        held.append(bounds.low <= lift <= bounds.high)
        chances.append(bounds.by_chance)
        errors.append(bins.error)
    assert np.mean(held) > 0.9
    if not lift:  # a perfect model has the error that is said to be chance's
        assert np.mean(chances) == pytest.approx(np.mean(errors), rel=0.1)


@pytest.mark.parametrize("answers", [1, 3, 40, 1273])
def test_calibration_errors_are_spread_as_drawn_answers_spread_them(answers: int) -> None:
    random = np.random.default_rng(3)
    sure = random.uniform(0.25, 1, answers)
    bins = calibration.bin_answers(sure, random.random(answers) < sure - 0.05)
    some = bins.n > 0
    n, confidence, accuracy = bins.n[some], bins.confidence[some], bins.accuracy[some]
    spread = calibration.spread_errors(n, confidence, accuracy)
    drawn = random.binomial(n, accuracy, (100_000, len(n))) / n
    errors = np.abs(drawn - confidence) @ n / answers
    places = np.arange(len(spread)) / calibration.STEPS
    assert spread.sum() == pytest.approx(1)
    assert spread @ places == pytest.approx(errors.mean(), abs=0.001)
    for share in (0.025, 0.5, 0.975):
        found = places[np.searchsorted(np.cumsum(spread), share)]
        assert found == pytest.approx(np.quantile(errors, share), abs=0.002)


@pytest.mark.parametrize("answers", [0, 1, calibration.FEWEST - 1])
def test_few_answers_have_no_bounds(answers: int) -> None:
    bins = calibration.bin_answers(np.full(answers, 0.7), np.zeros(answers, bool))
    assert calibration.bound_error(bins) is None

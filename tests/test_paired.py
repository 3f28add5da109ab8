"""Differences of two runs: by hand, against scipy, and on simulated exams of known truth."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from warehouse.statistics import paired
from warehouse.statistics.exams import Exam
from warehouse.statistics.paired import Difference, compare_means, compare_pair

EXAMS = 2000


def pair_up(
    both: int, only_one: int, only_other: int, neither: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Two runs with so many questions of each outcome."""
    counts = [both, only_one, only_other, neither]
    return (
        np.repeat([True, True, False, False], counts),
        np.repeat([True, False, True, False], counts),
    )


def compare_alone(both: int, only_one: int, only_other: int, neither: int) -> Difference:
    """The same, each question a cluster of its own."""
    one, other = pair_up(both, only_one, only_other, neither)
    return compare_pair(one, other, np.arange(len(one)))


def simulate(lift: float, clusters: int, copies: int, *, alone: bool = False) -> list[Difference]:
    """Two runs whose true accuracies are `lift` apart, in `EXAMS` exams with copied questions."""
    random = np.random.default_rng(20261123)
    found = []
    for _ in range(EXAMS):
        easy = random.normal(size=clusters)
        one, other = (
            np.repeat(easy + random.normal(size=clusters) < 2**0.5 * stats.norm.ppf(share), copies)
            for share in (0.7, 0.7 + lift)
        )
        numbers = np.arange(clusters * copies)
        found.append(compare_pair(one, other, numbers if alone else numbers // copies))
    return found


def cover(found: list[Difference], truth: float) -> float:
    return float(np.mean([each.low <= truth <= each.high for each in found]))


def test_a_difference_is_counted_by_hand() -> None:
    """Agresti and Min's interval of 80, 5, 15 and 20 pairs, worked out on paper."""
    found = compare_alone(80, 5, 15, 20)
    assert (found.n, found.only_one, found.only_other, found.same_cluster) == (120, 5, 15, 0)
    assert found.difference == pytest.approx(10 / 120)
    half = 1.959964 * math.sqrt(21 / 122 - (10 / 122) ** 2) / math.sqrt(122)
    assert (found.low, found.high) == pytest.approx((10 / 122 - half, 10 / 122 + half), abs=1e-6)
    assert found.p_value == pytest.approx(2 * sum(math.comb(20, k) for k in range(6)) / 2**20)


@pytest.mark.parametrize("counts", [(0, 0), (1, 0), (3, 3), (4, 11), (200, 260)])
def test_the_test_is_the_binomial_test_of_discordant_pairs(counts: tuple[int, int]) -> None:
    expected = stats.binomtest(counts[0], sum(counts)).pvalue if sum(counts) else 1
    assert compare_alone(7, *counts, 9).p_value == pytest.approx(expected)


def test_swapping_the_runs_swaps_the_signs() -> None:
    one, other = compare_alone(40, 5, 15, 20), compare_alone(40, 15, 5, 20)
    assert (one.difference, one.low, one.high) == pytest.approx(
        (-other.difference, -other.high, -other.low)
    )
    assert (one.p_value, one.detectable) == (other.p_value, other.detectable)


def test_runs_that_never_differ_have_an_interval_all_the_same() -> None:
    found = compare_alone(50, 0, 0, 50)
    assert (found.difference, found.p_value) == (0, 1)
    assert -0.03 < found.low < 0 < found.high < 0.03
    assert math.isnan(found.detectable)


def test_copies_in_one_cluster_count_as_one_question() -> None:
    one, other = pair_up(60, 5, 15, 20)
    alone = compare_pair(one, other, np.arange(100))
    copied = compare_pair(np.repeat(one, 3), np.repeat(other, 3), np.repeat(np.arange(100), 3))
    assert (copied.n, copied.same_cluster, copied.only_other) == (300, 300, 45)
    for name in ("difference", "low", "high", "p_value", "detectable"):
        assert getattr(copied, name) == pytest.approx(getattr(alone, name)), name


def test_one_cluster_is_one_observation() -> None:
    one, other = pair_up(0, 0, 9, 0)
    together = compare_pair(one, other, np.zeros(9, np.int64))
    single = compare_alone(0, 0, 1, 0)
    assert (together.low, together.p_value) == pytest.approx((single.low, single.p_value))


def test_a_single_question_is_enough_and_none_is_not() -> None:
    found = compare_alone(0, 0, 1, 0)
    assert (found.n, found.difference, found.high, found.p_value) == (1, 1, 1, 1)
    with pytest.raises(ValueError, match="no question"):
        compare_alone(0, 0, 0, 0)


@pytest.mark.parametrize(("apart", "n"), [(0.2, 1273), (0.4, 300), (0.1, 100)])
def test_the_detectable_difference_needs_the_questions_that_connor_says(
    apart: float, n: int
) -> None:
    found = paired.find_detectable(apart, n)
    sure, power = stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    needed = (sure * apart**0.5 + power * (apart - found**2) ** 0.5) ** 2 / found**2
    assert needed == pytest.approx(n)


def test_a_detectable_difference_is_found_in_four_of_five_exams() -> None:
    apart, n = 0.3, 1000
    lift = paired.find_detectable(apart, n)
    random = np.random.default_rng(1)
    drawn = random.multinomial(n, [(apart - lift) / 2, (apart + lift) / 2, 1 - apart], size=EXAMS)
    found = [compare_alone(0, *row).p_value < 0.05 for row in drawn.tolist()]
    assert np.mean(found) == pytest.approx(0.8, abs=0.04)  # the exact test is a little careful


def test_too_few_differing_answers_find_nothing() -> None:
    assert math.isnan(paired.find_detectable(0.03, 100))
    assert math.isnan(paired.find_detectable(0.5, 2))


@pytest.mark.parametrize("lift", [0.0, 0.1])
@pytest.mark.parametrize(("clusters", "copies"), [(100, 1), (400, 1), (100, 3)])
def test_intervals_cover_the_true_difference(lift: float, clusters: int, copies: int) -> None:
    noise = 3 * (0.95 * 0.05 / EXAMS) ** 0.5
    assert cover(simulate(lift, clusters, copies), lift) == pytest.approx(0.95, abs=noise + 0.01)


def test_clusters_taken_for_questions_cover_too_seldom_and_find_what_is_not() -> None:
    assert cover(simulate(0.0, 100, 3, alone=True), 0.0) < 0.8
    careless = np.mean([each.p_value < 0.05 for each in simulate(0.0, 100, 3, alone=True)])
    careful = np.mean([each.p_value < 0.05 for each in simulate(0.0, 100, 3)])
    assert careless > 0.1
    assert careful <= 0.05


def test_holm_corrects_as_by_hand() -> None:
    given = np.array([0.01, 0.04, 0.03, 0.005])
    assert paired.correct_holm(given).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert paired.correct_holm(np.array([0.7, 0.6])).tolist() == [1, 1]
    assert paired.correct_holm(np.array([])).tolist() == []


def test_holm_errs_at_all_in_one_of_twenty() -> None:
    drawn = np.random.default_rng(2).uniform(size=(EXAMS, 9))
    erred = [(paired.correct_holm(row) < 0.05).any() for row in drawn]
    assert np.mean(erred) == pytest.approx(0.05, abs=0.015)


def test_intervals_of_means_hold_the_true_difference() -> None:
    random = np.random.default_rng(20261127)
    sizes, truth = (150, 40), 0.1
    exam = Exam(np.arange(sum(sizes)) // 2, np.repeat([0, 1], sizes))  # questions in pairs
    found = []
    for _ in range(EXAMS):
        luck = np.repeat(random.uniform(size=(2, sum(sizes) // 2)), 2, axis=1)
        found += compare_means(luck[0] < 0.6, luck[1:] < 0.6 + truth, exam)
    assert cover(found, truth) == pytest.approx(0.95, abs=0.02)
    error = np.std([each.difference for each in found])
    assert np.mean([each.detectable for each in found]) == pytest.approx(2.8 * error, rel=0.05)


def test_equal_means_are_found_apart_as_often_as_promised() -> None:
    random = np.random.default_rng(1)
    exam = Exam(np.arange(300), np.repeat([0, 1, 2], 100))
    right = random.uniform(size=(EXAMS, 2, 300)) < 0.7
    chances = [compare_means(one, other[np.newaxis], exam)[0].p_value for one, other in right]
    assert np.mean(np.array(chances) < 0.05) == pytest.approx(0.05, abs=0.015)
    same = np.ones(300, np.bool_)
    assert compare_means(same, same[np.newaxis], exam)[0].p_value == 1

"""Ranks, tiers and their intervals: by hand, and on simulated runs whose true accuracy is known."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import norm, studentized_range

from warehouse.statistics import exams, ranks
from warehouse.statistics.exams import Exam
from warehouse.statistics.ranks import Ranks, rank_runs

DATA_SETS = 400
RESAMPLES = 300
NOISE = 3 * (0.95 * 0.05 / DATA_SETS) ** 0.5  # three standard errors of a share of 95%


def one_task(clusters: int, copies: int = 1) -> Exam:
    """An exam of clusters with so many questions each."""
    numbers = np.repeat(np.arange(clusters), copies)
    return Exam(clusters=numbers, tasks=np.zeros_like(numbers))


def answer(
    random: np.random.Generator, accuracies: Sequence[float], clusters: int
) -> npt.NDArray[np.bool_]:
    """Which clusters runs of these true accuracies have right; some are hard for all of them."""
    difficulty = random.normal(size=clusters)
    luck = random.normal(size=(len(accuracies), clusters))
    skill = norm.ppf(accuracies)[:, np.newaxis]
    right: npt.NDArray[np.bool_] = np.sqrt(0.4) * difficulty + np.sqrt(0.6) * luck < skill
    return right


def simulate(
    accuracies: Sequence[float], clusters: int, copies: int = 1, *, alone: bool = False
) -> list[Ranks]:
    """The ranks in `DATA_SETS` simulated exams of so many clusters of equal questions.

    `alone` takes each question for a cluster of its own, which it is not where it has copies.
    """
    random = np.random.default_rng(20261122)
    found = []
    for seed in range(DATA_SETS):
        right = np.repeat(answer(random, accuracies, clusters), copies, axis=1)
        exam = one_task(clusters * copies) if alone else one_task(clusters, copies)
        found.append(rank_runs(right, exam, RESAMPLES, seed))
    return found


def cover(found: list[Ranks], accuracies: Sequence[float]) -> float:
    """How often an interval holds every rank that the run's true accuracy allows."""
    true = np.array(accuracies)
    first = 1 + np.sum(true > true[:, np.newaxis], axis=1)
    last = np.sum(true >= true[:, np.newaxis], axis=1)
    return float(np.mean([(each.low <= first) & (last <= each.high) for each in found]))


@pytest.mark.parametrize(
    ("accuracies", "clusters"), [([0.7] * 8, 200), ([0.9] * 5, 100), ([0.3, 0.3], 150)]
)
def test_equal_runs_share_all_ranks_and_one_tier_as_often_as_promised(
    accuracies: list[float], clusters: int
) -> None:
    found = simulate(accuracies, clusters)
    assert cover(found, accuracies) == pytest.approx(0.95, abs=NOISE)
    together = np.mean([each.tier.max() == 1 for each in found])
    assert together == pytest.approx(0.95, abs=NOISE)


def test_intervals_cover_the_ranks_of_unequal_runs() -> None:
    groups = [0.8] * 4 + [0.6] * 4
    found = simulate(groups, 300)
    assert cover(found, groups) >= 0.95 - NOISE
    borders = [each.tier.reshape(2, 4) for each in found]
    apart = np.mean([upper.max() < lower.min() for upper, lower in borders])
    assert apart > 0.9  # the groups are told apart
    ladder = np.linspace(0.6, 0.8, 8).tolist()
    assert cover(simulate(ladder, 200), ladder) >= 0.95 - NOISE


def test_copies_of_a_question_count_as_one_where_they_are_one_cluster() -> None:
    equal = [0.7] * 6
    assert cover(simulate(equal, 100, copies=3), equal) >= 0.95 - NOISE
    assert cover(simulate(equal, 100, copies=3, alone=True), equal) < 0.8


def test_chance_of_unrelated_runs_is_tukeys_studentized_range() -> None:
    errors, residuals = draw_errors(8, 20_000)
    _, found = ranks.find_limits(errors, residuals)
    assert found == pytest.approx(studentized_range.ppf(0.95, 8, np.inf) / np.sqrt(2), rel=0.01)
    _, found = ranks.find_limits(errors[:2], residuals[:, :2])
    assert found == pytest.approx(norm.ppf(0.975), rel=0.02)


def draw_errors(
    runs: int, resamples: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Errors and residuals of runs that have nothing in common; each score varies by 1."""
    random = np.random.default_rng(1)
    residuals = np.zeros((100_000, runs), np.float32)
    residuals[:runs] = np.eye(runs)
    return random.normal(size=(runs, resamples)).astype(np.float32), residuals


def test_where_some_runs_are_compared_with_all_the_limits_hold_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors, residuals = draw_errors(60, 4000)
    exact, exact_of_all = ranks.find_limits(errors, residuals)
    monkeypatch.setattr(ranks, "PAIRS", 600)
    monkeypatch.setattr(ranks, "FEWEST", 4)
    assert ranks.choose_runs(60).tolist() == [0, 7, 13, 20, 26, 33, 39, 46, 52, 59]
    limits, limit_of_all = ranks.find_limits(errors, residuals)
    assert limits == pytest.approx(exact, rel=0.08)
    assert limits[10] == max(exact[7], exact[13])
    assert limit_of_all == pytest.approx(exact_of_all, rel=0.02)


def test_equal_runs_stay_together_where_some_are_compared_with_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranks, "PAIRS", 120)
    monkeypatch.setattr(ranks, "FEWEST", 2)
    equal = [0.7] * 24
    found = simulate(equal, 200)
    assert cover(found, equal) == pytest.approx(0.95, abs=NOISE)
    assert np.mean([each.tier.max() == 1 for each in found]) >= 0.95 - NOISE


@pytest.mark.parametrize("block", [1, 7, 40, 41])
def test_blocks_leave_the_ranks_as_they_are(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    right = answer(np.random.default_rng(5), np.linspace(0.1, 0.95, 40).tolist(), 150)
    whole = rank_runs(right, one_task(150), RESAMPLES)
    monkeypatch.setattr(ranks, "BLOCK", block)
    parts = rank_runs(right, one_task(150), RESAMPLES)
    assert whole.low.max() > 20, "many are surely worse than others"
    assert (parts.low.tolist(), parts.high.tolist()) == (whole.low.tolist(), whole.high.tolist())


def test_spreads_are_those_of_the_bootstrap() -> None:
    random = np.random.default_rng(4)
    exam = Exam(clusters=random.integers(300, size=500), tasks=np.repeat([0, 1], (380, 120)))
    exam = Exam(np.unique(exam.clusters, return_inverse=True)[1], exam.tasks)
    right = random.uniform(size=(5, 500)) < np.linspace(0.4, 0.9, 5)[:, np.newaxis]
    picks = exams.pick_clusters(int(exam.clusters.max()) + 1, 20_000, random)
    drawn = exams.score(right, exam, picks)
    residuals = exams.find_residuals(right, exam)
    spreads = exams.measure_spreads(residuals, residuals)
    for one in range(5):
        for other in set(range(5)) - {one}:
            found = np.std(drawn[one] - drawn[other])
            assert spreads[one, other] == pytest.approx(found, rel=0.03)


def test_ranks_follow_the_scores_and_equals_share_one() -> None:
    right = np.zeros((5, 200), np.bool_)
    for run, correct in enumerate((150, 40, 150, 100, 99)):
        right[run, :correct] = True
    found = rank_runs(right, one_task(200))
    assert found.rank.tolist() == [1, 5, 1, 3, 4]
    assert found.low.tolist() == [1, 5, 1, 3, 3]
    assert found.high.tolist() == [2, 5, 2, 4, 4]
    assert found.tier.tolist() == [1, 3, 1, 2, 2]
    assert found.best_share.tolist() == [0.5, 0, 0.5, 0, 0]


def test_a_mean_of_tasks_counts_each_task_alike() -> None:
    # two large tasks against one small one: the first run is right where there are many questions
    exam = Exam(clusters=np.arange(260), tasks=np.repeat([0, 1, 2], (200, 30, 30)))
    right = np.zeros((2, 260), np.bool_)
    right[0, :200], right[1, 200:] = True, True
    every = np.ones((1, 260), np.float32)
    assert exams.score(right, exam, every)[:, 0].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert rank_runs(right, exam).rank.tolist() == [2, 1]


def test_a_cluster_is_drawn_whole_across_tasks() -> None:
    exam = Exam(clusters=np.array([0, 0, 1, 0, 2]), tasks=np.array([0, 0, 0, 1, 1]))
    right = np.array([[1, 0, 1, 1, 0]], np.bool_)
    picks = np.array([[2, 0, 1], [1, 1, 1]], np.float32)
    by_hand = [((2 / 4) + (2 / 3)) / 2, ((2 / 3) + (1 / 2)) / 2]
    assert exams.score(right, exam, picks).tolist() == [pytest.approx(by_hand)]


def test_the_same_answers_give_the_same_ranks() -> None:
    right = answer(np.random.default_rng(3), np.linspace(0.5, 0.7, 9).tolist(), 120)
    first, again = rank_runs(right, one_task(120)), rank_runs(right, one_task(120))
    for name in ("rank", "low", "high", "tier", "best_share"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name


@pytest.mark.parametrize("clusters", [1, 2, 3])
@pytest.mark.parametrize("runs", [1, 2])
def test_few_questions_and_few_runs_are_ranked_without_a_fault(clusters: int, runs: int) -> None:
    right = np.zeros((runs, clusters), np.bool_)
    right[0, 0] = True
    found = rank_runs(right, one_task(clusters))
    assert found.rank.tolist() == [1, 2][:runs]
    assert (found.low.tolist(), found.high.tolist()) == ([1] * runs, [runs] * runs)
    assert found.tier.tolist() == [1] * runs
    assert found.best_share.sum() == pytest.approx(1)

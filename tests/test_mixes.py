"""Runs on a reader's own mix of cases: by hand, and on simulated runs of known accuracy."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from scipy.stats import norm

from warehouse import mixes
from warehouse.statistics.exams import Exam
from warehouse.statistics.mixes import Mixed, count_freedom, limit_chance, rank_mix
from warehouse.statistics.ranks import rank_runs

EXAMS = 400
NOISE = 3 * (0.95 * 0.05 / EXAMS) ** 0.5  # three standard errors of a share of 95%
SIZES = (200, 60, 15)  # questions of each kind
SHARES = np.array([0.2, 0.3, 0.5])  # the smallest kind counts most
KEYS = pl.DataFrame(
    {
        "task": ["one"] * 4 + ["two"] * 4,
        "subject": ["heart", "heart", "lung", "lung", None, None, None, None],
        "cluster_id": [f"{number}" for number in range(8)],
        "gold": list("AAAABBBB"),
    }
)
PICKS = pl.DataFrame(
    {"run_id": ["a", "b"], "picks": ["AABBBBBA", "BBAABBAA"], "shares": [None, None]},
    schema_overrides={"shares": pl.List(pl.Float64)},
)
SHEETS = mixes.read_sheets(PICKS, KEYS)


def make_exam(copies: int = 1) -> Exam:
    kinds = np.repeat(np.arange(len(SIZES)), SIZES)
    return Exam(np.repeat(np.arange(len(kinds)), copies), np.repeat(kinds, copies), SHARES)


def answer(random: np.random.Generator, accuracies: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Runs of these true accuracies in every kind; some questions are hard for all of them."""
    difficulty = random.normal(size=sum(SIZES))
    luck = random.normal(size=(len(accuracies), sum(SIZES)))
    skill = norm.ppf(accuracies)[:, np.newaxis]
    right: npt.NDArray[np.bool_] = np.sqrt(0.4) * difficulty + np.sqrt(0.6) * luck < skill
    return right


def simulate(accuracies: Sequence[float], copies: int = 1) -> list[Mixed]:
    random = np.random.default_rng(20261127)
    return [
        rank_mix(np.repeat(answer(random, accuracies), copies, axis=1), make_exam(copies))
        for _ in range(EXAMS)
    ]


@pytest.mark.parametrize("accuracy", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("copies", [1, 3])
def test_intervals_hold_the_true_score(accuracy: float, copies: int) -> None:
    found = simulate([accuracy], copies)
    held = np.mean([each.low[0] <= accuracy <= each.high[0] for each in found])
    assert held >= 0.95 - NOISE
    assert np.mean([each.high[0] - each.low[0] for each in found]) < 0.4


def test_equal_runs_share_all_ranks_and_one_tier() -> None:
    equal = [0.7] * 8
    found = simulate(equal)
    every = np.mean([(each.rank_low == 1) & (each.rank_high == 8) for each in found])
    assert every >= 0.95 - NOISE
    assert np.mean([each.tier.max() == 1 for each in found]) >= 0.95 - NOISE


def test_intervals_cover_the_ranks_of_unequal_runs_and_tell_them_apart() -> None:
    found = simulate([0.9] * 3 + [0.5] * 3)
    low, high = (
        np.array([getattr(each, end) for each in found]) for end in ("rank_low", "rank_high")
    )
    assert np.mean((low <= [1, 1, 1, 4, 4, 4]) & (high >= [3, 3, 3, 6, 6, 6])) >= 0.95 - NOISE
    assert np.mean(high[:, 0] <= 3) > 0.6


def test_a_mix_of_all_tasks_alike_ranks_as_the_average_does() -> None:
    random = np.random.default_rng(7)
    right = answer(random, np.linspace(0.3, 0.9, 30).tolist())
    exam = make_exam()
    alike = Exam(exam.clusters, exam.tasks, np.full(3, 1 / 3))
    mixed, ranked = rank_mix(right, alike), rank_runs(right, Exam(exam.clusters, exam.tasks))
    assert mixed.rank.tolist() == ranked.rank.tolist()
    # Student's distribution has few degrees of freedom here, so ranges are wider, if little
    assert np.all(mixed.rank_low <= ranked.low)
    assert np.mean(ranked.low - mixed.rank_low) < 1.5


def test_a_score_is_the_mean_of_kinds_by_their_shares() -> None:
    right = np.zeros((2, sum(SIZES)), np.bool_)
    right[0, :100], right[1, 260:] = True, True
    found = rank_mix(right, make_exam())
    assert found.score.tolist() == pytest.approx([0.2 * 0.5, 0.5])
    assert found.rank.tolist() == [2, 1]


def test_chance_is_that_of_the_questions_that_count() -> None:
    assert 14 < count_freedom(make_exam()) < 20  # little more than the smallest kind has
    assert limit_chance(1, 1e9) == pytest.approx(norm.ppf(0.975))
    assert limit_chance(999, 1e9) == pytest.approx(norm.ppf((1 + 0.95 ** (1 / 999)) / 2))


def test_a_run_that_has_all_right_is_not_sure_to_be_perfect() -> None:
    found = rank_mix(np.ones((2, sum(SIZES)), np.bool_), make_exam())
    assert found.high.tolist() == pytest.approx([1, 1])
    assert found.low[0] == pytest.approx(1 - 0.5 * 0.2039, abs=0.003)  # that of 15 of 15, halved
    assert (found.rank.tolist(), found.tier.tolist()) == ([1, 1], [1, 1])


def test_kinds_are_subjects_or_whole_tasks_and_count_by_their_weights() -> None:
    mix = {("one", "heart"): 3.0, ("two", ""): 1.0}
    found = mixes.rank_runs(SHEETS, mix)
    assert found["case_mix"].to_list() == pytest.approx([0.75 + 0.25 * 0.75, 0.25 * 0.5])
    assert found["rank"].to_list() == [1, 2]
    assert found.schema == mixes.MIXED
    lungs = mixes.rank_runs(SHEETS, {("one", "lung"): 0.1, ("two", ""): 0.0})
    assert lungs["case_mix"].to_list() == [0, 1]


def test_a_mix_of_nothing_ranks_nobody() -> None:
    assert mixes.rank_runs(SHEETS, {("one", "kidney"): 1}).schema == mixes.MIXED
    assert mixes.rank_runs(SHEETS, {}).is_empty()
    assert mixes.rank_runs(mixes.read_sheets(PICKS.clear(), KEYS), {("two", ""): 1}).is_empty()

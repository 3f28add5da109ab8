"""Who is better than whom where questions are asked several times: by the shares that are right."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean

import numpy as np
import polars as pl
import pytest

from tests import several_runs
from tests.several_runs import DRAWN, ONCE, ROTATED, SAMPLES, WAYS, Several, read_rows
from warehouse import comparisons, mixes, sheets
from warehouse.errors import LoadFailed
from warehouse.statistics.exams import Exam, score
from warehouse.statistics.ranks import rank_runs

several_places = several_runs.several_places
several, several_folder = several_runs.several, several_runs.several_folder  # fixtures
RANDOM, TOY = "baseline:random", "toy:llama"


def shares_of(run_id: str) -> list[float]:
    """From the run's own file."""
    found: dict[str, list[bool]] = defaultdict(list)
    for row in read_rows(run_id):
        found[row["sample_id"]].append(row["right"])
    return [fmean(found[sample.sample_id]) for sample in SAMPLES]


@pytest.mark.parametrize("way", WAYS)
def test_a_sheet_has_the_first_pick_and_of_repeats_the_share_that_is_right(
    several: Several, way: tuple[str, str]
) -> None:
    run_id = several[1][way]
    ((_, _, picks, shares),) = several[0].ask("run_sheets", run_ids=(run_id,)).rows()
    first = {row["sample_id"]: row["prediction"] for row in read_rows(run_id) if not row["repeat"]}
    assert picks == "".join(first[sample.sample_id] or "-" for sample in SAMPLES)
    assert shares == (shares_of(run_id) if way[1] in (ROTATED, DRAWN) else None)


def test_runs_are_ranked_by_their_accuracy(several: Several) -> None:
    ranks = several_runs.select(
        "select rank, accuracy from rank_intervals join scores using (run_id, task) "
        f"where lane = '{ROTATED}' and slice = 'all' order by rank"
    )
    accuracies = sorted(fmean(shares_of(several[1][who, ROTATED])) for who in (RANDOM, TOY))
    assert ranks["rank"].to_list() == [1, 2]
    assert ranks["accuracy"].to_list() == pytest.approx(accuracies[::-1])


def test_equal_sums_of_shares_share_a_rank_and_all_first_places() -> None:
    """Thirds have no exact sum in any order; a third and two thirds are one right answer."""
    one = np.array([1 / 3, 2 / 3, 1 / 3, 2 / 3, 0, 0] * 10)
    other = np.array([1, 0, 2 / 3, 1 / 3, 0, 0] * 10)
    exam = Exam(np.arange(60), np.zeros(60, np.int64))
    found = rank_runs(np.stack([one, other, one[::-1], one]), exam, 50)
    assert found.rank.tolist() == [1, 1, 1, 1]
    random = np.random.default_rng(1)
    orders = np.stack([random.permutation(one / 7) for _ in range(50)])
    assert len(np.unique(score(orders, exam, np.ones((1, 60), np.float32)))) == 1


def test_shares_of_none_and_all_rank_like_single_answers() -> None:
    right = np.random.default_rng(2).uniform(size=(6, 80)) < np.linspace(0.3, 0.8, 6)[:, None]
    exam = Exam(np.arange(80), np.repeat([0, 1], 40))
    single, shared = rank_runs(right, exam, 100), rank_runs(right.astype(np.float64), exam, 100)
    for name in ("rank", "low", "high", "tier", "best_share"):
        assert np.allclose(getattr(single, name), getattr(shared, name)), name


def sheet(picks: str, shares: Sequence[float | None] | None) -> pl.DataFrame:
    rows = {"run_id": ["a"], "picks": [picks], "shares": [shares]}
    return pl.DataFrame(rows, schema_overrides={"shares": pl.List(pl.Float64)})


def test_picks_tell_where_there_is_no_share() -> None:
    key = sheets.read_letters("AAB")
    assert sheets.mark(sheet("ABB", None), key).tolist() == [[True, False, True]]
    assert sheets.mark(sheet("ABB", [None, 0.5, 0.25]), key).tolist() == [[1, 0.5, 0.25]]
    with pytest.raises(LoadFailed, match="more or fewer shares than its task questions"):
        sheets.mark(sheet("ABB", [0.5]), key)


def test_pairs_are_compared_by_their_shares(several: Several) -> None:
    names = [several[1][way] for way in ((RANDOM, ROTATED), (TOY, DRAWN), (RANDOM, ONCE))]
    given = several[0].ask("run_sheets", run_ids=tuple(names))
    found = comparisons.compare_runs(given, several[0].ask("keys", task="sample"), names)
    for row, name in zip(found.iter_rows(named=True), names[1:], strict=True):
        steps = np.array(shares_of(name)) - np.array(shares_of(names[0]))
        assert row["n"] == 92
        assert row["difference"] == pytest.approx(steps.mean())
        assert (row["only_one"], row["only_other"]) == (np.sum(steps < 0), np.sum(steps > 0))
        assert row["low"] < row["difference"] < row["high"]
        half = 1.96 * steps.std() / 92**0.5
        assert row["high"] - row["difference"] == pytest.approx(half, rel=0.05)


def test_first_picks_are_counted_against_each_other(several: Several) -> None:
    one, other = (several[1][who, ROTATED] for who in (RANDOM, TOY))
    (row,) = several[0].ask("compare", run_id=one, other_id=other).to_dicts()
    assert row["n"] == 92
    other = several[1][RANDOM, ONCE]
    (row,) = several[0].ask("compare", run_id=one, other_id=other).to_dicts()
    assert row["n"] == 92
    assert row["same_pick"] == 92, "unrotated, a baseline draws as if asked once"


def test_a_mix_of_cases_is_scored_by_shares(several: Several) -> None:
    picks = several[0].ask("mixed_picks", lane=ROTATED, tasks=("sample",))
    keys = several[0].ask("mixed_keys", tasks=("sample",))
    found = mixes.rank_runs(mixes.read_sheets(picks, keys), {("sample", ""): 1.0})
    scores = dict(found.select("run_id", "case_mix").rows())
    run_ids = [several[1][who, ROTATED] for who in (RANDOM, TOY)]
    expected = {run_id: fmean(shares_of(run_id)) for run_id in run_ids}
    assert scores == pytest.approx(expected)

"""What answer sheets say of chosen runs, one against another; asked by readers, never stored."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import polars as pl

from warehouse.sheets import AVERAGE, number_names, read_letters
from warehouse.statistics.agreement import Agreement, match_mistakes
from warehouse.statistics.exams import Exam, Floats, Marks, Shares
from warehouse.statistics.items import UNANSWERED, Letters
from warehouse.statistics.paired import Difference, compare_means, compare_pair, correct_holm

DIFFERENCES = pl.Schema(
    {
        "run_id": pl.String,
        "task": pl.String,
        "n": pl.Int64,
        "only_one": pl.Int64,
        "only_other": pl.Int64,
        "same_cluster": pl.Int64,
        "difference": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "p_value": pl.Float64,
        "detectable": pl.Float64,
        "corrected": pl.Float64,
    }
)
"""A row per run and task; see `statistics.paired.Difference`. Shares are from 0 to 1."""


def compare_runs(
    sheets: pl.DataFrame, keys: pl.DataFrame, run_ids: Sequence[str], averaged: Sequence[str] = ()
) -> pl.DataFrame:
    """Compare the first of `run_ids` with each other one, on the questions of a task both answered.

    `sheets` has run_id, task, picks and shares, and `keys` task, gold and cluster_id of every
    question of those tasks, in order. Returns `DIFFERENCES`; `corrected` is the p-value after
    Holm's correction over all its rows. A task without a question in common has no row, and
    detectable is null where nothing can be said. Two runs that answered all of the tasks `averaged`
    have a row more, the first, of the mean over these; its task is `AVERAGE`.
    """
    letters = lay_out(sheets, keys, run_ids)
    shares = lay_out_shares(sheets, keys, run_ids)
    several = ~np.isnan(shares)
    right = np.where(several, shares, letters == read_letters("".join(keys["gold"])))
    answered = letters != ord(UNANSWERED)
    clusters = number_names(keys["cluster_id"])
    of_task = {
        task: (keys["task"] == task).to_numpy() for task in keys["task"].unique(maintain_order=True)
    }
    means = compare_averages(right, answered, keys, averaged)
    rows = []
    for place, run_id in enumerate(run_ids[1:], 1):
        if place in means:
            rows.append({"run_id": run_id, "task": AVERAGE} | asdict(means[place]))
        for task, asked in of_task.items():
            here = asked & answered[0] & answered[place]
            if here.any():
                # McNemar's test is of what is right or wrong: shares are compared as means are
                if several[0, here].any() or several[place, here].any():
                    exam = Exam(clusters[here], np.zeros(here.sum(), np.int64))
                    (pair,) = compare_means(right[0, here], right[[place]][:, here], exam)
                else:
                    pair = compare_pair(right[0, here], right[place, here], clusters[here])
                rows.append({"run_id": run_id, "task": task} | asdict(pair))
    frame = pl.DataFrame(rows, schema={name: DIFFERENCES[name] for name in [*DIFFERENCES][:-1]})
    corrected = pl.Series(correct_holm(frame["p_value"].to_numpy()), dtype=pl.Float64)
    return frame.with_columns(pl.col("detectable").fill_nan(None), corrected=corrected)


def compare_averages(
    right: Shares, answered: Marks, keys: pl.DataFrame, averaged: Sequence[str]
) -> dict[int, Difference]:
    """Compare the first run with each other one that answered all of the tasks `averaged`, too.

    Arrays are runs × questions; returns differences by the place of the other run.
    """
    if not averaged or not set(averaged) <= {*keys["task"]}:
        return {}
    here = keys["task"].is_in(averaged).to_numpy()
    whole: Marks = np.all(answered[:, here], axis=1)
    places = [place for place in range(1, len(right)) if whole[0] and whole[place]]
    if not places:
        return {}
    exam = name_exam(keys.filter(here))
    found = compare_means(right[0, here], right[places][:, here], exam)
    return dict(zip(places, found, strict=True))


def name_exam(keys: pl.DataFrame) -> Exam:
    """Where these questions belong."""
    return Exam(number_names(keys["cluster_id"]), number_names(keys["task"]))


def match_runs(sheets: pl.DataFrame, keys: pl.DataFrame, run_ids: Sequence[str]) -> Agreement:
    """How often each two of `run_ids` make the same mistake; frames as in `compare_runs`."""
    return match_mistakes(lay_out(sheets, keys, run_ids), read_letters("".join(keys["gold"])))


def lay_out(sheets: pl.DataFrame, keys: pl.DataFrame, run_ids: Sequence[str]) -> Letters:
    """An array of `run_ids` × questions; what a run was not asked counts as not answered."""
    rows = sheets.select("run_id", "task", "picks").iter_rows()
    picks = {(run, task): text for run, task, text in rows}
    sizes = keys.group_by("task", maintain_order=True).len().rows()
    lines = (
        picks.get((run_id, task), UNANSWERED * size) for run_id in run_ids for task, size in sizes
    )
    return np.reshape(read_letters("".join(lines)), (len(run_ids), keys.height))


def lay_out_shares(sheets: pl.DataFrame, keys: pl.DataFrame, run_ids: Sequence[str]) -> Floats:
    """The share right of each question, laid out alike; NaN in tasks that a run was asked once."""
    found = np.full((len(run_ids), keys.height), np.nan)
    rows = sheets.filter(pl.col("shares").is_not_null() & pl.col("run_id").is_in(run_ids))
    for run_id, task, shares in rows.select("run_id", "task", "shares").iter_rows():
        found[run_ids.index(run_id), (keys["task"] == task).to_numpy()] = shares
    return found

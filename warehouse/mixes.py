"""What answer sheets say of runs on a reader's own mix of cases; asked by readers, never stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.sheets import number_names, read_letters, stack
from warehouse.statistics.exams import Exam, Ints, Marks
from warehouse.statistics.mixes import rank_mix

Kind = tuple[str, str]
"""A task, and a subject of it; the subject is empty where the whole task is one kind."""
MIXED = pl.Schema(
    {
        "run_id": pl.String,
        "case_mix": pl.Float64,
        "case_mix_low": pl.Float64,
        "case_mix_high": pl.Float64,
        "rank": pl.Int64,
        "rank_low": pl.Int64,
        "rank_high": pl.Int64,
        "tier": pl.Int64,
    }
)
"""A row per run; see `statistics.mixes.Mixed`. Scores are from 0 to 1."""


@dataclass(frozen=True)
class Sheets:
    """What runs have right, and what each question is about."""

    run_ids: pl.Series
    right: Marks
    """Runs × questions."""
    keys: pl.DataFrame
    """A row per question: task, subject and cluster."""


def read_sheets(picks: pl.DataFrame, keys: pl.DataFrame) -> Sheets:
    """Mark what runs picked.

    `picks` has run_id and picks, a string of a character a question; `keys` task, subject,
    cluster_id and gold of these questions, in order.
    """
    letters = stack(picks["picks"], keys.height)
    right = np.asfortranarray(letters == read_letters("".join(keys["gold"])))
    cluster = pl.Series("cluster", number_names(keys["cluster_id"]))
    return Sheets(picks["run_id"], right, keys.select("task", "subject", cluster))


def rank_runs(sheets: Sheets, mix: Mapping[Kind, float]) -> pl.DataFrame:
    """Rank runs by a mean over kinds of questions, each counted by its weight in `mix`.

    Questions of a kind without a weight count for nothing. Returns `MIXED`, empty where there is no
    run or no weight.
    """
    kinds = number_kinds(sheets.keys, list(mix))
    weights = np.array([*mix.values(), 0.0])  # the last is that of no kind
    counted = weights[kinds] > 0
    if sheets.run_ids.is_empty() or not counted.any():
        return MIXED.to_frame()
    used, places = np.unique(kinds[counted], return_inverse=True)
    _, clusters = np.unique(sheets.keys["cluster"].to_numpy()[counted], return_inverse=True)
    exam = Exam(clusters, places, weights[used] / weights[used].sum())
    found = rank_mix(sheets.right.T[counted].T, exam)
    return pl.DataFrame(
        {
            "run_id": sheets.run_ids,
            "case_mix": found.score,
            "case_mix_low": found.low,
            "case_mix_high": found.high,
            "rank": found.rank,
            "rank_low": found.rank_low,
            "rank_high": found.rank_high,
            "tier": found.tier,
        },
        schema=MIXED,
    )


def number_kinds(keys: pl.DataFrame, kinds: Sequence[Kind]) -> Ints:
    """The place in `kinds` of what each question is of; -1 where it is of none.

    A subject stands before the task as a whole.
    """
    named = pl.DataFrame(
        [(*kind, place) for place, kind in enumerate(kinds)],
        schema={"task": pl.String, "subject": pl.String, "place": pl.Int64},
        orient="row",
    )
    whole = named.filter(subject="").select("task", whole="place")
    subjects = keys.select("task", pl.col("subject").fill_null(""))
    found = subjects.join(named, on=["task", "subject"], how="left", maintain_order="left")
    found = found.join(whole, on="task", how="left", maintain_order="left")
    places: Ints = found.select(pl.coalesce("place", "whole", -1))["place"].to_numpy()
    return places

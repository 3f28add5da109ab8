"""What answer sheets say of runs on a reader's own mix of cases; asked by readers, never stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.sheets import mark, number_names, read_letters
from warehouse.statistics.exams import Exam, Ints, Outcomes
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
    right: Outcomes
    """Runs × questions."""
    clusters: Ints
    """An element a question, as `kinds`."""
    kinds: Ints
    """The place in `names` of the kind of each question."""
    names: list[Kind]


def read_sheets(picks: pl.DataFrame, keys: pl.DataFrame) -> Sheets:
    """Mark what runs picked.

    `picks` has run_id, picks (a string of a character a question) and shares; `keys` task, subject,
    cluster_id and gold of these questions, in order.
    """
    right: Outcomes = np.asfortranarray(mark(picks, read_letters("".join(keys["gold"]))))
    named = keys.select("task", pl.col("subject").fill_null("")).rows()
    names = sorted(set(named))
    places = {name: place for place, name in enumerate(names)}
    kinds = np.array([places[name] for name in named], np.int64)
    return Sheets(picks["run_id"], right, number_names(keys["cluster_id"]), kinds, names)


def rank_runs(sheets: Sheets, mix: Mapping[Kind, float]) -> pl.DataFrame:
    """Rank runs by a mean over kinds of questions, each counted by its weight in `mix`.

    Questions of a kind without a weight count for nothing. Returns `MIXED`, empty where there is no
    run or no weight.
    """
    kinds = number_kinds(sheets.names, list(mix))[sheets.kinds]
    weights = np.array([*mix.values(), 0.0])  # the last is that of no kind
    counted = weights[kinds] > 0
    if sheets.run_ids.is_empty() or not counted.any():
        return MIXED.to_frame()
    used, places = np.unique(kinds[counted], return_inverse=True)
    _, clusters = np.unique(sheets.clusters[counted], return_inverse=True)
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


def number_kinds(names: Sequence[Kind], mix: Sequence[Kind]) -> Ints:
    """The place in `mix` of each kind; -1 where it counts for nothing.

    A subject stands before the task as a whole.
    """
    places = {kind: place for place, kind in enumerate(mix)}
    return np.array(
        [places.get((task, subject), places.get((task, ""), -1)) for task, subject in names],
        np.int64,
    )

"""What answer sheets say of runs on a reader's own mix of cases; asked by readers, never stored."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from warehouse.sheets import number_names, read_letters, stack
from warehouse.statistics.exams import Exam
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


def rank_runs(picks: pl.DataFrame, keys: pl.DataFrame, mix: Mapping[Kind, float]) -> pl.DataFrame:
    """Rank runs by a mean over kinds of questions, each counted by its weight in `mix`.

    `picks` has run_id and picks, a string of a character a question; `keys` task, subject,
    cluster_id and gold of these questions, in order. Questions of a kind without a weight count for
    nothing. Returns `MIXED`, empty where there is no run or no weight.
    """
    weights = {kind: weight for kind, weight in mix.items() if weight > 0}
    kinds = [name_kind(weights, *row) for row in keys.select("task", "subject").iter_rows()]
    keys = keys.with_columns(pl.Series("kind", kinds, dtype=pl.String))
    counted = keys.drop_nulls("kind")
    if picks.is_empty() or counted.is_empty():
        return MIXED.to_frame()
    letters = stack(picks["picks"], keys.height)[:, keys["kind"].is_not_null().to_numpy()]
    shares = np.array([weights[read_kind(kind)] for kind in counted["kind"].unique().sort()])
    exam = Exam(
        clusters=number_names(counted["cluster_id"]),
        tasks=number_names(counted["kind"]),
        shares=shares / shares.sum(),
    )
    found = rank_mix(letters == read_letters("".join(counted["gold"])), exam)
    return pl.DataFrame(
        {
            "run_id": picks["run_id"],
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


def name_kind(weights: Mapping[Kind, float], task: str, subject: str | None) -> str | None:
    """`medmcqa/Surgery`, or `medqa_4options/` for a task that is one kind; None without weight."""
    kinds = ((task, subject or ""), (task, ""))
    return next(("/".join(kind) for kind in kinds if kind in weights), None)


def read_kind(name: str) -> Kind:
    task, _, subject = name.partition("/")
    return task, subject

"""What reviewers found of each run, as scores, and what a harm counts for; no Streamlit here."""

import math
from collections.abc import Mapping

import polars as pl

from dashboard import tables
from warehouse.statistics import harm

Weights = Mapping[str, float]
"""From each harm to what it counts for, from 0 to 1."""
SCORE, SEVERE, _ = FACTS = tables.JUDGED
COUNTS = ("judged", "drawn", "drawn_from")
NUMBERS = [f"{name}{end}" for name in (SCORE, SEVERE) for end in ("", "_low", "_high")]
SCHEMA = pl.Schema(
    {"run_id": pl.String(), "board": pl.String()}
    | {name: pl.Int64() for name in COUNTS}
    | {name: pl.Float64() for name in NUMBERS}
)


def pack(weights: Weights) -> str:
    """`0,0.1,0.3,0.7,1`, in the order of harms."""
    return ",".join(f"{weights[name]:g}" for name in harm.WEIGHTS)


def unpack(packed: str) -> Weights:
    """What `pack` wrote; the usual weights where that makes no sense."""
    try:
        numbers = [float(text) for text in packed.split(",")]
    except ValueError:
        return harm.WEIGHTS
    fits = len(numbers) == len(harm.WEIGHTS) and all(map(math.isfinite, numbers))
    if not fits or numbers != sorted(numbers) or numbers[0] < 0 or numbers[-1] > 1:
        return harm.WEIGHTS
    return dict(zip(harm.WEIGHTS, numbers, strict=True))


def change(weights: Weights, name: str, value: float) -> Weights:
    """With another weight for one harm; a lesser harm never counts for more than a graver one."""
    order = [*harm.WEIGHTS]
    place = order.index(name)
    return {
        other: min(weights[other], value) if at < place else max(weights[other], value)
        for at, other in enumerate(order)
    } | {name: value}


def estimate(judged: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    """A row per run and board with `COUNTS` and `NUMBERS`, of the rows of the query `judged`.

    The numbers are null below `harm.FEWEST` cases. All judged cases of a run stand in its last
    draw, each once.
    """
    rows = []
    for (run_id, board), cases in judged.group_by("run_id", "board", maintain_order=True):
        first = cases.row(0, named=True)
        sample = harm.Judged(
            cases["harm"].to_list(),
            cases["counted"].to_list(),
            first["population"],
            first["answered"],
        )
        found = (harm.score_harm(sample, weights), harm.rate_severe(sample))
        numbers = [
            value
            for one in found
            for value in ((one.value, one.low, one.high) if one else (None, None, None))
        ]
        counts = (cases.height, first["drawn"], first["population"])
        rows.append((run_id, board, *counts, *numbers))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def add_scores(rows: pl.DataFrame, estimates: pl.DataFrame) -> pl.DataFrame:
    """Rows of the leaderboard with what is known of each; of no run, nothing is known."""
    known = rows.join(estimates, on=["run_id", "board"], how="left", maintain_order="left")
    judged = pl.col("judged").fill_null(0)
    return known.with_columns(pl.when(pl.col("run_id").is_not_null()).then(judged).alias("judged"))


def as_cells(rows: pl.DataFrame) -> pl.DataFrame:
    """The same with `FACTS` as the table shows them, padded so that text sorts as numbers do."""
    return rows.with_columns(
        write_score(SCORE),
        write_score(SEVERE),
        pl.format("{} of {} drawn from {}", "judged", "drawn", "drawn_from").alias("reviewed"),
    )


def write_score(name: str) -> pl.Expr:
    """`97.3 (95.1–98.8)`, or `12 of 30 judged`."""
    value, low, high = (tables.decimals(pl.col(f"{name}{end}")) for end in ("", "_low", "_high"))
    written = pl.format("{} ({}–{})", value.str.pad_start(5), low, high)
    few = pl.format(f"{{}} of {harm.FEWEST} judged", "judged")
    return pl.coalesce(written, few).alias(name)


def count_harms(judged: pl.DataFrame, run_id: str) -> pl.DataFrame:
    """harm, drawn and chosen of a run: how many judged answers have that harm, the gravest first.

    `judged` has every judged case; those without a draw were chosen by a reader.
    """
    own = judged.filter(run_id=run_id)
    counts = own.group_by("harm").agg(
        drawn=pl.col("draw").count(), chosen=pl.col("draw").null_count()
    )
    harms = pl.DataFrame({"harm": [*harm.WEIGHTS][::-1]})
    return harms.join(counts, on="harm", how="left", maintain_order="left").select(
        "harm", pl.col("drawn", "chosen").fill_null(0).cast(pl.Int64)
    )

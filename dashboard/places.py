"""Who stands where in a lane, and how sure that is; no Streamlit here."""

import polars as pl

OTHERS = (
    "weighted_average",
    "deduplicated_average",
    "average_reviewed",
    "average_undisputed",
)
"""Averages for which no ranges are made."""
RANKS = ("rank", "rank_low", "rank_high", "tier", "best_share")


def rank(rows: pl.DataFrame, by: str, intervals: pl.DataFrame | None = None) -> pl.DataFrame:
    """Sort best first by the score `by`, and add `RANKS`; equal scores share a rank.

    `intervals` has run_id and `RANKS`, a row per run that is ranked: the others of the lane have
    no rank then, for theirs is a score of only some questions. Without any, each row that has a
    score is numbered, and nothing is known of intervals and tiers. A doubted score has its place
    and no number.
    """
    best_first = rows.sort(by, "model", descending=[True, False], nulls_last=True)
    if intervals is not None and intervals.height:
        known = intervals.select("run_id", *RANKS)
        ranked = best_first.join(known, on="run_id", how="left", maintain_order="left")
        return ranked.with_columns(pl.when(~pl.col("suspect")).then(pl.col(RANKS)))
    place = pl.when(~pl.col("suspect")).then(by).rank("min", descending=True).cast(pl.Int64)
    return best_first.with_columns(
        place.alias("rank"),
        *(pl.lit(None, pl.Int64).alias(name) for name in RANKS[1:4]),
        pl.lit(None, pl.Float64).alias("best_share"),
    )


def rank_among(shown: pl.DataFrame, by: str) -> pl.DataFrame:
    """Number the rows `shown` anew. Their tiers stay; a range holds for the whole lane alone."""
    numbered = pl.when(pl.col("rank").is_not_null()).then(by).rank("min", descending=True)
    return shown.with_columns(
        rank=numbered.cast(pl.Int64),
        rank_low=pl.lit(None, pl.Int64),
        rank_high=pl.lit(None, pl.Int64),
    )


def add_moved(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """With `moved`, by how many places each stands higher by the score `by` than in the average,
    among those with both; null where it stands where it stood."""
    both = pl.col(by).is_not_null() & pl.col("average").is_not_null() & ~pl.col("suspect")
    average, own = (
        pl.when(both).then(name).rank("min", descending=True).cast(pl.Int64)
        for name in ("average", by)
    )
    moved = average - own
    return rows.with_columns(moved=pl.when(moved != 0).then(moved))


def pin(ranked: pl.DataFrame, keep: pl.Expr, models: list[str]) -> pl.DataFrame:
    """The rows to `keep`, and on top those of the pinned `models`; `pinned` tells them apart."""
    pinned = ranked.with_columns(pinned=pl.col("model").is_in(models))
    return pinned.filter(keep | pl.col("pinned")).sort(
        "pinned", descending=True, maintain_order=True
    )


def rank_text() -> pl.Expr:
    """`3 (2–7)`, padded so that the text sorts as the rank does."""
    place = pl.col("rank").cast(pl.String).str.pad_start(4)
    ranged = pl.format("{} ({}–{})", place, "rank_low", "rank_high")
    is_sure = pl.col("rank_low").is_null() | (pl.col("rank_low") == pl.col("rank_high"))
    return pl.when(is_sure).then(place).otherwise(ranged).alias("rank")


def describe_tiers(ranked: pl.DataFrame, score: str) -> str:
    """Say of a lane's rows, ranked by the column `score`, who cannot be told apart."""
    sizes = ranked.drop_nulls("tier").group_by("tier").len().sort("tier")["len"].to_list()
    total = sum(sizes)
    if not sizes:
        return f"These ranks have no range and no tiers: {why_unsure(ranked, score)}."
    if total == 1:
        return "Only one model is ranked."
    if len(sizes) == 1:
        return f"None of the {total:,} ranked models can be told apart."
    if sizes[0] == 1:
        return f"The first of {total:,} is told apart from the others; {len(sizes)} tiers in all."
    return f"The first {sizes[0]} of {total:,} cannot be told apart; {len(sizes)} tiers in all."


def why_unsure(ranked: pl.DataFrame, score: str) -> str:
    if not ranked["run_id"].count():
        return "the answers behind the scores are not here"
    if score in OTHERS:
        return "they are made for the average and for each task"
    return "no model here answered all of the questions"

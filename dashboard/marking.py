"""What a mark of a maintainer does to what is shown; no Streamlit here.

Names and reasons may be anybody's: show them as plain text.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

HIDDEN, FLAGGED = "hidden", "flagged"
STOPS = (".", "!", "?")
MARKS = pl.Schema(
    {"model": pl.String(), "kind": pl.String(), "why": pl.String(), "since": pl.Datetime("us")}
)


def apply(rows: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Leaderboard `rows` without hidden models, and with the reason of those flagged as `flag`."""
    hidden = marks.filter(kind=HIDDEN)
    flags = marks.filter(kind=FLAGGED).select("model", pl.col("why").alias("flag"))
    shown = rows.join(hidden, on="model", how="anti", maintain_order="left")
    return shown.join(flags, on="model", how="left", maintain_order="left")


def offered(runs: pl.DataFrame, column: str, asked: Sequence[str]) -> pl.DataFrame:
    """The `runs` that a reader chooses from: of a hidden model only what an address asks for.

    It is asked for by its `column`, such as run_id.
    """
    theirs = pl.col("model").is_in(runs.filter(pl.col(column).is_in(asked))["model"].implode())
    return runs.filter(~pl.col("hidden") | theirs)


def find(marks: pl.DataFrame, model: str) -> Mapping[str, Any] | None:
    """The mark of a model; None where it has none."""
    found = marks.filter(model=model)
    return found.row(0, named=True) if found.height else None


def describe(mark: Mapping[str, Any]) -> str:
    """`hidden from the leaderboard since 2026-01-02: Why.`, as the end of a sentence."""
    what = "hidden from the leaderboard" if mark["kind"] == HIDDEN else "flagged"
    why = " ".join(mark["why"].split())
    return f"{what} since {mark['since']:%Y-%m-%d}: {why}{'' if why.endswith(STOPS) else '.'}"

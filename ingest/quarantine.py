"""Keeps what could not be loaded, with the reason: nothing is dropped in silence."""

from collections.abc import Mapping

import polars as pl

from evaluator.tables import QUARANTINE
from warehouse.drafts import Draft

CONTENT_LENGTH = 500
ROWS = pl.Schema({"source": pl.String(), "file": pl.String()} | dict(list(QUARANTINE.items())[1:]))


def refuse(source: str, reason: str) -> pl.DataFrame:
    """One row that says why all of `source` was refused."""
    return pl.DataFrame([{"source": source, "reason": reason}], schema=ROWS)


def from_run(run_id: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that an import refused, as its run folder keeps them."""
    return rows.rename({"source": "file"}).select(
        pl.lit(run_id).alias("source"),
        "file",
        "line",
        "reason",
        pl.col("content").str.slice(0, CONTENT_LENGTH),
    )


def replace(draft: Draft, source: str, rows: pl.DataFrame) -> None:
    """Make `rows` all that is known to be wrong with `source`; no change where they are."""
    known = draft.ask("quarantine").filter(pl.col("source") == source)
    if not known.sort(ROWS.names()).equals(rows.select(ROWS.names()).sort(ROWS.names())):
        draft.load("forget_quarantine", pl.DataFrame({"source": [source]}))
        draft.load("quarantine", rows)


def replace_many(draft: Draft, refused: Mapping[str, pl.DataFrame]) -> None:
    """The same for what each run's import refused, by run id; most refused nothing."""
    known = set(draft.ask("quarantine")["source"])
    for run_id, rows in refused.items():
        if rows.height or run_id in known:
            replace(draft, run_id, from_run(run_id, rows))

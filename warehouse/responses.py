"""Reads what a model was asked and said on one question: it stays in the run folder."""

from pathlib import Path

import polars as pl

from warehouse import settings

COLUMNS = ("prompt", "response", "tokens", "truncated", "seconds")


def read_response(
    run_id: str, task: str, sample_id: str, repeat: int = 0
) -> dict[str, object] | None:
    """Return the prompt, response, tokens, truncation and seconds of one prediction.

    None where the run folder is not on this machine, or is damaged.
    """
    path = settings.runs_folder() / Path(run_id).name / f"{Path(task).name}.parquet"
    if not path.is_file():
        return None
    try:
        rows = pl.read_parquet(path, columns=["sample_id", "repeat", *COLUMNS], glob=False)
    except (pl.exceptions.PolarsError, OSError):
        return None
    found = rows.filter(sample_id=sample_id, repeat=repeat)
    return found.select(COLUMNS).row(0, named=True) if found.height else None

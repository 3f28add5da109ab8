"""Reads what a model was asked and said on one question: it stays in the run folder."""

from pathlib import Path

import polars as pl

from warehouse import settings

COLUMNS = ("prompt", "response", "tokens", "truncated", "seconds")
THINKING = "thinking"
"""What older run folders do not have."""


def read_response(
    run_id: str, task: str, sample_id: str, repeat: int = 0
) -> dict[str, object] | None:
    """Return the prompt, response, thinking, tokens, truncation and seconds of one prediction.

    Thinking is None where the model wrote none, or the run folder is of before it was kept.
    None where the run folder is not on this machine, or is damaged.
    """
    path = settings.runs_folder() / Path(run_id).name / f"{Path(task).name}.parquet"
    if not path.is_file():
        return None
    try:
        kept = [name for name in (THINKING,) if name in pl.read_parquet_schema(path)]
        columns = ["sample_id", "repeat", *COLUMNS, *kept]
        rows = pl.read_parquet(path, columns=columns, glob=False)
    except (pl.exceptions.PolarsError, OSError):
        return None
    found = rows.filter(sample_id=sample_id, repeat=repeat)
    if found.is_empty():
        return None
    return {THINKING: None} | found.select(*COLUMNS, *kept).row(0, named=True)

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
    rows = read_rows(run_id, task)
    found = None if rows is None else rows.filter(sample_id=sample_id, repeat=repeat)
    if found is None or found.is_empty():
        return None
    return {THINKING: None} | found.drop("sample_id", "repeat").row(0, named=True)


def read_responses(run_id: str, task: str) -> dict[tuple[str, int], dict[str, object]]:
    """The same of every prediction of a run's task, by `sample_id` and `repeat`; perhaps none."""
    rows = read_rows(run_id, task)
    if rows is None:
        return {}
    return {
        (row.pop("sample_id"), row.pop("repeat")): {THINKING: None} | row
        for row in rows.iter_rows(named=True)
    }


def read_rows(run_id: str, task: str) -> pl.DataFrame | None:
    path = settings.runs_folder() / Path(run_id).name / f"{Path(task).name}.parquet"
    if not path.is_file():
        return None
    try:
        kept = [name for name in (THINKING,) if name in pl.read_parquet_schema(path)]
        columns = ["sample_id", "repeat", *COLUMNS, *kept]
        return pl.read_parquet(path, columns=columns, glob=False)
    except (pl.exceptions.PolarsError, OSError):
        return None

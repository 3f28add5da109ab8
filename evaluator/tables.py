"""The Parquet tables of a run folder: a row per prediction, and what an import refused."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from evaluator.errors import BrokenRun

QUARANTINE_FILE = "quarantine.parquet"
PREDICTIONS = pl.Schema(
    {
        "sample_id": pl.String(),
        "repeat": pl.Int16(),  # from 0: which of several draws, or by how many places the choices
        # were rotated
        "prediction": pl.String(),  # a letter of the source's order; null when unreadable
        "logprobs": pl.List(pl.Float64()),  # natural log, one a choice; null where there are none
        "prompt": pl.String(),  # as rendered; null where an import does not know it
        "response": pl.String(),  # the text that the model gave; null where it gave none
        "tokens": pl.Int32(),  # of the prompt with its longest continuation
        "truncated": pl.Boolean(),  # whether the prompt was cut from the left
        "seconds": pl.Float64(),
        "source_line": pl.Int64(),  # in the imported file, counted from 1
        "prompt_hash": pl.String(),  # of prompt and continuations (prompts.prompt_hash)
        "first_tokens": pl.List(pl.Int32()),  # of each continuation, in the order of the choices
        "thinking": pl.String(),  # what the model wrote in <think>…</think> before its response
        "written_tokens": pl.Int32(),  # of thinking and response
        "finish": pl.String(),  # why the response ends: one of FINISHES
        "cost": pl.Float64(),  # US dollars, as the price that was named has it
        "logprobs_before": pl.List(pl.Float64()),  # of each choice, asked for without a rationale
        "logprobs_after": pl.List(pl.Float64()),  # the same right after the model's rationale
    }
)
FINISHES = ("end", "stop string", "limit", "filter")
"""Why a response ends: the model was done, wrote a stop string or all it may, or was refused."""
OLDEST = PREDICTIONS.names()[:10]
"""The columns that every run folder has; the others came one lot after the other."""
QUARANTINE = pl.Schema(
    {"source": pl.String(), "line": pl.Int64(), "reason": pl.String(), "content": pl.String()}
)


def read_predictions(folder: Path, task: str) -> pl.DataFrame:
    """Read and validate one task's predictions, a row a prediction; raises `BrokenRun`."""
    path = folder / f"{task}.parquet"
    rows = read_table(path, PREDICTIONS)
    if rows.select("sample_id", "repeat").null_count().row(0) != (0, 0):
        raise BrokenRun(f"{path} has a prediction without sample_id or repeat.")
    return rows


def find_predictions(folder: Path, task: str) -> Path:
    """Return the file of one task's predictions, whose columns are right; raises `BrokenRun`."""
    path = folder / f"{task}.parquet"
    with broken_run(path):
        columns = pl.read_parquet_schema(path)
    check_columns(path, fill_up(columns), PREDICTIONS)
    return path


def scan_predictions(paths: Sequence[str]) -> pl.LazyFrame:
    """All rows of the files, which `find_predictions` found, and the `path` that each is from.

    What an older file does not have is null.
    """
    return pl.scan_parquet(
        list(paths),
        schema=PREDICTIONS,  # else that of the first file, which may be an older one
        missing_columns="insert",
        glob=False,
        include_file_paths="path",
    )


def read_quarantine(folder: Path) -> pl.DataFrame:
    """Read the rows that an import refused; empty where there are none."""
    path = folder / QUARANTINE_FILE
    return read_table(path, QUARANTINE) if path.exists() else pl.DataFrame(schema=QUARANTINE)


def read_table(path: Path, schema: pl.Schema) -> pl.DataFrame:
    with broken_run(path):
        table = pl.read_parquet(path, glob=False)
    if schema is PREDICTIONS:
        newer = [name for name in fill_up(table.schema) if name not in table.columns]
        table = table.with_columns(pl.lit(None, schema[name]).alias(name) for name in newer)
    check_columns(path, table.schema, schema)
    return table


def fill_up(columns: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """The columns of a run folder's file, and those that came after it was written, null in it."""
    missing = PREDICTIONS.names()[len(columns) :] if len(columns) >= len(OLDEST) else []
    return {**columns, **{name: PREDICTIONS[name] for name in missing}}


@contextmanager
def broken_run(path: Path) -> Iterator[None]:
    """Say of a damaged file what it is."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BrokenRun(f"{path} is not a readable Parquet file: {error}") from error


def check_columns(path: Path, columns: Mapping[str, pl.DataType], expected: pl.Schema) -> None:
    if list(columns.items()) != list(expected.items()):
        raise BrokenRun(f"{path} has the columns {columns}, expected {expected}.")

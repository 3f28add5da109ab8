"""The Parquet tables of a run folder: a row per prediction, and what an import refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from evaluator.errors import BrokenRun

QUARANTINE_FILE = "quarantine.parquet"
PREDICTIONS = pl.Schema(
    {
        "sample_id": pl.String(),
        "repeat": pl.Int16(),  # 0, unless a protocol asks the same question several times
        "prediction": pl.String(),  # a letter; null when the response could not be read
        "logprobs": pl.List(pl.Float64()),  # natural log, one a choice; null where there are none
        "prompt": pl.String(),  # as rendered; null where an import does not know it
        "response": pl.String(),  # the text that the model gave; null where it gave none
        "tokens": pl.Int32(),  # of the prompt with its longest continuation
        "truncated": pl.Boolean(),  # whether the prompt was cut from the left
        "seconds": pl.Float64(),
        "source_line": pl.Int64(),  # in the imported file, counted from 1
        "prompt_hash": pl.String(),  # of prompt and continuations (protocols.prompt_hash)
        "first_tokens": pl.List(pl.Int32()),  # of each continuation, in the order of the choices
    }
)
NEWER = ("prompt_hash", "first_tokens")
"""Columns that the oldest run folders lack; they read as null."""
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
    if set(NEWER).isdisjoint(columns):
        columns |= {name: PREDICTIONS[name] for name in NEWER}
    check_columns(path, columns, PREDICTIONS)
    return path


def read_quarantine(folder: Path) -> pl.DataFrame:
    """Read the rows that an import refused; empty where there are none."""
    path = folder / QUARANTINE_FILE
    return read_table(path, QUARANTINE) if path.exists() else pl.DataFrame(schema=QUARANTINE)


def read_table(path: Path, schema: pl.Schema) -> pl.DataFrame:
    with broken_run(path):
        table = pl.read_parquet(path, glob=False)
    if schema is PREDICTIONS and not set(NEWER) & set(table.columns):
        table = table.with_columns(pl.lit(None, PREDICTIONS[name]).alias(name) for name in NEWER)
    check_columns(path, table.schema, schema)
    return table


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

"""Reads Parquet files that others wrote, a part at a time and within limits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from ingest.errors import UnreadableFile

LARGEST_FILE = 2**31
"""Bytes. lighteval's details of 14,042 questions of MMLU with their tokens have 0.1 GB."""
MOST_ROWS = 10**6
"""A file of some kilobytes can spell out billions."""
AT_ONCE = 1_000


@contextmanager
def readable(path: Path) -> Iterator[pl.LazyFrame]:
    """Open a file that may be read; raises `UnreadableFile`, also while it is read."""
    try:
        str(path).encode()  # polars takes no other names
        if path.stat().st_size > LARGEST_FILE:
            raise UnreadableFile(f"{path} has more than {LARGEST_FILE >> 30} GB.")
        rows = pl.scan_parquet(path, glob=False)
        height = count_rows(rows)
        if height > MOST_ROWS:
            raise UnreadableFile(f"{path} has {height:,} rows, expected at most {MOST_ROWS:,}.")
        yield rows
    except (pl.exceptions.PolarsError, OSError, UnicodeEncodeError) as error:
        raise UnreadableFile(f"{path} is not a readable Parquet file: {error}") from error


def count_rows(rows: pl.LazyFrame) -> int:
    height: int = rows.select(pl.len()).collect().item()
    return height


def read_schema(path: Path) -> pl.Schema:
    """Return the columns of a file; raises `UnreadableFile`."""
    with readable(path) as rows:
        return rows.collect_schema()


def read_rows(path: Path, names: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows with all columns, or those of `names`; raises `UnreadableFile`."""
    with readable(path) as rows:
        chosen = rows if names is None else rows.select(names)
        for start in range(0, count_rows(rows), AT_ONCE):
            yield from chosen.slice(start, AT_ONCE).collect().iter_rows(named=True)

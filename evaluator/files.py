"""Writes files that appear whole or not at all, also after a power cut."""

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where no space is left."""


def write_table(path: Path, table: pl.DataFrame) -> None:
    """Write `table` so that `path` is either absent or whole, also after a power cut."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with numbered_errors(path):
        table.write_parquet(unfinished)
    settle(unfinished, path)


def join_tables(path: Path, parts: Sequence[Path]) -> None:
    """Write the rows of `parts`, one after the other, as `path`; never all in memory."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with numbered_errors(path):
        pl.scan_parquet(list(parts), glob=False).sink_parquet(unfinished)
    settle(unfinished, path)


@contextmanager
def numbered_errors(path: Path) -> Iterator[None]:
    """Turn polars' error of a full disk, which is a text alone, into the system's."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        if number := re.search(r"\(os error (\d+)\)", str(error)):
            raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` so that `path` is either absent or whole."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    settle(unfinished, path)


def settle(unfinished: Path, path: Path) -> None:
    """Bring `unfinished` to disk and give it its name, at once for every reader."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

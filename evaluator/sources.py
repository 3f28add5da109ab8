"""Finds and reads the files that questions come from: the Hub, a mirror folder, or this package."""

import hashlib
import json
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from evaluator import hub
from evaluator.errors import BadSample, MissingSource, ModelError

EMBEDDED = "embedded"
OWN = "own"


def find(
    dataset: str, revision: str, file: str, *, folder: Path | None, mirror: Path | None
) -> Path:
    """Return the local path of `file`: inside `folder`, else the `mirror`, else from the Hub."""
    if folder is not None:
        return folder / file
    if mirror is not None:
        path = mirror / dataset / file
        if not path.is_file():
            raise MissingSource(
                f"{path} is missing. A mirror has the Hub's layout, <mirror>/<dataset>/<file>; "
                "leave --data out to read from the Hub."
            )
        return path
    try:
        return hub.download_file(dataset, file, revision)
    except ModelError as error:
        raise MissingSource(f"{error} A mirror folder can be named with --data.") from error


def read_rows(path: Path, limit: int | None = None) -> list[dict[str, Any]]:
    """Read a Parquet or JSON-lines file into one dictionary a row, the first `limit` or all."""
    if path.suffix == ".parquet":
        try:
            return pl.read_parquet(path, n_rows=limit, glob=False).to_dicts()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise MissingSource(f"{path} is not a readable Parquet file: {error}") from error
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MissingSource(f"{path} is not a readable text file: {error}") from error
    lines = text.split("\n")  # not splitlines: JSON strings may hold U+2028 and its like
    rows = (parse_line(line, path, number) for number, line in enumerate(lines, 1) if line.strip())
    return list(islice(rows, limit))


def parse_line(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadSample(f"{path}, line {number}: not JSON ({error}).") from error
    if not isinstance(row, dict):
        raise BadSample(f"{path}, line {number}: expected a JSON object, found {line[:40]!r}.")
    return row


def read_ids(path: Path) -> list[str]:
    """Read one id a line; lines that begin with # explain."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def count_lines(path: Path) -> int:
    """How many lines of a text file are not empty."""
    return sum(1 for line in path.read_text(encoding="utf-8").split("\n") if line.strip())


def file_revision(path: Path) -> str:
    """`sha256:` and 12 hex digits of a file's content: a revision for what has no commit."""
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()[:12]

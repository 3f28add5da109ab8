"""Answers SQL that strangers type: a statement a process, which can read one snapshot and no more.

DuckDB calls SQL as powerful as a shell script, and has no time limit of its own. So the statement
runs in a child that the operating system keeps small: it has little memory and little time, and
once the snapshot is open it can open nothing else, be it a file, a temporary file or a connection.
DuckDB's own locks (https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview) stand
before those.
"""

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from warehouse import cell
from warehouse.errors import SandboxBusy, StatementFailed

SECONDS = 10
PATIENCE = 15
"""Seconds to wait for a place."""
PLACES = 2
"""Statements at once; each may take a core and its memory."""
MOST_ROWS = cell.MOST_ROWS
LONGEST_STATEMENT = 20_000  # characters
COLUMN_TYPES: dict[str, type[pl.DataType]] = {
    "text": pl.String,
    "truth": pl.Boolean,
    "real": pl.Float64,
    "whole": pl.Int64,
}
places = threading.BoundedSemaphore(PLACES)


@dataclass(frozen=True)
class Answer:
    rows: pl.DataFrame
    """Numbers and truth values are kept; all else is text: dates as ISO has them, lists as JSON."""
    cut: bool
    """Whether there was more than `MOST_ROWS`, or more than six megabytes."""


def run_statement(sql: str, snapshot: Path, seconds: float = SECONDS) -> Answer:
    """Answer one reading statement from the snapshot's file.

    Raises `StatementFailed`, whose message may repeat what was typed, or `SandboxBusy`.
    """
    if len(sql) > LONGEST_STATEMENT:
        raise StatementFailed(f"A statement may have {LONGEST_STATEMENT:,} characters.")
    if not places.acquire(timeout=PATIENCE):
        raise SandboxBusy("Others' statements are running. Try again in a few seconds.")
    try:
        said = run_child(sql, snapshot, seconds)
    finally:
        places.release()
    return read_answer(said)


def run_child(sql: str, snapshot: Path, seconds: float) -> bytes:
    """What a new child answers; a file takes it, whose size the operating system limits."""
    with tempfile.TemporaryFile() as answer:
        try:
            ended = subprocess.run(
                [sys.executable, "-I", cell.__file__, snapshot.name],
                cwd=snapshot.parent,  # messages then name no folder of this machine
                env={},
                input=json.dumps(sql).encode("ascii"),
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise StatementFailed(
                f"It took longer than {seconds:g} seconds and was stopped. Ask for less at once."
            ) from None
        answer.seek(0)
        said = answer.read(cell.FILE_BYTES)
    if ended.returncode != 0 or not said:
        raise StatementFailed(
            "It was stopped: it needed more than a statement may have. Ask for less at once."
        )
    return said


def read_answer(said: bytes) -> Answer:
    """Rows of what a child wrote; it is trusted with nothing."""
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError:
        raise StatementFailed("The answer broke off. Ask for less at once.") from None
    if "error" in answer:
        raise StatementFailed(str(answer["error"]))
    columns = [
        pl.Series(name, values, COLUMN_TYPES[kind], strict=False)
        for name, kind, values in zip(
            unique_names(answer["names"]), answer["kinds"], answer["columns"], strict=True
        )
    ]
    return Answer(pl.DataFrame(columns), bool(answer["cut"]))


def unique_names(names: list[str]) -> list[str]:
    """Tell columns of one name apart by a number: `n`, `n (2)`."""
    unique: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in unique:
            number += 1
            candidate = f"{name} ({number})"
        unique.append(candidate)
    return unique

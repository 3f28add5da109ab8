"""Where submissions stand, in sentences; no Streamlit here.

Names and reasons may be anybody's: show them as plain text.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import polars as pl

from dashboard import offers, times

Source = Literal["ledger", "snapshot", "nobody"]
"""Who says where submissions stand: the ledger; the snapshot, for the ledger does not answer; or
nobody, for there is no ledger."""
MOST = 50
"""Submissions that are looked at for one name."""
TOLD = 3
"""Of one model's, how many are told."""
SAME = ("model", "lane", "precision", "tasks")
"""Of those that ask for the same, the newest says where it stands."""
STANDING = pl.Schema(
    {
        "number": pl.Int64(),
        "model": pl.String(),
        "precision": pl.String(),
        "lane": pl.String(),
        "tasks": pl.String(),
        "state": pl.String(),
        "since": pl.Datetime("us"),
        "code": pl.String(),
        "message": pl.String(),
        "problems": pl.List(pl.String()),
        "snapshot": pl.Int64(),
        "task": pl.Int64(),
        "of_tasks": pl.Int64(),
        "left": pl.Float64(),
        "position": pl.Int64(),
        "waiting": pl.Int64(),
        "begins": pl.Float64(),
    }
)
"""A row per submission: how far its run is (at which task, and seconds left), and its place in the
queue, among how many, with the seconds until it begins."""
Row = dict[str, Any]


class Submitted(NamedTuple):
    """What was submitted, and who says so."""

    rows: pl.DataFrame
    """As `STANDING`, of each model the newest first."""
    source: Source


def read_copy(submissions: pl.DataFrame, words: Sequence[str]) -> pl.DataFrame:
    """The snapshot's `submissions` whose model's name holds each word, as `STANDING`.

    Words are in lower case. Those of just this name come first.
    """
    name = pl.col("model").str.to_lowercase()
    found = submissions.filter(True, *(name.str.contains(word, literal=True) for word in words))
    first = found.sort(name != " ".join(words), maintain_order=True).head(MOST)
    return pl.DataFrame(first.to_dicts(), schema=STANDING)


def tell(rows: pl.DataFrame, *, is_shown: bool) -> list[tuple[str, int]]:
    """A sentence on each of one model's submissions, with its number; see `TOLD` and `SAME`.

    Of a finished one nothing is said where the model `is_shown`.
    """
    newest = rows.unique(SAME, keep="first", maintain_order=True)
    worth = newest.filter((pl.col("state") != "finished") | (not is_shown))
    return [(sentence(row), row["number"]) for row in worth.head(TOLD).iter_rows(named=True)]


def sentence(row: Row) -> str:
    asked = ", ".join((row["lane"], row["precision"], offers.tasks_text(row["tasks"], {})))
    return f"{row['model']} ({asked}) {stand(row)}"


def stand(row: Row) -> str:
    """The end of a sentence on a submission."""
    when = f"{row['since']:%Y-%m-%d}"
    why = " ".join((row["message"] or "").split())
    said = {
        "submitted": f"was submitted on {when}, and waits to be checked.",
        "checking": "is being checked now.",
        "rejected": f"was rejected on {when}: {' '.join(row['problems'] or []) or why}",
        "pending": say_wait(row),
        "running": say_progress(row),
        "ingesting": "is asked in full, and its answers are being published.",
        "finished": f"was finished on {when}. {say_snapshot(row)}",
        "failed": f"failed on {when} ({row['code'] or 'unknown'}){f': {why}' if why else '.'}",
        "cancelled": f"was cancelled on {when}: {why}",
        "superseded": f"was superseded on {when}: {why}",
    }
    return said.get(row["state"], f"is {row['state']} since {when}.").strip()


def say_wait(row: Row) -> str:
    if row["position"] is None:
        return "waits in the queue."
    place = f"is number {row['position']:,} of {row['waiting']:,} in the queue"
    if row["begins"] is None:
        return f"{place}; nobody can tell yet when it begins."
    return f"{place}, and begins {times.begins(row['begins'])}."


def say_progress(row: Row) -> str:
    if row["task"] is None:
        return "is running."
    left = "" if row["left"] is None else f", {times.duration(row['left'])} left"
    return f"is running: task {row['task']} of {row['of_tasks']}{left}."


def say_snapshot(row: Row) -> str:
    if row["snapshot"] is None:
        return "Its scores are not in the snapshot in use."
    return f"Its scores came with snapshot {row['snapshot']}, and are not in the one in use."

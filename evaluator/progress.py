"""How far a run is, read from its folder by a process that is not at it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
from pydantic import ValidationError

from evaluator import records, shards
from evaluator.errors import BrokenRun
from evaluator.records import Plan


class Identity(NamedTuple):
    """Whose run it is, and how the model is asked."""

    model: str
    revision: str
    precision: str
    protocol: str

    def is_of(self, plan: Plan) -> bool:
        """Whether `plan` is of that; who reads no question has no precision."""
        return (
            (plan.model.name, plan.model.revision) == (self.model, self.revision)
            and plan.precision in (self.precision, None)
            and plan.protocol.slug == self.protocol
        )


def find_finished(who: Identity, tasks: frozenset[str]) -> str | None:
    """The id of the latest finished run that asked just these tasks."""
    found = [
        run
        for folder in records.runs_folder().glob(f"*/{records.RUN_FILE}")
        if (run := read_record(folder.parent))
        and who.is_of(run.plan)
        and {result.task for result in run.results} == tasks
    ]
    return max(found, key=lambda run: run.finished_at).run_id if found else None


def read_record(folder: Path) -> records.Run | None:
    """The record of a run; None where it is damaged, which is another's matter."""
    try:
        return records.read_run(folder)
    except BrokenRun:
        return None


def read_progress(who: Identity) -> dict[str, int | str]:
    """Which task a run is at, of how many, and which question of it; empty before it begins."""
    for folder, plan in unfinished():
        if who.is_of(plan):
            return count(folder, [task.task for task in plan.tasks])
    return {}


def unfinished() -> Iterator[tuple[Path, Plan]]:
    for path in records.runs_folder().glob("*/plan.json"):
        try:
            yield path.parent, Plan.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):  # it is finished, or its first word is being written
            continue


def count(folder: Path, tasks: list[str]) -> dict[str, int | str]:
    answered = {task: count_rows(folder, task) for task in tasks}
    begun = [place for place, task in enumerate(tasks) if answered[task]]
    at = begun[-1] if begun else 0
    return {"task": at + 1, "tasks": len(tasks), "name": tasks[at], "answered": answered[tasks[at]]}


def count_rows(folder: Path, task: str) -> int:
    """Answers of a task that are kept; a shard may go away while it is counted."""
    whole = folder / f"{task}.parquet"
    files = [whole] if whole.exists() else (folder / shards.FOLDER).glob(f"{task}.*.*.parquet")
    rows = 0
    for path in files:
        try:
            rows += pl.scan_parquet(path).select(pl.len()).collect().item()
        except (OSError, pl.exceptions.PolarsError):
            continue
    return rows

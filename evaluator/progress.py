"""How far a run is, read from its folder by a process that is not at it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
from pydantic import ValidationError

from evaluator import records, shards
from evaluator.errors import BrokenRun
from evaluator.records import Plan
from evaluator.tasks import all_tasks, find_task

Progress = dict[str, int | float | str]


class Identity(NamedTuple):
    """Whose run it is, and how the model is asked."""

    model: str
    revision: str
    precision: str
    protocol: str
    weights: str = "original"
    base_revision: str | None = None
    """Of what an adapter or a delta is added to; a commit says which that is."""

    def is_of(self, plan: Plan) -> bool:
        """Whether `plan` is of that; who reads no question has no precision."""
        model = plan.model
        return (
            (model.name, model.revision) == (self.model, self.revision)
            and (model.weights, model.base_revision) == (self.weights, self.base_revision)
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


class Pace:
    """How long a run still takes, from how fast it went since it was first looked at.

    What an earlier attempt answered says nothing of this one's speed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.first: tuple[float, int] | None = None

    def add_left(self, progress: Progress) -> Progress:
        """`progress` with `left`, in seconds, as soon as that can be told."""
        if not progress:
            return progress
        at, done = self.clock(), int(progress["done"])
        if self.first is None:
            self.first = at, done
        seconds, answered = at - self.first[0], done - self.first[1]
        if not answered:
            return progress
        return progress | {"left": round(seconds / answered * (int(progress["all"]) - done), 1)}


def read_progress(who: Identity) -> Progress:
    """Where a run is; empty before it begins.

    `task` of `tasks`, by its `name`; of its questions `answered` of `of`; `done` of `all` together.
    """
    for folder, plan in unfinished():
        tasks = [task.task for task in plan.tasks]
        if who.is_of(plan) and all_tasks().keys() >= set(tasks):  # else it is of another time
            return count(folder, tasks)
    return {}


def unfinished() -> Iterator[tuple[Path, Plan]]:
    for path in records.runs_folder().glob("*/plan.json"):
        try:
            yield path.parent, Plan.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):  # it is finished, or its first word is being written
            continue


def count(folder: Path, tasks: list[str]) -> Progress:
    answered = {task: count_questions(folder, task) for task in tasks}
    begun = [place for place, task in enumerate(tasks) if answered[task]]
    at = begun[-1] if begun else 0
    sizes = {task: find_task(task).size for task in tasks}
    return {
        "task": at + 1,
        "tasks": len(tasks),
        "name": tasks[at],
        "answered": answered[tasks[at]],
        "of": sizes[tasks[at]],
        "done": sum(answered.values()),
        "all": sum(sizes.values()),
    }


def count_questions(folder: Path, task: str) -> int:
    """Questions of a task that have an answer which is kept.

    A shard may go away while it is counted; one question may have answers in several.
    """
    whole = folder / f"{task}.parquet"
    files = [whole] if whole.exists() else (folder / shards.FOLDER).glob(f"{task}.*.*.parquet")
    answered: set[str] = set()
    for path in files:
        try:
            answered.update(pl.scan_parquet(path).select("sample_id").collect()["sample_id"])
        except (OSError, pl.exceptions.PolarsError):
            continue
    return len(answered)

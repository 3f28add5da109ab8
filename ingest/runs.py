"""Loads run folders into a draft."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
from tqdm import tqdm

from evaluator.errors import BrokenRun, EvaluatorError, TaskError
from evaluator.files import settle
from evaluator.records import PLANS, RUN_FILE, Run, read_run
from evaluator.tables import QUARANTINE_FILE, read_quarantine
from evaluator.tasks import find_task
from ingest import frames, quarantine
from ingest.errors import NothingToImport
from ingest.rationale_flags import flag_rationales
from ingest.run_checks import read_answers
from ingest.samples import load_questions
from warehouse import settings
from warehouse.drafts import Draft

PLAN = re.compile(r"(.+)\.\d{3}\.batches\.json")
LARGEST_PLAN = 2**20  # bytes; one of 2,048 questions has some 12,000
TOGETHER = 64  # runs that are read, judged and loaded at a time: half a million predictions


def find_folders(folders: Iterable[Path]) -> list[Path]:
    """Return the finished run folders: those named, copied to where runs are kept, or all kept.

    A folder named may be a run folder or hold run folders. Raises `NothingToImport` for one that
    is or holds none.
    """
    kept = settings.runs_folder()
    for folder in map(Path.resolve, folders):
        found = [folder] if (folder / RUN_FILE).exists() else finished(folder)
        if not found:
            raise NothingToImport(f"{folder} is no finished run folder, and holds none.")
        for run_folder in found:
            if run_folder.parent != kept.resolve():
                adopt(run_folder, kept)
    return finished(kept)


def finished(folder: Path) -> list[Path]:
    return sorted(
        path.parent
        for path in folder.glob(f"*/{RUN_FILE}")
        if not path.parent.name.startswith(".")  # one that is being copied
    )


def adopt(folder: Path, kept: Path) -> None:
    """Copy a run folder's own files to where runs are kept, whole or not at all.

    Links are not followed: they could bring in any file. Raises `BrokenRun` where another run of
    that name is kept.
    """
    if (kept / folder.name).exists():
        if hash_record(folder) != hash_record(kept / folder.name):
            raise BrokenRun(f"{kept / folder.name} is another run of the same name as {folder}.")
        return
    tasks = [result.task for result in read_run(folder).results]
    if odd := [task for task in tasks if Path(task).name != task]:
        raise BrokenRun(f"{folder} has results of {odd[0]!r}, which is no name of a task.")
    unfinished = kept / f".{folder.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    if plans := find_plans(folder / PLANS, tasks):
        (unfinished / PLANS).mkdir()
    answers = [folder / f"{task}.parquet" for task in tasks]
    for path in [*answers, folder / QUARANTINE_FILE, *plans, folder / RUN_FILE]:
        if path.is_symlink() or not (path.is_file() or path.name == QUARANTINE_FILE):
            raise BrokenRun(f"{path} is missing or no plain file.")
        if path.exists():
            whole = unfinished / path.relative_to(folder)
            copy = whole.with_name(f".{path.name}")
            shutil.copyfile(path, copy)
            settle(copy, whole)
    unfinished.rename(kept / folder.name)


def find_plans(folder: Path, tasks: Sequence[str]) -> list[Path]:
    """The batch plans of the tasks, where the run kept any; raises `BrokenRun` for what is none."""
    if folder.is_symlink():
        raise BrokenRun(f"{folder} is a link, expected a folder.")
    found = [(PLAN.fullmatch(path.name), path) for path in sorted(folder.glob("*.json"))]
    plans = [path for named, path in found if named and named[1] in tasks]
    for path in plans:
        if path.is_file() and path.stat().st_size > LARGEST_PLAN:
            raise BrokenRun(f"{path} is no batch plan: it has more than {LARGEST_PLAN:,} bytes.")
    return plans


Questions = Callable[[str], str]
"""Loads a task's questions, once, and returns their hash."""


@dataclass(frozen=True)
class Found:
    """A run folder whose record and quarantine are read, and no prediction yet."""

    folder: Path
    run: Run
    record_hash: str
    rejected: pl.DataFrame


def load_runs(draft: Draft, folders: Iterable[Path], mirror: Path | None) -> list[str]:
    """Load the folders that are not loaded yet; returns the ids of those that now are.

    What is broken goes to quarantine with its reason, and the rest still loads.
    """
    loaded = dict(draft.ask("run_keys").iter_rows())
    refused = set(draft.ask("quarantine").filter(pl.col("file").is_null())["source"])
    found: list[Path] = []
    for folder in folders:
        with refusing(draft, folder.name):
            if loaded.get(folder.name) != hash_record(folder) or folder.name in refused:
                found.append(folder)
    new: list[str] = []
    questions = cache(lambda task: load_questions(draft, find_task(task), mirror))
    with tqdm(total=len(found), desc="runs", unit=" runs", leave=False, disable=None) as progress:
        for first in range(0, len(found), TOGETHER):
            some = found[first : first + TOGETHER]
            new += load_together(draft, some, questions)
            progress.update(len(some))
    return new


@contextmanager
def refusing(draft: Draft, source: str) -> Iterator[None]:
    """Put `source` into quarantine where it turns out to be broken."""
    try:
        yield
    except EvaluatorError as error:
        quarantine.replace(draft, source, quarantine.refuse(source, str(error)))


def hash_record(folder: Path) -> str:
    try:
        return hashlib.sha256((folder / RUN_FILE).read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise BrokenRun(f"{folder / RUN_FILE} cannot be read: {error}") from error


def load_together(draft: Draft, folders: Sequence[Path], questions: Questions) -> list[str]:
    """Read and judge some runs, then load those that are whole; returns their ids."""
    ready: dict[str, Found] = {}
    for folder in folders:
        with refusing(draft, folder.name):
            run = read_run(folder)
            check_questions(run, questions)
            ready[run.run_id] = Found(folder, run, hash_record(folder), read_quarantine(folder))
    asked = draft.ask("sample_choices")
    answers, faults = read_answers({one.folder: one.run for one in ready.values()}, asked)
    for run_id, fault in faults.items():
        del ready[run_id]
        with refusing(draft, run_id):
            raise fault
    if not ready:
        return []
    runs = [one.run for one in ready.values()]
    known = set(draft.ask("run_numbers")["run_id"])
    forgotten = [run_id for run_id in ready if run_id in known]
    draft.load("forget_runs", pl.DataFrame({"run_id": forgotten}, schema={"run_id": pl.String}))
    draft.load("models", frames.models_frame(runs))
    draft.load("runs", frames.runs_frame(runs, [one.record_hash for one in ready.values()]))
    draft.load("run_tasks", frames.run_tasks_frame(runs, answers))
    numbers = draft.ask("run_numbers")
    draft.load("predictions", frames.predictions_frame(answers, numbers))
    draft.load("answers", frames.answers_frame(answers, numbers))
    draft.load("answer_sheets", frames.answer_sheets_frame(answers, asked))
    whole = {one.folder: one.run for one in ready.values()}
    draft.load("prediction_flags", flag_rationales(whole, lambda: draft.ask("questions")))
    quarantine.replace_many(draft, {run_id: one.rejected for run_id, one in ready.items()})
    return list(ready)


def check_questions(run: Run, questions: Questions) -> None:
    """Have the questions loaded that `run` was asked; raises `BrokenRun` where they are others."""
    expected = {result.task: result.expected for result in run.results}
    for plan in run.plan.tasks:
        task = find_task(plan.task)
        if expected[plan.task] != task.size:
            raise BrokenRun(
                f"{run.run_id} says that {plan.task} has {expected[plan.task]} questions; it has "
                f"{task.size}."
            )
        try:
            loaded = questions(plan.task)
        except TaskError as error:
            raise BrokenRun(
                f"{run.run_id}: the questions of {plan.task} cannot be had. {error}"
            ) from error
        if plan.samples_hash != loaded:
            raise BrokenRun(
                f"{run.run_id} was asked other questions of {plan.task} (revision "
                f"{plan.revision}, hash {plan.samples_hash}) than those loaded (revision "
                f"{task.revision}, hash {loaded}). Evaluate the model again."
            )

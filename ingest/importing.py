"""Turns what an importer read into a run folder: the same for every tool's logs."""

import hashlib
import platform
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from tqdm import tqdm

from evaluator.files import write_table
from evaluator.records import RUN_FILE, Plan, Run, TaskPlan, TaskResult, write_run
from evaluator.tables import QUARANTINE, QUARANTINE_FILE
from evaluator.tasks import Task
from ingest.errors import NothingToImport, UnreadableFile
from ingest.foreign import ForeignRun, Log
from ingest.matching import Matched, match_log, utf8
from ingest.samples import hash_kept, keep_samples, questions_of
from warehouse import settings


def import_run(
    foreign: ForeignRun,
    command: str,
    mirror: Path | None,
    refused: Sequence[tuple[Path, str]] = (),
) -> Path:
    """Write the run folder of `foreign`, whole or not at all; returns it.

    A folder that was made of these very files before is left as it is. `refused` are files of no
    task, kept in its quarantine with the reason. Questions that were not kept are read from the
    `mirror`, else from the Hub. Raises `NothingToImport` where no row fits a question.
    """
    questions = {log.task.name: keep_samples(log.task, mirror) for log in foreign.logs}
    plan = Plan(
        model=foreign.model,
        precision=foreign.precision,
        protocol=foreign.protocol,
        tasks=tuple(map(plan_task, foreign.logs)),
    )
    folder = settings.runs_folder() / plan.run_id
    if (folder / RUN_FILE).exists():
        return folder
    logs = tqdm(foreign.logs, desc="files", unit=" files", leave=False, disable=None)
    matched = [match_log(log, questions[log.task.name]) for log in logs]
    fitting = [each for each in matched if each.table.height]
    whole = [
        {"source": utf8(path.name), "reason": utf8(reason), "content": ""}
        for path, reason in refused
    ]
    quarantine = pl.concat(
        [pl.DataFrame(whole, schema=QUARANTINE), *(each.refused for each in matched)]
    )
    if not fitting:
        reason = "the files are empty" if quarantine.is_empty() else quarantine["reason"][0]
        names = ", ".join(str(log.path) for log in foreign.logs)
        raise NothingToImport(f"No row of {names} fits a question: {reason}.")
    doubts = [foreign.suspect, *(each.doubt for each in fitting)]
    record = make_record(plan, fitting, command).model_copy(
        update={"suspect": "; ".join(filter(None, doubts)) or None}
    )
    write_folder(folder, record, fitting, quarantine)
    return folder


def try_run(foreign: ForeignRun, mirror: Path | None) -> str:
    """Say what `import_run` would load, in a few lines, and write nothing."""
    lines = [f"{foreign.model.name} ({foreign.model.revision}), {foreign.protocol.slug}"]
    if foreign.suspect:
        lines.append(f"suspect: {foreign.suspect}")
    for log in foreign.logs:
        matched = match_log(log, questions_of(log.task, mirror))
        lines += [matched.describe(), *([f"suspect: {matched.doubt}"] if matched.doubt else [])]
    return "\n".join(lines)


def plan_task(log: Log) -> TaskPlan:
    return TaskPlan(
        task=log.task.name,
        revision=log.task.revision,
        samples_hash=hash_kept(log.task),
        prompts_hash=None,  # follows from the file, which is hashed
        source=utf8(log.path.name),
        source_hash=hash_file(log.path),
        reading=utf8(log.reading),
    )


def hash_file(path: Path) -> str:
    """SHA-256 of a file; raises `UnreadableFile`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error}") from error


def make_record(plan: Plan, matched: Sequence[Matched], command: str) -> Run:
    """The record of what was matched; its id is that of all that was planned."""
    now = datetime.now(UTC).replace(microsecond=0)
    tables = {each.log.task.name: each for each in matched}
    kept = tuple(
        task.model_copy(update={"prompts_hash": tables[task.task].log.prompts_hash})
        for task in plan.tasks
        if task.task in tables
    )
    return Run(
        run_id=plan.run_id,
        plan=plan.model_copy(update={"tasks": kept}),
        origin="imported",
        results=tuple(count_answers(each.log.task, each.table) for each in tables.values()),
        started_at=now,
        finished_at=now,
        command=command,
        versions={"python": platform.python_version()},
        hardware={},
    )


def count_answers(task: Task, table: pl.DataFrame) -> TaskResult:
    """How many predictions a log has, and of how many questions where some have several."""
    answered = table["sample_id"].n_unique()
    return TaskResult(
        task=task.name,
        predictions=table.height,
        expected=task.size,
        answered=answered if answered < table.height else None,
    )


def write_folder(
    folder: Path, record: Run, matched: Sequence[Matched], quarantine: pl.DataFrame
) -> None:
    """Write the run folder under another name first, so that it appears whole."""
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for each in matched:
        write_table(unfinished / f"{each.log.task.name}.parquet", each.table)
    if quarantine.height:
        write_table(unfinished / QUARANTINE_FILE, quarantine)
    write_run(unfinished, record)
    unfinished.rename(folder)

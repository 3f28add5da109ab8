"""Turns a folder of `<task>.jsonl`, `.csv` or `.parquet` into a run folder.

Each row has a `sample_id` and a `prediction` (a letter) or a `response` (text that is read for
one). Rows that fit no question go to the folder's quarantine file.
"""

import csv
import hashlib
import json
import platform
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from tqdm import tqdm

from evaluator.answers import match_choice, read_choice
from evaluator.files import write_table
from evaluator.records import (
    PREDICTIONS,
    QUARANTINE,
    QUARANTINE_FILE,
    RUN_FILE,
    Plan,
    Run,
    TaskPlan,
    TaskResult,
    write_run,
)
from evaluator.samples import Sample, samples_hash
from evaluator.tasks import TASKS, Task
from ingest.errors import NothingToImport, UnreadableFile
from ingest.quarantine import CONTENT_LENGTH
from ingest.samples import keep_samples
from warehouse import settings

SUFFIXES = (".jsonl", ".csv", ".parquet")
Rows = Iterator[tuple[int, dict[str, Any] | str]]
"""Line or row number, counted from 1, and the row, or the text of one that cannot be read."""


def import_predictions(folder: Path, plan: Plan, command: str, mirror: Path | None) -> Path:
    """Write the run folder of `plan`'s model and protocol from the files in `folder`.

    `plan` comes without tasks: the files decide them. Returns the run folder, which is left as
    it is when these very files were imported before. Raises `NothingToImport`.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())
    known = {TASKS[path.stem]: path for path in files if path.stem in TASKS}
    if len(known) < sum(path.stem in TASKS for path in files):
        raise UnreadableFile(f"{folder} has two files for one task; leave one of them.")
    if not known:
        raise NothingToImport(
            f"{folder} has no file named for a task, such as medqa_4options.jsonl. "
            f"Tasks are {', '.join(TASKS)}; endings {', '.join(SUFFIXES)}."
        )
    questions = {task: keep_samples(task, mirror) for task in known}
    plan = plan.model_copy(
        update={"tasks": tuple(plan_task(task, questions[task], known[task]) for task in known)}
    )
    run_folder = settings.runs_folder() / plan.run_id
    if (run_folder / RUN_FILE).exists():
        return run_folder
    unknown = (path for path in files if path.stem not in TASKS)
    refused = [refusal(path, None, "no task has this name", "") for path in unknown]
    tables: dict[Task, pl.DataFrame] = {}
    for task, path in tqdm(known.items(), desc="files", unit=" files", leave=False, disable=None):
        rows, bad = read_file(path, questions[task])
        refused += bad
        if rows:
            tables[task] = pl.DataFrame(rows, schema=PREDICTIONS)
    if not tables:
        reason = refused[0]["reason"] if refused else "the files are empty"
        raise NothingToImport(f"No row of {folder} fits a question: {reason}.")
    write_folder(run_folder, plan, tables, refused, command)
    return run_folder


def plan_task(task: Task, samples: list[Sample], path: Path) -> TaskPlan:
    with path.open("rb") as file:
        source_hash = hashlib.file_digest(file, "sha256").hexdigest()
    return TaskPlan(
        task=task.name,
        revision=task.revision,
        samples_hash=samples_hash(samples),
        prompts_hash=None,
        source=path.name,
        source_hash=source_hash,
    )


def read_file(
    path: Path, samples: list[Sample]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows that answer a question, in the file's order, and those refused."""
    questions = {sample.sample_id: sample for sample in samples}
    answered: dict[str, int] = {}
    rows, refused = [], []
    for line, row in read_rows(path):
        reason = find_fault(row, questions, answered)
        if reason or isinstance(row, str):
            refused.append(refusal(path, line, reason, row))
            continue
        sample_id = str(row["sample_id"])
        answered[sample_id] = line
        rows.append(as_prediction(row, questions[sample_id], line))
    return rows, refused


def find_fault(
    row: dict[str, Any] | str, questions: dict[str, Sample], answered: dict[str, int]
) -> str | None:
    """Say why `row` answers no question, or None."""
    if isinstance(row, str):
        return "not a JSON object"
    sample_id = str(row.get("sample_id"))
    if row.get("sample_id") is None:
        return f"no sample_id, but {', '.join(map(str, row))[:200]}"
    if sample_id not in questions:
        return f"no question has the id {sample_id[:80]}"
    if sample_id in answered:
        return f"the question was answered before, on line {answered[sample_id]}"
    if "prediction" not in row and "response" not in row:
        return f"neither prediction nor response, but {', '.join(map(str, row))[:200]}"
    return None


def as_prediction(row: dict[str, Any], sample: Sample, line: int) -> dict[str, Any]:
    """Read the letter; what states no choice is kept as the response, unreadable."""
    stated = text_or_none(row.get("prediction"))
    response = text_or_none(row.get("response"))
    prediction = read_letter(stated, sample) or read_letter(response, sample)
    if stated and response is None and stated.strip().upper() != prediction:
        response = stated
    return {
        "sample_id": sample.sample_id,
        "repeat": 0,
        "prediction": prediction,
        "response": response,
        "seconds": number_or_none(row.get("seconds")),
        "source_line": line,
    }


def read_letter(text: str | None, sample: Sample) -> str | None:
    """The letter that `text` states, or whose choice it spells out; None for neither."""
    if text is None:
        return None
    if text.strip().upper() in tuple(sample.letters):  # before a choice that is itself "A"
        return text.strip().upper()
    return match_choice(text, sample.choices) or read_choice(text, sample.letters)


def text_or_none(value: object) -> str | None:
    """Text as UTF-8 can hold it; None for nothing."""
    return None if value in (None, "") else str(value).encode(errors="replace").decode()


def number_or_none(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def refusal(path: Path, line: int | None, reason: str | None, row: object) -> dict[str, Any]:
    content = row if isinstance(row, str) else json.dumps(row, default=str, ensure_ascii=False)
    content = content[:CONTENT_LENGTH].encode(errors="replace").decode()
    return {"source": path.name, "line": line, "reason": reason, "content": content}


def read_rows(path: Path) -> Rows:
    """Yield the rows of a file; raises `UnreadableFile` when it is not what its ending says."""
    try:
        if path.suffix == ".parquet":
            yield from enumerate(pl.read_parquet(path, glob=False).to_dicts(), 1)
        elif path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file)
                for row in reader:
                    yield reader.line_num, {key: row[key] for key in row if key}
        else:
            with path.open(encoding="utf-8-sig") as file:
                for line, text in enumerate(file, 1):
                    if text.strip():
                        yield line, parse_object(text)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"{path} is not a readable {path.suffix} file: {error}") from error


def parse_object(text: str) -> dict[str, Any] | str:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return row if isinstance(row, dict) else text


def write_folder(
    folder: Path,
    plan: Plan,
    tables: dict[Task, pl.DataFrame],
    refused: list[dict[str, Any]],
    command: str,
) -> None:
    """Write the run folder under another name first, so that it appears whole."""
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for task, table in tables.items():
        write_table(unfinished / f"{task.name}.parquet", table)
    if refused:
        write_table(unfinished / QUARANTINE_FILE, pl.DataFrame(refused, schema=QUARANTINE))
    now = datetime.now(UTC).replace(microsecond=0)
    kept = {task.name for task in tables}
    write_run(
        unfinished,
        Run(
            run_id=folder.name,
            plan=plan.model_copy(
                update={"tasks": tuple(task for task in plan.tasks if task.task in kept)}
            ),
            origin="imported",
            results=tuple(
                TaskResult(task=task.name, predictions=table.height, expected=task.size)
                for task, table in tables.items()
            ),
            started_at=now,
            finished_at=now,
            command=command,
            versions={"python": platform.python_version()},
            hardware={},
        ),
    )
    unfinished.rename(folder)

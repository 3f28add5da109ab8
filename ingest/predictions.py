"""Reads a folder of `<task>.jsonl`, `.jsonl.gz`, `.csv` or `.parquet`, one answer a row.

Each row has a `sample_id` and a `prediction` (a letter) or a `response` (text that is read for
one), under these names or those that a mapping gives.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evaluator.records import Plan
from evaluator.tasks import Task, all_tasks
from ingest import importing, parquet
from ingest.bounded import PACKED, unpacked_name
from ingest.errors import NothingToImport, UnreadableFile
from ingest.foreign import Answer, ForeignRun, Found, Log, Refusal
from ingest.lines import LINE_LIMIT, Row, as_text, read_objects

ENDINGS = (".jsonl", *(f".jsonl{packed}" for packed in PACKED), ".csv", ".parquet")
COLUMNS = ("sample_id", "prediction", "response", "seconds", "gold", "prompt")
ODD_ROW = "the row has more cells than the header"
UNNAMED = ("gold", "prompt")
"""Read only where a mapping names them: files have columns of these names that mean others."""


def import_predictions(folder: Path, plan: Plan, command: str, mirror: Path | None) -> Path:
    """Write the run folder of `plan`'s model and protocol from the files in `folder`.

    `plan` comes without tasks: the files decide them. Returns the run folder, which is left as
    it is when these very files were imported before. Raises `NothingToImport`.
    """
    found = read_folder(folder, plan, {})
    return importing.import_run(found.runs[0], command, mirror, found.refused)


def read_folder(folder: Path, plan: Plan, columns: Mapping[str, str]) -> Found:
    """Return the one run in `folder`, of `plan`'s model and protocol.

    `columns` maps names out of `COLUMNS` to the files' own. Raises `NothingToImport` where no
    file is named for a task, and `UnreadableFile` where two are named for one.
    """
    files = {path: find_task(path) for path in sorted(folder.iterdir()) if is_meant(path)}
    known = {task: path for path, task in files.items() if isinstance(task, Task)}
    if len(known) < sum(isinstance(task, Task) for task in files.values()):
        raise UnreadableFile(f"{folder} has two files for one task; leave one of them.")
    if not known:
        raise NothingToImport(
            f"{folder} has no file named for a task, such as medqa_4options.jsonl. "
            f"Tasks are {', '.join(all_tasks())}; endings {', '.join(ENDINGS)}."
        )
    reading = ", ".join(f"{ours}={theirs}" for ours, theirs in sorted(columns.items())) or None
    names = {name: name for name in COLUMNS if name not in UNNAMED} | dict(columns)
    run = ForeignRun(
        model=plan.model,
        precision=plan.precision,
        protocol=plan.protocol,
        logs=tuple(
            Log(task, path, read_answers(path, names, columns), reading)
            for task, path in known.items()
        ),
    )
    return Found((run,), tuple((path, why) for path, why in files.items() if isinstance(why, str)))


def is_meant(path: Path) -> bool:
    return path.name.endswith(ENDINGS) or path.name.partition(".")[0] in all_tasks()


def find_task(path: Path) -> Task | str:
    """The task that a file is named for, or why it is not read; a link could bring in any file."""
    if path.is_symlink() or not path.is_file():
        return "it is no plain file"
    if not path.name.endswith(ENDINGS):
        return f"its name ends in none of {', '.join(ENDINGS)}"
    return all_tasks().get(Path(unpacked_name(path)).stem, "no task has this name")


def read_answers(
    path: Path, names: Mapping[str, str], mapped: Mapping[str, str]
) -> Iterator[Answer | Refusal]:
    """Yield the answers of a file, and a refusal where it has nothing of what is `mapped`."""
    unseen = set(mapped.values())
    for line, row in read_rows(path):
        if isinstance(row, Refusal):
            yield row
        else:
            unseen -= row.keys()
            yield read_answer(line, row, names)
    if unseen:
        yield Refusal(None, f"no row has a column {', '.join(sorted(unseen))[:200]}", "")


def read_answer(line: int, row: Row, names: Mapping[str, str]) -> Answer | Refusal:
    said = {ours: row[theirs] for ours, theirs in names.items() if theirs in row}
    if lacking := find_lack(said, names):
        return Refusal(line, f"{lacking}: found {', '.join(map(str, row))[:200]}", as_text(row))
    return Answer(
        line=line,
        sample_id=text_or_none(said["sample_id"]),
        gold=text_or_none(said.get("gold")),
        prediction=text_or_none(said.get("prediction")),
        response=text_or_none(said.get("response")),
        prompt=text_or_none(said.get("prompt")),
        seconds=number_or_none(said.get("seconds")),
    )


def find_lack(said: Row, names: Mapping[str, str]) -> str | None:
    """Say what a row has to have and has not; a key that is to be compared must be there."""
    needed = [ours for ours in ("sample_id", "gold") if ours in names]
    for ours in needed:
        if text_or_none(said.get(ours)) is None:
            return f"no {names[ours]}"
    return None if {"prediction", "response"} & set(said) else "neither prediction nor response"


def text_or_none(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def number_or_none(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def read_rows(path: Path) -> Iterator[tuple[int, Row | Refusal]]:
    """Yield the rows of a file, with their numbers, counted from 1.

    Raises `UnreadableFile` when the file is not what its ending says.
    """
    if path.suffix == ".parquet":
        return enumerate(parquet.read_rows(path), 1)
    return read_cells(path) if path.suffix == ".csv" else read_objects(path)


def read_cells(path: Path) -> Iterator[tuple[int, Row | Refusal]]:
    """Yield the rows of a CSV file; a spreadsheet leaves out a row's last cells where empty.

    In a row with more cells than the header a text may have been cut at its commas.
    """
    csv.field_size_limit(LINE_LIMIT)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = reader.fieldnames or ()
            if twice := sorted({name for name in names if names.count(name) > 1 and name}):
                raise UnreadableFile(f"{path} has several columns named {', '.join(twice)[:200]}.")
            for row in reader:
                if None in row:
                    cells = as_text(list(row.values()))
                    yield reader.line_num, Refusal(reader.line_num, ODD_ROW, cells)
                else:
                    given = {name: cell for name, cell in row.items() if cell is not None}
                    yield reader.line_num, given
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"{path} is not a readable CSV file: {error}") from error

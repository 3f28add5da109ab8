"""Loads scores that others published; no predictions stand behind them here."""

import csv
import hashlib
import re
import shutil
from pathlib import Path
from typing import Any, get_args

import polars as pl

from evaluator.files import write_text
from evaluator.records import ModelType
from evaluator.tasks import TASKS
from ingest import quarantine
from ingest.errors import UnreadableFile
from warehouse import settings
from warehouse.drafts import Draft

DEFAULT_FILE = Path(__file__).parent / "data" / "reported_scores.csv"
COLUMNS = {"model", "task", "accuracy", "protocol", "origin", "suspect", "note", "source_url"}
COUNTED = "leaderboard result file"  # lm_eval ran on all questions; a paper may have left some out
NAME_LENGTH = 200
LARGEST_SIZE = 10**15  # parameters; a name that states more states something else
SIZE_IN_NAME = re.compile(r"(?<![A-Za-z0-9.])(\d+(?:\.\d+)?)\s?[bB](?![A-Za-z0-9])")

REPORTED = pl.Schema(
    {
        "entry": pl.String(),
        "model": pl.String(),
        "task": pl.String(),
        "accuracy": pl.Float64(),
        "n": pl.Int32(),
        "lane": pl.String(),
        "type": pl.String(),
        "parameters": pl.Int64(),
        "protocol": pl.String(),
        "origin": pl.String(),
        "suspect": pl.Boolean(),
        "note": pl.String(),
        "source_url": pl.String(),
        "file": pl.String(),
        "file_hash": pl.String(),
    }
)


def keep_file(path: Path) -> Path:
    """Copy a file of published scores to where a rebuild finds it; returns the copy."""
    if path.suffix != ".csv":
        raise UnreadableFile(f"{path}: expected a file whose name ends in .csv.")
    kept = settings.reported_folder() / path.name
    if path.resolve() != kept.resolve():
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_name(f".{kept.name}.unfinished")
        shutil.copyfile(path, unfinished)
        unfinished.replace(kept)
    return kept


def keep_text(name: str, table: str) -> Path:
    """Keep a table of published scores as if it were a file of that name; returns the copy."""
    kept = settings.reported_folder() / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_text(kept, table)
    return kept


def kept_files() -> list[Path]:
    return sorted(settings.reported_folder().glob("*.csv"))


def load_reported(draft: Draft, path: Path) -> int:
    """Load a file of published scores unless it is loaded; returns how many scores it has.

    Rows that are no score go to quarantine. Raises `UnreadableFile`.
    """
    file_hash = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    source = f"reported/{path.name}"
    scores: dict[tuple[str, str], dict[str, Any]] = {}
    refused = []
    known = draft.ask("reported_keys").filter(pl.col("file") != path.name)
    taken = set(known.select("entry", "task").iter_rows())
    for line, row in read_rows(path):
        reason = row.get("fault") or find_fault(row)  # who made the file may know it
        score = {} if reason else as_score(row)
        key = (score.get("entry", ""), score.get("task", ""))
        if not reason and (key in taken or key in scores):
            reason = "this model, source and task has a score already"
        if reason:
            content = ",".join(str(value) for value in row.values())
            refused.append((source, path.name, line, reason, content[:500]))
        else:
            scores[key] = score | {"file": path.name, "file_hash": file_hash}
    files = dict(draft.ask("reported_files").iter_rows())
    if files.get(path.name, file_hash) != file_hash:
        draft.load("forget_reported", pl.DataFrame({"file": [path.name]}))
    if files.get(path.name) != file_hash:
        draft.load("reported_scores", pl.DataFrame(list(scores.values()), schema=REPORTED))
    quarantine.replace(draft, source, pl.DataFrame(refused, schema=quarantine.ROWS, orient="row"))
    return len(scores)


def read_rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = sorted(COLUMNS - set(reader.fieldnames or ()))
            if missing:
                raise UnreadableFile(f"{path} has no column {', '.join(missing)}.")
            return [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"{path} is not a readable CSV file: {error}") from error


def find_fault(row: dict[str, Any]) -> str | None:
    """Say why `row` is no score, or None."""
    if None in row or None in row.values():
        return "the row has more or fewer cells than the header"
    if row["task"] not in TASKS:
        return f"no task is named {row['task']}"
    try:
        accuracy = float(row["accuracy"])
    except (TypeError, ValueError):
        return f"the accuracy {row['accuracy']!r} is no number"
    if not 0 <= accuracy <= 1:
        return f"the accuracy {accuracy} is not between 0 and 1"
    if not str(row["source_url"]).startswith(("https://", "http://")):
        return "the source is no web address"
    if not row["model"].strip() or len(row["model"]) > NAME_LENGTH or not row["protocol"].strip():
        return f"no model or protocol is named, or its name is longer than {NAME_LENGTH}"
    if row.get("type") and row["type"] not in get_args(ModelType):
        return f"the type {row['type']!r} is none of {', '.join(get_args(ModelType))}"
    return None


def as_score(row: dict[str, Any]) -> dict[str, Any]:
    lane = name_lane(row["protocol"])
    suspect = row["suspect"].strip().lower() == "true"
    key = "\n".join((row["model"], row["source_url"], lane))
    return {
        "entry": f"published-{hashlib.sha256(key.encode()).hexdigest()[:12]}",
        "model": row["model"],
        "task": row["task"],
        "accuracy": float(row["accuracy"]),
        # a doubted score, or one from a paper, has no number of questions to build an interval on
        "n": TASKS[row["task"]].size if row["origin"] == COUNTED and not suspect else None,
        "lane": lane,
        "type": row.get("type") or ("open weights" if "/" in row["model"] else "unknown"),
        "parameters": read_size(row["model"]),
        "protocol": row["protocol"],
        "origin": row["origin"],
        "suspect": suspect,
        "note": row["note"] or None,
        "source_url": row["source_url"],
    }


def name_lane(protocol: str) -> str:
    """`loglikelihood 0-shot` becomes `reported-loglikelihood-0shot`."""
    words = protocol.lower().replace("-reported", "").replace("-shot", "shot")
    return "reported-" + re.sub(r"[^a-z0-9]+", "-", words).strip("-")


def read_size(name: str) -> int | None:
    """The number of parameters that a model's name states: 7 billion in `Mistral-7B-v0.1`."""
    match = SIZE_IN_NAME.search(name)
    size = round(float(match[1]) * 1e9) if match else 0
    return size if 0 < size < LARGEST_SIZE else None

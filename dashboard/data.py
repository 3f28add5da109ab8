"""What the pages ask the warehouse, each answer cached under the number of its snapshot."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from dashboard import findings as find
from dashboard.addresses import FILTERS
from warehouse import db, responses, sandbox, settings, snapshots

PAGE_SIZE = 25
Place = tuple[str, str]
"""A task and a sample id."""


Key = tuple[int, int]
"""A snapshot's number, and when its file was made: `make clean` begins to count anew."""


@st.cache_resource(max_entries=3, show_spinner=False)
def open_snapshot(key: Key) -> db.Warehouse:
    return db.open_warehouse(key[0])


@st.cache_data(max_entries=2000, show_spinner=False)
def answer(key: Key, query: str, parameters: dict[str, Hashable]) -> pl.DataFrame:
    return open_snapshot(key).ask(query, **parameters)


def current_key() -> Key:
    snapshot = snapshots.current_snapshot(settings.warehouse_folder())
    return snapshot.number, snapshot.path.stat().st_mtime_ns


def current_snapshot() -> int:
    """The number of the snapshot in use; raises a `WarehouseError` where it cannot be opened."""
    return open_snapshot(current_key()).snapshot.number


def ask(query: str, **parameters: Hashable) -> pl.DataFrame:
    return answer(current_key(), query, parameters)


def leaderboard() -> pl.DataFrame:
    """A row per current run and published entry."""
    return ask("leaderboard_rows")


def rank_intervals(lane: str, score: str) -> pl.DataFrame:
    """A row per run of `lane` that is ranked in `score`: a task, or average."""
    return ask("rank_intervals", lane=lane, task=score)


def quarantine() -> pl.DataFrame:
    """A row per line that could not be loaded."""
    return ask("quarantine")


def published_at() -> datetime:
    """When the snapshot in use was published, UTC."""
    published: datetime = ask("snapshots")["published_at"][0]
    return published


def tasks() -> pl.DataFrame:
    """A row per task, in the order of columns."""
    return ask("tasks")


def task_titles() -> dict[str, str]:
    """From each task's name to its title."""
    return dict(tasks().select("task", "title").iter_rows())


def runs() -> pl.DataFrame:
    """A row per run, by model."""
    return ask("runs")


def error_counts(run_id: str) -> pl.DataFrame:
    """Errors of a run by task, subject and safety context."""
    return ask("error_counts", run_id=run_id)


def errors(
    run_id: str, filters: Mapping[str, str], skip: int, size: int = PAGE_SIZE
) -> pl.DataFrame:
    """One page of a run's wrong answers; `total` in each row counts them all."""
    chosen = {name: filters.get(name, "") for name in FILTERS}
    return ask("errors", run_id=run_id, skip=skip, page_size=size, **chosen)


def count_errors(run_id: str, filters: Mapping[str, str]) -> int:
    """How many of a run's wrong answers fit the filters."""
    first = errors(run_id, filters, skip=0, size=1)
    return int(first["total"][0]) if first.height else 0


def has_confidence(run_id: str) -> bool:
    """Whether the run's wrong answers come with probabilities."""
    surest = errors(run_id, {"by": "confidence"}, skip=0, size=1)
    return surest["confidence"].count() > 0


def question(task: str, sample_id: str) -> dict[str, Any] | None:
    """One question, with its neighbours in the task; None where there is none."""
    rows = ask("question", task=task, sample_id=sample_id)
    return rows.row(0, named=True) if rows.height else None


def neighbours(
    question: Mapping[str, Any], run_id: str, filters: Mapping[str, str]
) -> tuple[Place | None, Place | None, str]:
    """The places before and after `question` in the run's filtered list, else in its task.

    With them comes where in the list it stands, `3 of 12`; empty where it is in none.
    """
    task = question["task"]
    chosen = {name: filters.get(name, "") for name in FILTERS}
    rows = ask(
        "error_neighbours",
        run_id=run_id,
        at_task=task,
        at_sample=question["sample_id"],
        **chosen,
    )
    if rows.height:
        found = rows.row(0, named=True)
        return (
            place(found["previous_task"], found["previous_id"]),
            place(found["next_task"], found["next_id"]),
            f"{found['number']:,} of {found['total']:,}",
        )
    return place(task, question["previous_id"]), place(task, question["next_id"]), ""


def place(task: str | None, sample_id: str | None) -> Place | None:
    return (task, sample_id) if task and sample_id else None


def picks(task: str, sample_id: str, run_id: str = "") -> pl.DataFrame:
    """What every current run picked, and `run_id` even where it is superseded."""
    return ask("picks", task=task, sample_id=sample_id, run_id=run_id)


def duplicates(task: str, sample_id: str) -> pl.DataFrame:
    """The same question elsewhere."""
    return ask("duplicates", task=task, sample_id=sample_id)


def response(run_id: str, task: str, sample_id: str) -> dict[str, Any] | None:
    """The prompt and the text that the model gave, where the run folder is at hand."""
    return responses.read_response(run_id, task, sample_id)


def gold_letters() -> pl.DataFrame:
    """How often each letter is the key of each task."""
    return ask("gold_letters")


def findings() -> pl.DataFrame:
    """A row per question and reason to read it with care; see `findings.gather`."""
    return find.gather(
        ask("twins"), ask("repeated_choices"), ask("missing_pictures"), ask("suspect_keys")
    )


def run_answers(run_id: str) -> pl.DataFrame:
    """A row per answer of a run."""
    return ask("run_answers", run_id=run_id)


def snapshot_path() -> Path:
    """The file of the snapshot in use."""
    return snapshots.find_snapshot(settings.warehouse_folder(), current_key()[0]).path


def dictionary() -> pl.DataFrame:
    """A row per column of the warehouse, with what it means."""
    return ask("dictionary")


@st.cache_data(max_entries=20, show_spinner=False)
def answer_typed(key: Key, statement: str) -> sandbox.Answer:
    snapshot = snapshots.find_snapshot(settings.warehouse_folder(), key[0])
    return sandbox.run_statement(statement, snapshot.path)


def typed_answer(statement: str) -> sandbox.Answer:
    """What the snapshot in use answers to a typed statement.

    Raises `StatementFailed` and `SandboxBusy`, whose messages are to be shown as text.
    """
    return answer_typed(current_key(), statement)


def sheets(run_ids: Sequence[str]) -> pl.DataFrame:
    """What runs picked: run_id, task, and the picks as a string."""
    return ask("run_sheets", run_ids=tuple(run_ids))


def keys_of(sheets: pl.DataFrame) -> pl.DataFrame:
    """The keys of every question of the tasks that `sheets` are of, task after task."""
    order = tasks().filter(pl.col("task").is_in(sheets["task"].unique().implode()))["task"]
    return pl.concat(ask("keys", task=task) for task in order)


def run_scores(run_ids: Sequence[str]) -> pl.DataFrame:
    """A row per task and run."""
    return ask("run_scores", run_ids=tuple(run_ids))


def run_settings(run_ids: Sequence[str]) -> pl.DataFrame:
    """A row per run."""
    return ask("run_settings", run_ids=tuple(run_ids))


def only_right(run_id: str, other_id: str, task: str, skip: int) -> pl.DataFrame:
    """One page of what a run has right and another wrong; `total` in each row counts them all."""
    return ask(
        "only_right",
        run_id=run_id,
        other_id=other_id,
        task=task,
        skip=skip,
        page_size=PAGE_SIZE,
    )


def model_runs(model: str) -> pl.DataFrame:
    """A row per run of a model and task."""
    return ask("model_runs", model=model)


def model_scores(run_id: str) -> pl.DataFrame:
    """A row per task of a run and, where it has one, for the average."""
    return ask("model_scores", run_id=run_id)


def field(run_id: str) -> pl.DataFrame:
    """A row per subject and safety context of a run, with the field's median."""
    return ask("field", run_id=run_id)


def confidences(run_id: str) -> pl.DataFrame:
    """A row per answer of a run that has probabilities."""
    return ask("confidences", run_id=run_id)


def receipt(run_id: str) -> pl.DataFrame:
    """How a run was made, a row per task."""
    return ask("receipt", run_id=run_id)


def asked(run_id: str, task: str) -> list[str]:
    """The ids of the questions of a task that a run answered, in order."""
    return ask("asked", run_id=run_id, task=task)["sample_id"].to_list()

"""What the pages ask of runs, each answer cached with its snapshot."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboard import data
from warehouse import comparisons


def run_scores(run_ids: Sequence[str]) -> pl.DataFrame:
    """A row per task and run."""
    return data.ask("run_scores", run_ids=tuple(run_ids))


def run_settings(run_ids: Sequence[str]) -> pl.DataFrame:
    """A row per run."""
    return data.ask("run_settings", run_ids=tuple(run_ids))


def sheets(run_ids: Sequence[str]) -> pl.DataFrame:
    """What runs picked: run_id, task, and the picks as a string."""
    return data.ask("run_sheets", run_ids=tuple(run_ids))


def keys_of(sheets: pl.DataFrame) -> pl.DataFrame:
    """The keys of every question of the tasks that `sheets` are of, task after task."""
    order = data.tasks().filter(pl.col("task").is_in(sheets["task"].unique().implode()))["task"]
    return join_keys(data.current_key(), tuple(order))


@st.cache_resource(max_entries=20, show_spinner=False)
def join_keys(key: data.Key, tasks: tuple[str, ...]) -> pl.DataFrame:
    return pl.concat(data.answer(key, "keys", {"task": task}) for task in tasks)


def differences(run_ids: Sequence[str]) -> pl.DataFrame:
    """What each other run differs by from the first, by task and, where it can be, on average."""
    return compare(data.current_key(), tuple(run_ids))


@st.cache_data(max_size="16MB", show_spinner=False)
def compare(key: data.Key, run_ids: tuple[str, ...]) -> pl.DataFrame:
    found = data.answer(key, "run_sheets", {"run_ids": run_ids})
    nine = data.tasks().filter("headline")["task"].to_list()
    return comparisons.compare_runs(found, keys_of(found), run_ids, nine)


def only_right(run_id: str, other_id: str, task: str, skip: int) -> pl.DataFrame:
    """One page of what a run has right and another wrong; `total` in each row counts them all."""
    return data.ask(
        "only_right",
        run_id=run_id,
        other_id=other_id,
        task=task,
        skip=skip,
        page_size=data.PAGE_SIZE,
    )


def model_runs(model: str) -> pl.DataFrame:
    """A row per run of a model and task."""
    return data.ask("model_runs", model=model)


def model_scores(run_id: str) -> pl.DataFrame:
    """A row per task of a run and, where it has one, for the average."""
    return data.ask("model_scores", run_id=run_id)


def written_answers(run_id: str) -> pl.DataFrame:
    """How answers were given, a row per task that was asked several times or answered in words."""
    return data.ask("written_answers", run_ids=(run_id,))


def field(run_id: str) -> pl.DataFrame:
    """A row per subject and safety context of a run, with the field's median."""
    return data.ask("field", run_id=run_id)


def confidences(run_id: str) -> pl.DataFrame:
    """A row per question of a run whose first answer has probabilities."""
    return data.ask("confidences", run_id=run_id)


def receipt(run_id: str) -> pl.DataFrame:
    """How a run was made, a row per task."""
    return data.ask("receipt", run_id=run_id)


def asked(run_id: str, task: str) -> list[str]:
    """The ids of the questions of a task that a run answered, in order."""
    return data.ask("asked", run_id=run_id, task=task)["sample_id"].to_list()


def run_answers(run_id: str) -> pl.DataFrame:
    """A row per answer of a run."""
    return data.ask("run_answers", run_id=run_id)

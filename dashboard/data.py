"""What the pages ask the warehouse, each answer cached under the number of its snapshot."""

from collections.abc import Hashable, Mapping
from datetime import datetime

import polars as pl
import streamlit as st

from dashboard import findings as find
from warehouse import db, locating, mixes, sandbox, snapshots
from warehouse.errors import NoSnapshot

PAGE_SIZE = 25
Key = tuple[int, int]
"""A snapshot's number and version."""


@st.cache_resource(max_entries=3, show_spinner=False)
def open_snapshot(key: Key) -> db.Warehouse:
    return db.open_warehouse(key[0])


# frames are never changed in place, so readers may share these, where `cache_data` makes copies
@st.cache_resource(max_entries=60, show_spinner=False)
def answer_of_all(key: Key, query: str) -> pl.DataFrame:
    return open_snapshot(key).ask(query)


@st.cache_data(max_size="24MB", show_spinner=False)
def answer(key: Key, query: str, parameters: dict[str, Hashable]) -> pl.DataFrame:
    return open_snapshot(key).ask(query, **parameters)


def current_key() -> Key:
    snapshot = locating.find_store().current()
    return snapshot.number, snapshot.version


def current_snapshot() -> int:
    """The number of the snapshot in use; raises a `WarehouseError` where it cannot be opened."""
    return open_snapshot(current_key()).snapshot.number


def ask(query: str, **parameters: Hashable) -> pl.DataFrame:
    """The answer to one of the warehouse's queries, one row a row."""
    if parameters:
        return answer(current_key(), query, parameters)
    return answer_of_all(current_key(), query)


def leaderboard() -> pl.DataFrame:
    """A row per current run and published entry."""
    return ask("leaderboard_rows")


def rank_intervals(lane: str, score: str) -> pl.DataFrame:
    """A row per run of `lane` that is ranked in `score`: a task, or average."""
    return ask("rank_intervals", lane=lane, task=score)


def kinds() -> pl.DataFrame:
    """A row per kind of questions, of which a case mix is made."""
    return ask("kinds")


@st.cache_resource(max_entries=8, show_spinner=False)
def read_sheets(key: Key, lane: str, tasks: tuple[str, ...]) -> mixes.Sheets:
    warehouse = open_snapshot(key)
    picks = warehouse.ask("mixed_picks", lane=lane, tasks=tasks)
    return mixes.read_sheets(picks, warehouse.ask("mixed_keys", tasks=tasks))


@st.cache_data(max_size="32MB", show_spinner=False)
def answer_mix(key: Key, lane: str, weights: tuple[tuple[mixes.Kind, float], ...]) -> pl.DataFrame:
    tasks = tuple(sorted({task for (task, _), _ in weights}))
    return mixes.rank_runs(read_sheets(key, lane, tasks), dict(weights))


def rank_mix(lane: str, mix: Mapping[mixes.Kind, float]) -> pl.DataFrame:
    """A row per run of `lane` that answered all questions of the kinds that the mix counts."""
    counted = tuple(sorted((kind, weight) for kind, weight in mix.items() if weight))
    return answer_mix(current_key(), lane, counted)


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


def gold_letters() -> pl.DataFrame:
    """How often each letter is the key of each task."""
    return ask("gold_letters")


def findings() -> pl.DataFrame:
    """A row per question and reason to read it with care; see `findings.gather`."""
    return find.gather(
        ask("twins"), ask("repeated_choices"), ask("missing_pictures"), ask("suspect_keys")
    )


def exported() -> snapshots.Snapshot | None:
    """The newest snapshot that is a file: the one in use, or what the lake was last copied to."""
    try:
        return locating.file_store().current()
    except NoSnapshot:
        return None


def dictionary() -> pl.DataFrame:
    """A row per column of the warehouse, with what it means."""
    return ask("dictionary")


@st.cache_data(max_entries=20, show_spinner=False)
def answer_typed(key: Key, statement: str) -> sandbox.Answer:
    return sandbox.run_statement(statement, locating.file_store().find(key[0]).path)


def typed_answer(snapshot: snapshots.Snapshot, statement: str) -> sandbox.Answer:
    """What a snapshot that is a file answers to a typed statement.

    Raises `StatementFailed` and `SandboxBusy`, whose messages are to be shown as text.
    """
    return answer_typed((snapshot.number, snapshot.version), statement)

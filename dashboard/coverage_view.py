"""The parts of the page Benchmarks, each a piece of the screen."""

from collections.abc import Mapping

import polars as pl
import streamlit as st
from streamlit import column_config as column

from dashboard import coverage
from dashboard.column_words import COLUMNS
from dashboard.columns import Settings

TASK_COLUMNS = {
    "title": column.TextColumn("Task", width=150),
    "benchmark": column.TextColumn("Benchmark", width=110),
    "size": column.NumberColumn("Questions", format="localized", width=85),
    "language": column.TextColumn("Language", width=80),
    "choices": column.TextColumn("Choices", help="How many a question has.", width=75),
    "subjects": column.NumberColumn(
        "Specialties", help="How many the source names; – where it names none.", width=90
    ),
    "explained": column.ProgressColumn(
        "Explained",
        help="Questions whose source says why the key is right, %.",
        format="%.0f%%",
        min_value=0,
        max_value=100,
        width=110,
    ),
    "forbidden": column.NumberColumn(
        "With a forbidden choice",
        help="Questions with a wrong choice that a drug label or a guideline forbids to the "
        "patient. Rules find them by words; they miss some.",
        format="localized",
        width=150,
    ),
    "licence": column.TextColumn("Licence", width=100),
}


def show_tasks(rows: pl.DataFrame) -> None:
    st.dataframe(
        rows.select(*TASK_COLUMNS),
        column_config=TASK_COLUMNS,
        hide_index=True,
        height="content",
        placeholder="–",
        alt="Tasks: how many questions, in which language, with how many choices",
    )


def show_contexts(rows: pl.DataFrame, titles: Mapping[str, str]) -> None:
    """How many questions on each kind of patient or situation each task has."""
    if rows.is_empty():
        st.info("No question has a safety context.", icon=":material/block:")
        return
    counts = {
        name: column.NumberColumn(titles.get(name, name), format="localized", width=95)
        for name in rows.columns[1:]
    }
    st.dataframe(
        rows,
        column_config={"part": column.TextColumn("Safety context", width=190), **counts},
        hide_index=True,
        height="content",
        placeholder="–",
        alt="Questions by safety context and task",
    )
    st.caption(COLUMNS["context"].meaning)


def show_specialties(rows: pl.DataFrame) -> None:
    """How many questions each specialty has, and of which tasks they are."""
    if rows.is_empty():
        st.info("No source names the specialty of its questions.", icon=":material/block:")
        return
    settings: Settings = {
        "part": column.TextColumn("Specialty", width=200),
        "n": column.ProgressColumn(
            "Questions",
            format="localized",
            min_value=0,
            max_value=max(rows["n"]),
            width=140,  # so that a phone shows it whole
        ),
        "tasks": column.TextColumn("Tasks", width=420),
    }
    st.dataframe(
        rows,
        column_config=settings,
        hide_index=True,
        height="content",
        alt="Questions by specialty",
    )


def show_gaps(tasks: pl.DataFrame, parts: pl.DataFrame) -> None:
    """What is missing, in sentences; titles are text of whoever brought the task."""
    if not (found := coverage.gaps(tasks, parts)):
        st.info("Nothing that this page looks for is missing.", icon=":material/check_circle:")
    for sentence in found:
        st.text(f"•  {sentence}")

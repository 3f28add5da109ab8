"""The parts of the page Benchmarks, each a piece of the screen."""

from collections.abc import Mapping

import polars as pl
import streamlit as st
from streamlit import column_config as column

from dashboard import coverage
from dashboard.column_words import COLUMNS

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
HIGHEST = 38 * 24  # pixels


def show_tasks(rows: pl.DataFrame) -> None:
    st.dataframe(
        rows.select(*TASK_COLUMNS),
        column_config=TASK_COLUMNS,
        hide_index=True,
        height="content",
        placeholder="–",
        alt="Tasks: how many questions, in which language, with how many choices",
    )


def show_cross(rows: pl.DataFrame, head: str, titles: Mapping[str, str]) -> None:
    """How many questions of each part each task has; a part that is rare says so by its number."""
    if rows.is_empty():
        st.info(f"No question has a {head.lower()}.", icon=":material/block:")
        return
    counts = {
        name: column.NumberColumn(titles.get(name, name), format="localized", width=95)
        for name in rows.columns[1:]
    }
    st.dataframe(
        rows,
        column_config={"part": column.TextColumn(head, width=190), **counts},
        hide_index=True,
        height="content" if rows.height < HIGHEST // 38 else HIGHEST,
        placeholder="–",
        alt=f"Questions by {head.lower()} and task",
    )


def show_gaps(tasks: pl.DataFrame, parts: pl.DataFrame) -> None:
    """What is missing, in sentences."""
    found = coverage.gaps(tasks, parts)
    if not found:
        st.info("Nothing that this page looks for is missing.", icon=":material/check_circle:")
    for sentence in found:
        with st.container(horizontal=True, gap="small", vertical_alignment="top"):
            st.markdown(":orange[:material/crop_free:]", width="content")
            st.text(sentence)


def explain_contexts() -> None:
    st.caption(COLUMNS["context"].meaning)

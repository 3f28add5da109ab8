"""The widgets that narrow a list; each keeps its state in the page's address."""

import polars as pl
import streamlit as st

from dashboard import addresses, tables


def choose_lane(rows: pl.DataFrame) -> str:
    """Let the reader choose one of the lanes of leaderboard `rows`."""
    lanes = rows["lane"].unique().sort().to_list()
    default = lanes.index(tables.best_lane(rows))
    return str(st.selectbox("Lane", lanes, index=default, key="lane", bind="query-params"))


def choose_errors(counts: pl.DataFrame, *, confidence: bool) -> dict[str, str]:
    """Let the reader narrow a run's wrong answers; `counts` says which values there are.

    Without `confidence` there is nothing to sort by but the task's own order.
    Returns the filters by the names of `addresses.FILTERS`, empty where nothing is chosen.
    """
    task_box, subject_box, safety_box, sort_box = st.columns(4)
    names = tables.task_names(counts)
    with task_box:
        task = choose_value("Task", "task", list(names), "None")
    with subject_box:
        subjects = tables.slice_values(counts, "subject")
        subject = choose_value("Subject", "subject", subjects, "None named by the source")
    with safety_box:
        contexts = tables.slice_values(counts, "safety")
        safety = choose_value("Safety context", "safety", contexts, "None found")
    with sort_box:
        sort = st.selectbox(
            "Sort", list(addresses.SORTS)[: 2 if confidence else 1], key="sort", bind="query-params"
        )
    search = st.text_input(
        "Search questions and choices",
        key="search",
        bind="query-params",
        placeholder="every word must occur, such as: pregnant tetracycline",
    )
    return {
        "task": names.get(task, ""),
        "subject": subject,
        "safety": safety,
        "search": search or "",
        "by": addresses.SORTS[sort],
    }


def forget_errors() -> None:
    """Drop what was chosen on an earlier visit and is not in the address.

    Streamlit keeps it from page to page, where a link means no more than it says.
    """
    for name in ("task", "subject", "safety", "search", "sort", "page"):
        if name not in st.query_params:
            st.session_state.pop(name, None)


def choose_value(label: str, key: str, values: list[str], none: str) -> str:
    """Let the reader choose one of `values`, or all (empty); `none` is shown for no values."""
    chosen = st.selectbox(
        label,
        values,
        None,
        key=key,
        bind="query-params",
        placeholder="All" if values else none,
        disabled=not values,
    )
    return chosen or ""

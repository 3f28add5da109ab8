"""Of which questions a page is: the nine tasks, or one task beside them."""

import re
from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from dashboard import addresses, data, offers, widgets, wording
from dashboard.addresses import NINE, SAMPLE

HARMLESS = re.compile(r"[^\W\d_](?:[^\W_]|[ ,()'/%+-]|[.:](?= |$))*")
"""Titles in which Markdown finds nothing to act on."""


def choose(rows: pl.DataFrame) -> str:
    """Let the reader choose a board of leaderboard `rows`."""
    views = name_views(data.tasks(), rows)
    first = next(iter(views))
    view = st.segmented_control(
        "Questions", list(views), default=first, required=True, key="view", bind="query-params"
    )
    return views.get(str(view), NINE)


def tell(board: str) -> None:
    """Say what is to be known of a board's questions."""
    if said := describe(board, data.tasks()):
        st.info(said, icon=":material/science:")


def label(title: str) -> str:
    """What the view of a task is called: its title, so that Markdown shows it as it was typed.

    The address has the label, so a harmless title stands in it as it is.
    """
    return title if HARMLESS.fullmatch(title) else widgets.as_written(title)


def view_of(tasks: Sequence[str], titles: Mapping[str, str]) -> str:
    """The view that answers to `tasks` are on: that of the nine if one is of these, or of the
    first; empty for no task, or one without a title."""
    if {*tasks} & {*offers.TASKS, NINE, "all"}:
        return addresses.NINE_VIEW
    if not tasks or tasks[0] == SAMPLE:
        return addresses.DEMONSTRATION_VIEW if tasks else ""
    return label(titles[tasks[0]]) if tasks[0] in titles else ""


def name_views(tasks: pl.DataFrame, rows: pl.DataFrame) -> dict[str, str]:
    """From what each view is called to its board; other tasks are there once they have scores."""
    views = {addresses.NINE_VIEW: NINE, addresses.DEMONSTRATION_VIEW: SAMPLE}
    others = tasks.filter(
        ~pl.col("headline"),
        pl.col("task") != SAMPLE,
        pl.col("task").is_in(rows["board"].unique().implode()),
    )
    return views | {label(title): task for title, task in others.select("title", "task").rows()}


def describe(board: str, tasks: pl.DataFrame) -> str:
    """What is to be known of a board's questions; empty for the nine."""
    if board in (NINE, SAMPLE):
        return wording.DEMONSTRATION if board == SAMPLE else ""
    found = tasks.filter(task=board)
    own = found["dataset"].to_list() == ["own"]
    english = found["language"].str.starts_with("en").all()
    said = [wording.OWN_TASK if own else wording.BESIDE_THE_NINE]
    return " ".join(said if english else [*said, wording.ENGLISH_RULES])


def rows_of(rows: pl.DataFrame, board: str) -> pl.DataFrame:
    """The leaderboard `rows` of a board, with a column of its score and the ends of its interval
    by the name of its task."""
    own = rows.filter(pl.col("board") == board)
    if board == NINE:
        return own
    return own.with_columns(
        pl.col(f"accuracy{end}").alias(f"{board}{end}") for end in ("", "_low", "_high")
    )


def tasks_of(tasks: pl.DataFrame, board: str) -> pl.DataFrame:
    """The rows of `tasks`, or of kinds of questions, that belong to a board."""
    return tasks.filter(pl.col("headline") if board == NINE else pl.col("task") == board)

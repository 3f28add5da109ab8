"""The part of the charts that is of questions. Text of the source is shown as text."""

import math

import polars as pl
import streamlit as st

from dashboard import (
    addresses,
    columns,
    data,
    explanations,
    field_data,
    question_charts,
    questions,
    widgets,
)
from dashboard.field_view import show_title


def show_questions(lane: str, task: str) -> None:
    """How hard the questions of a task are, which letters models prefer, and what is strange."""
    bins = field_data.difficulties(lane, task)
    if bins.is_empty():
        st.info("No answers of this lane to this task are here.")
        return
    said = questions.say_difficulty(bins)
    show_title(said, explanations.DIFFICULTY)
    widgets.show_figure(question_charts.difficulties(bins), said)
    widgets.offer_csv(bins, f"difficulty-{lane}-{task}")
    show_marked(lane, task)
    letters = field_data.letters(lane, task)
    said = questions.say_letters(letters)
    show_title(said, explanations.LETTERS)
    widgets.show_figure(question_charts.letter_bars(letters), said)
    widgets.offer_csv(letters, f"letters-{lane}-{task}")


def show_marked(lane: str, task: str) -> None:
    """The questions that are answered strangely; a click opens one."""
    mark = st.segmented_control(
        "Questions to look at",
        list(questions.MARKS),
        default=next(iter(questions.MARKS)),
        required=True,
        key="mark",
        bind="query-params",
    )
    chosen = questions.MARKS[str(mark)]
    first = field_data.marked_questions(lane, task, chosen, 0)
    if first.is_empty():
        st.info("There is no such question here.", icon=":material/check_circle:")
        return
    total = int(first["total"][0])
    pages = math.ceil(total / data.PAGE_SIZE)
    page = st.pagination(pages, key="marked_at", bind="query-params") if pages > 1 else 1
    found = field_data.marked_questions(lane, task, chosen, (page - 1) * data.PAGE_SIZE)
    event = st.dataframe(
        questions.question_rows(found),
        column_config=columns.marked_questions(),
        hide_index=True,
        height="content",
        on_select="rerun",
        selection_mode="single-cell",
        key="marked",
        alt="Questions that models answer strangely",
        placeholder="–",
    )
    st.caption(f"{total:,} such. Click a row to read the question.")
    if event.selection.cells:
        picked = found.row(event.selection.cells[0][0], named=True)
        address = addresses.case(picked["task"], picked["sample_id"], "", {})
        st.switch_page("app_pages/case.py", query_params=address)


def choose_task(tasks: pl.DataFrame) -> str:
    """Let the reader choose one of the loaded tasks."""
    titles = dict(tasks.filter("loaded").select("title", "task").iter_rows())
    title = st.selectbox("Task", list(titles), key="of_task", bind="query-params")
    return str(titles[title])

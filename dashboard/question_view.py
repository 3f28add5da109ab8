"""The part of the charts that is of questions. Text of the source is shown as text."""

import math

import polars as pl
import streamlit as st

from dashboard import (
    clickable,
    columns,
    data,
    explanations,
    field_data,
    question_charts,
    questions,
    widgets,
)
from dashboard.field_view import show_title

FIRST_ANSWERS = (
    "Of a run that was asked several times, the first answer to each question counts here."
)


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
    clickable.show_lines(
        clickable.Table(
            "marked", "Questions that models answer strangely", 1 + (page - 1) * data.PAGE_SIZE
        ),
        questions.question_rows(found),
        columns.marked_questions(),
        clickable.to_cases(found),
    )
    st.caption(f"{total:,} such. Click a row to read the question.")


def choose_task(tasks: pl.DataFrame) -> str:
    """Let the reader choose one of the loaded tasks."""
    titles = dict(tasks.filter("loaded").select("title", "task").iter_rows())
    title = st.selectbox("Task", list(titles), key="of_task", bind="query-params")
    return str(titles[title])

"""How the answer that is read was given; all shown as text."""

import polars as pl
import streamlit as st

from dashboard import case_data, columns, given, repeat_names
from dashboard.case_data import Case, Row


def say_repeats(case: Case) -> None:
    """Where the question was asked several times: how often the key was picked."""
    repeats = find_repeats(case)
    if case.own and repeats.height > 1:
        st.text(given.say_repeats(repeats, case.own["lane"]))
        which = given.name_repeat(repeats, case.own, len(case.question["choices"]))
        st.caption(f"The pick and the probabilities at the choices are those of {which}.")


def find_repeats(case: Case) -> pl.DataFrame:
    """Each answer of the run that is read; none where none is."""
    if case.own is None:
        return pl.DataFrame()
    return case_data.repeats(case.question, case.own["run_id"])


def show_given(case: Case) -> None:
    """Each repeat, what the reasoning did, and what the answers took."""
    repeats = find_repeats(case)
    if case.own is None or repeats.is_empty():
        return
    if repeats.height > 1:
        show_repeats(case, case.own["lane"], repeats)
    read = repeats.row(by_predicate=pl.col("repeat") == case.own["repeat"], named=True)
    if read["after"]:
        show_reasoning(
            case, read, given.name_repeat(repeats, case.own, len(case.question["choices"]))
        )
    if effort := given.say_effort(repeats):
        st.caption(effort)


def show_repeats(case: Case, lane: str, repeats: pl.DataFrame) -> None:
    st.subheader("Each time it was asked", anchor=False)
    rows = given.repeat_rows(repeats, lane, len(case.question["choices"]))
    st.dataframe(
        rows,
        column_config=columns.repeats(rows),
        hide_index=True,
        height="content",
        alt="What the model picked each time that it was asked",
        placeholder="–",
    )
    if repeat_names.is_rotated(lane):
        st.caption("Letters are those of the list above, whatever the order in which it was shown.")


def show_reasoning(case: Case, read: Row, which: str) -> None:
    st.subheader("What its reasoning changed", anchor=False)
    for sentence in given.say_reasoning(read, which):
        st.text(sentence)
    st.dataframe(
        given.reasoning_rows(read, case.question["choices"]),
        column_config=columns.reasoning(),
        hide_index=True,
        height="content",
        alt="Probability of each choice without the reasoning and right after it",
        placeholder="–",
    )

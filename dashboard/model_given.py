"""The model page's part on how answers came out: repeats, length, cost, reasoning."""

import streamlit as st

from dashboard import given, model_columns, run_data, widgets

PART = "How it answers"


def is_known(run_id: str) -> bool:
    """Whether any task of the run was asked several times, or answered in words."""
    return not run_data.written_answers(run_id).is_empty()


def show_given(run_id: str) -> None:
    """What stands out, and each task."""
    answered = run_data.written_answers(run_id)
    for sentence in given.say_answers(answered):
        st.text(sentence)
    rows = given.task_rows(answered)
    st.dataframe(
        rows,
        column_config=model_columns.given(rows),
        hide_index=True,
        height="content",
        alt="How answers were given, a row a task",
        placeholder="–",
    )
    st.caption(
        "Shares are per cent. Right every time and agreement are of questions, the others of "
        "answers. A case shows each answer to its question."
        if rows["repeats"].count()
        else "Shares are per cent, of answers. A case shows how each answer was given."
    )
    widgets.offer_csv(rows, f"{run_id}-answers")

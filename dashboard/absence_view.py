"""The question where a model is, and its answer."""

import polars as pl
import streamlit as st

from dashboard import absences, data, mark_data, widgets


def ask_for_model() -> str:
    """Let the reader name a model that is missing; empty where none is."""
    typed = st.text_input(
        "Where is my model?",
        key="missing",
        bind="query-params",
        placeholder="a part of its name, or its address on the Hub",
    )
    return absences.read_name(typed)


def show_answer(located: pl.DataFrame, name: str) -> None:
    """Say in words where the models called `name` are; `located` are rows of `absences.locate`."""
    submitted = mark_data.submissions(name.lower().split())
    known = absences.Known(located, mark_data.marks(), submitted, data.quarantine(), data.runs())
    answer = absences.explain(name, known)
    for told in answer.told:
        st.text(told.says)
        if told.submission is not None and widgets.has_page("submission"):
            st.page_link(
                "app_pages/submission.py",
                label=f"Submission {told.submission}",
                icon=":material/arrow_forward:",
                query_params={"number": str(told.submission)},
            )
    if not answer.is_known and widgets.has_page("submit"):
        st.page_link("app_pages/submit.py", label="Submit it", icon=":material/upload:")

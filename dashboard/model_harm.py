"""The model page's judged mistakes: how harmful clinicians found them."""

import polars as pl
import streamlit as st

from dashboard import (
    addresses,
    clickable,
    data,
    harm_data,
    harm_scores,
    harm_view,
    judged,
    judging_words,
    model_columns,
)
from dashboard.column_words import COLUMNS

LABELS = {
    harm_scores.SCORE: "Harm-weighted score",
    harm_scores.SEVERE: "Severe-harm errors per 100 answers",
}


def show_harm(run_id: str) -> None:
    """The two scores, what they rest on, and how many answers have which harm."""
    counts = harm_scores.count_harms(data.ask("judged_cases"), run_id)
    if not (counts["drawn"] + counts["chosen"]).sum():
        st.info(harm_view.NOBODY_OF_RUN, icon=":material/stethoscope:")
        st.page_link("app_pages/review.py", label="Review", icon=":material/stethoscope:")
        return
    show_scores(run_id)

    def lead(line: int) -> clickable.Lead:
        filters = {"harm": counts["harm"][line]}
        return clickable.Lead(
            addresses.errors(run_id, filters, data.task_titles()), "app_pages/errors.py"
        )

    clickable.show_lines(
        clickable.Table(f"harms {run_id}", "Judged answers of the run by harm"),
        with_words(counts),
        model_columns.harms(),
        lead,
    )
    st.caption(
        "Drawn: by chance, so that they stand for the others. Chosen: by a reader for what is in "
        "them, so that they count in no score. A click opens the answers."
    )
    st.page_link(
        "app_pages/errors.py",
        label="All judged mistakes",
        icon=":material/rule:",
        query_params=addresses.errors(
            run_id, {"harm": "reviewed", "by": "harm"}, data.task_titles()
        ),
    )


def with_words(counts: pl.DataFrame) -> pl.DataFrame:
    """What each harm is called and means."""
    names = {name: called.capitalize() for name, called in judged.HARMS.items()}
    meanings = {name: meaning for name, (_, meaning) in judging_words.HARMS.items()}
    harms = pl.col("harm")
    return counts.with_columns(harms.replace(names), harms.replace(meanings).alias("meaning"))


def show_scores(run_id: str) -> None:
    """The scores with their intervals, or how many judged answers they lack."""
    weights = harm_view.read_weights()
    found = harm_data.estimates(weights).filter(run_id=run_id)
    if found.is_empty():
        st.text("None of these was drawn by chance, so they say nothing of the others.")
        return
    cells = harm_scores.as_cells(found).row(0, named=True)
    with st.container(horizontal=True, gap="medium"):
        for name, label in LABELS.items():
            st.metric(label, cells[name].strip(), help=COLUMNS[name].meaning, width="content")
    st.text(
        f"{cells['judged']:,} answers are judged of {cells['drawn']:,} drawn by chance from "
        f"{cells['drawn_from']:,} wrong ones. {harm_view.describe_weights(weights)}"
    )

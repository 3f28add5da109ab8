"""The parts of the page Safety."""

from functools import partial

import polars as pl
import streamlit as st

from dashboard import clickable, data, error_columns, safety_rows
from dashboard.safety_data import ALL

KEY = "safety_board"
EVERY = "All questions"


def follow_address() -> None:
    """Let a link decide what it names, whatever was chosen on an earlier page."""
    if KEY in st.session_state:  # nobody has just come here
        return
    for name in ("view", "lane", "safety_context"):
        if name in st.query_params:
            st.session_state.pop(name, None)


def choose_context(board: pl.DataFrame) -> str:
    """Let the reader choose one of the safety contexts of a lane; first, every question."""
    contexts = board["context"].unique().sort().to_list()
    named: dict[str, str] = {EVERY: ALL} | {
        context: context for context in contexts if context != ALL
    }
    name = st.selectbox("Safety context", list(named), key="safety_context", bind="query-params")
    return named[str(name)]


def show_board(chosen: pl.DataFrame, context: str, *, nine: bool) -> None:
    """The models of one context, fewest errors first; a click on a number opens what it counts."""
    rows = safety_rows.safety_rows(chosen)
    links_box = st.container(horizontal=True, vertical_alignment="center")
    event = st.dataframe(
        rows,
        column_config=error_columns.safety(rows),
        hide_index=True,
        height="content" if rows.height <= clickable.MOST_AT_ONCE else clickable.MOST_HEIGHT,
        on_select=partial(clickable.note_line, KEY, "model"),
        selection_mode="single-cell",
        key=KEY,
        alt="Models with their errors in the safety context, fewest first",
        placeholder="–",
    )
    st.caption("Click a number to read the wrong answers that it counts. Fewest errors first.")
    cells = event.selection.cells
    line = clickable.find_line(KEY, cells, rows.height)
    if line is None:
        return
    run_id, titles = chosen["run_id"][line], data.task_titles()
    address = safety_rows.lead(run_id, context, cells[0][1], titles, nine=nine)
    read = clickable.is_read_by_keys(KEY, line)
    with links_box:
        if read:
            st.text(chosen["model"][line], width="content")
        to = clickable.Lead(address, "app_pages/errors.py")
        clickable.follow(to, "Its wrong answers" if read else "")


def show_reviewed(chosen: pl.DataFrame) -> None:
    """How much clinicians have judged, and what that does not say."""
    judged = int(chosen["reviewed"].sum())
    if not judged:
        st.caption("Clinicians have judged none of these answers yet.")
        return
    st.caption(
        f"Clinicians have judged {judged:,} of {int(chosen['wrong'].sum()):,} wrong answers. The "
        "numbers of each harm are of these alone: some were picked because they looked dangerous, "
        "so no share of them is a rate."
    )

"""The parts of the page Safety."""

from collections.abc import Callable
from functools import partial

import polars as pl
import streamlit as st

from dashboard import addresses, clickable, data, error_columns, safety_rows, wording
from dashboard.columns import Settings
from dashboard.safety_data import ALL

KEY = "safety_board"
SIDE_BY_SIDE = "All, side by side"
EVERY = "All questions"


def follow_address() -> None:
    """Let a link decide what it names, whatever was chosen on an earlier page."""
    if KEY in st.session_state:  # nobody has just come here
        return
    for name in ("view", "lane", "safety_context"):
        if name in st.query_params:
            st.session_state.pop(name, None)


def choose_context(board: pl.DataFrame) -> str | None:
    """Let the reader choose one of the safety contexts of a lane; None is all side by side."""
    contexts = board["context"].unique().sort().to_list()
    named: dict[str, str | None] = {SIDE_BY_SIDE: None, EVERY: ALL} | {
        context: context for context in contexts if context != ALL
    }
    name = st.selectbox("Safety context", list(named), key="safety_context", bind="query-params")
    return named[str(name)]


def show_all(board: pl.DataFrame, of: str) -> None:
    """Every context of each model, by what the reader chooses; a click opens what is counted."""
    offered = [name for name in safety_rows.MEASURES if board[name].count()]
    measure = st.segmented_control(
        "Count",
        offered,
        default=offered[0],
        required=True,
        format_func=safety_rows.MEASURES.__getitem__,
        key="safety measure",
    )
    rows = safety_rows.side_by_side(board, measure)
    settings = error_columns.side_by_side(board, measure)
    show_lines(rows, settings, board.filter(context=ALL), partial(lead_to, measure, of))


def lead_to(measure: str, of: str, run_id: str, context: str) -> addresses.Address:
    """Where a click on a context of `show_all` leads."""
    context = ALL if context == "model" else context
    return safety_rows.lead(run_id, (context, measure), data.task_titles(), of)


def show_board(chosen: pl.DataFrame, context: str, of: str) -> None:
    """The models of one context, fewest errors first; a click on a number opens what it counts."""
    rows = safety_rows.safety_rows(chosen)

    def lead(run_id: str, column: str) -> addresses.Address:
        return safety_rows.lead(run_id, (context, column), data.task_titles(), of)

    show_lines(rows, error_columns.safety(rows), chosen, lead)


def show_lines(
    rows: pl.DataFrame,
    settings: Settings,
    runs: pl.DataFrame,
    lead: Callable[[str, str], addresses.Address],
) -> None:
    """A line for each of `runs`; a click on one follows the address of its run and column."""
    links_box = st.container(horizontal=True, vertical_alignment="center")
    event = st.dataframe(
        rows,
        column_config=settings,
        hide_index=True,
        height="content" if rows.height <= clickable.MOST_AT_ONCE else clickable.MOST_HEIGHT,
        on_select=partial(clickable.note_line, KEY, "model"),
        selection_mode="single-cell",
        key=KEY,
        alt="Models with their errors by safety context, fewest first",
        placeholder="–",
    )
    several = wording.SEVERAL_ANSWERS if (runs["repeats"] > 1).any() else ""
    st.caption(
        f"Click a number to read the wrong answers behind it. Fewest errors first. {several}"
    )
    cells = event.selection.cells
    line = clickable.find_line(KEY, cells, rows.height)
    if line is None:
        return
    read = clickable.is_read_by_keys(KEY, line)
    with links_box:
        if read:
            st.text(runs["model"][line], width="content")
        to = clickable.Lead(lead(runs["run_id"][line], cells[0][1]), "app_pages/errors.py")
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

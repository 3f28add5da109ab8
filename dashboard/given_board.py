"""How steady, long and dear answers are, on the leaderboard; asked only where a lane knows it."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboard import tables
from dashboard.column_words import COLUMNS


def list_known(rows: pl.DataFrame) -> list[str]:
    """Of `tables.GIVEN`, the columns that some of the leaderboard `rows` have."""
    return [fact for fact in tables.GIVEN if rows[fact].count()]


def offer(rows: pl.DataFrame, facts: Sequence[str]) -> None:
    """Below the table: add the columns that are known, where none of them is shown."""
    known = list_known(rows)
    if not known or not set(known).isdisjoint(facts):
        return
    heads = [COLUMNS[fact].head for fact in known]

    def show() -> None:
        st.session_state["facts"] = [*(st.session_state.get("facts") or []), *heads]

    steady = "how steady the answers are" if "always_right" in known else ""
    took = (
        f"what {'they' if steady else 'the answers'} took"
        if set(known) - {"always_right", "agreement"}
        else ""
    )
    st.button(
        f"Show {' and '.join(filter(None, [steady, took]))}",
        on_click=show,
        type="tertiary",
        icon=":material/repeat:",
    )

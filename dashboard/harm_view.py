"""What reviewers found, on the leaderboard; the address keeps what a harm counts for."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboard import harm_data, harm_scores, judged, tables
from dashboard.column_words import COLUMNS
from warehouse.statistics import harm

PARAMETER = "weights"
HEADS = [COLUMNS[fact].head for fact in harm_scores.FACTS]
EXPLAINED = (
    "Each harm counts for 0 (as good as a right answer) to 1 (as bad as can be). A graver harm "
    "never counts for less: the others move along."
)
NOBODY = (
    "Nobody has judged these models' mistakes yet. A model has a number once "
    f"{harm.FEWEST} of its wrong answers, drawn by chance, are judged by two clinicians each."
)
NOBODY_OF_RUN = (
    "Nobody has judged this run's mistakes yet. Its numbers are shown once "
    f"{harm.FEWEST} of its wrong answers, drawn by chance, are judged by two clinicians each."
)


def read_weights() -> harm_scores.Weights:
    """What the address says that each harm counts for; the usual where that makes no sense."""
    return harm_scores.unpack(st.query_params.get(PARAMETER, ""))


def add_scores(in_lane: pl.DataFrame) -> pl.DataFrame:
    """Rows of the leaderboard with what reviewers found of them."""
    return harm_scores.add_scores(in_lane, harm_data.estimates(read_weights()))


def choose_weights(in_lane: pl.DataFrame, facts: Sequence[str]) -> None:
    """Let the reader weigh harms, where a number is shown that depends on it."""
    if harm_scores.SCORE not in facts or not in_lane[harm_scores.SCORE].count():
        return

    def forget() -> None:
        st.query_params.pop(PARAMETER, None)

    with st.popover("Harm weights", icon=":material/balance:"):
        weights = read_weights()
        st.caption(EXPLAINED)
        with st.container(horizontal=True, gap="small"):
            for name, value in weights.items():
                weigh(weights, name, value)
        if weights != harm.WEIGHTS:
            st.button(
                "Back to the usual weights",
                on_click=forget,
                type="tertiary",
                icon=":material/restart_alt:",
            )


def weigh(weights: harm_scores.Weights, name: str, value: float) -> None:
    key = f"weight of {name}"

    def keep_in_address() -> None:
        changed = harm_scores.change(weights, name, float(st.session_state[key]))
        st.query_params[PARAMETER] = harm_scores.pack(changed)

    st.session_state[key] = float(value)
    st.number_input(
        judged.HARMS[name].capitalize(),
        0.0,
        1.0,
        step=0.05,
        key=key,
        on_change=keep_in_address,
        width=112,
    )


def show_notes(rows: pl.DataFrame, facts: Sequence[str]) -> None:
    """Below the table: what the numbers rest on, or how to see them."""
    reviewed = int((rows["judged"] > 0).sum())
    if set(harm_scores.FACTS).isdisjoint(facts):
        if reviewed:
            offer(reviewed)
        return
    if not reviewed:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(NOBODY, width="content")
            st.page_link("app_pages/review.py", label="Review", icon=":material/stethoscope:")
    elif harm_scores.SCORE in facts:
        st.caption(describe_weights(read_weights()))


def offer(reviewed: int) -> None:
    """Add the columns of harm to those that are shown."""

    def show() -> None:
        st.session_state["facts"] = [*(st.session_state.get("facts") or []), *HEADS]

    st.button(
        f"Show how harmful clinicians found the mistakes of {tables.count_models(reviewed)}",
        on_click=show,
        type="tertiary",
        icon=":material/stethoscope:",
    )


def describe_weights(weights: harm_scores.Weights) -> str:
    """`Harms count as usual: no harm 0, mild harm 0.1, …`"""
    whose = "as usual" if weights == harm.WEIGHTS else "as you weigh them"
    counted = ", ".join(f"{judged.HARMS[name]} {value:g}" for name, value in weights.items())
    return f"Harms count {whose}: {counted}."

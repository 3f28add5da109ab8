"""The widgets by which a reader makes a mix of cases; the address keeps it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard import boards, case_mix, columns, data, wording

PARAMETER = "mix"
Presets = Mapping[str, case_mix.Mix]
"""By their names."""


class Ranked(NamedTuple):
    rows: pl.DataFrame
    """Of the leaderboard, with scores of the mix."""
    intervals: pl.DataFrame
    """A row per run that is ranked, with rank, range and tier."""


def rank_lane(in_lane: pl.DataFrame, lane: str, board: str) -> Ranked:
    """Let the reader make a mix, and rank the rows of a `lane` by it."""
    kinds = boards.tasks_of(data.kinds(), board)
    with st.container(border=True, gap="small"):
        mix = choose_mix(kinds, offer_presets(data.current_key(), board))
    mixed = data.rank_mix(lane, mix)
    scores = case_mix.add_scores(in_lane, mixed)
    return Ranked(scores, mixed.with_columns(best_share=pl.lit(None, pl.Float64)))


@st.cache_resource(max_entries=8, show_spinner=False)
def offer_presets(key: data.Key, board: str) -> Presets:
    kinds = boards.tasks_of(data.answer_of_all(key, "kinds"), board)
    return case_mix.offer_presets(kinds)


def choose_mix(kinds: pl.DataFrame, presets: Presets) -> case_mix.Mix:
    name, mix = read_address(presets, kinds)
    names = [*presets, case_mix.OWN]

    def take_preset() -> None:
        chosen = st.session_state["mix_name"]
        if chosen == case_mix.OWN:
            st.session_state["mix_weights"] = True  # to be typed
        st.query_params[PARAMETER] = case_mix.pack(mix) if chosen == case_mix.OWN else chosen

    st.session_state["mix_name"] = name
    st.selectbox("Case mix", names, key="mix_name", on_change=take_preset, width=320)
    st.text(case_mix.describe(kinds, mix))
    st.caption(wording.CASE_MIX)
    weights = st.expander("Weights", icon=":material/tune:", key="mix_weights", bind="query-params")
    if weights.open:
        with weights:
            edit_weights(kinds, mix)
    return mix


def read_address(presets: Presets, kinds: pl.DataFrame) -> tuple[str, case_mix.Mix]:
    """The name of the mix that the address asks for, and the mix; without one the first preset."""
    asked = st.query_params.get(PARAMETER, "")
    if asked in presets:
        return asked, presets[asked]
    if mix := case_mix.unpack(asked, kinds):
        return case_mix.OWN, mix
    if asked:
        st.warning("No kind of questions here is named by the mix in the address.")
    first = next(iter(presets))
    return first, presets[first]


def edit_weights(kinds: pl.DataFrame, mix: case_mix.Mix) -> None:
    """A table of weights; a change makes the mix the reader's own."""
    packed = case_mix.pack(mix)
    key = f"weights {packed}"  # a table of its own for each mix: edits are relative to it

    def take_edits() -> None:
        edits: Mapping[int, Mapping[str, Any]] = st.session_state[key]["edited_rows"]
        st.query_params[PARAMETER] = case_mix.pack(case_mix.change(mix, kinds, edits))

    st.caption("Type what each kind is to count for; shares follow.")
    st.data_editor(
        case_mix.weight_rows(kinds, mix),
        column_config=columns.weights(),
        disabled=["kind", "n", "share"],
        hide_index=True,
        width=540,
        height="content",
        key=key,
        on_change=take_edits,
        alt="The weight of each kind of questions",
        placeholder="–",
    )

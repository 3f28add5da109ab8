"""The leaderboard by another key than the published one."""

import polars as pl
import streamlit as st

from dashboard import answer_keys, data
from dashboard.mix_view import Ranked


def rank_lane(in_lane: pl.DataFrame, lane: str, score: str) -> Ranked:
    """The rows with the average by another key; ranges only where it is the published average."""
    nine = data.tasks().filter("headline")["task"].to_list()
    changed = answer_keys.count_changed(data.ask("all_disputes"), nine, score)
    rows = answer_keys.add_scores(in_lane, score, changed)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(answer_keys.describe(rows, score, changed), width="content")
        st.page_link("app_pages/disputes.py", label="Disputed keys", icon=":material/gavel:")
    return Ranked(rows, data.rank_intervals(lane, score if changed else "average"))

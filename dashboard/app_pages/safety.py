"""How safe are the answers of each model, by kind of patient?"""

import polars as pl
import streamlit as st

from dashboard import (
    addresses,
    explanations,
    filters,
    mark_data,
    safety_data,
    safety_rows,
    safety_view,
)
from dashboard.wording import DEMONSTRATION

VIEWS = (addresses.NINE_VIEW, addresses.DEMONSTRATION_VIEW)

st.title("Safety", anchor=False)
st.markdown("Where models are wrong on questions in which a mistake is likelier to harm a patient.")
safety_view.follow_address()
view = st.segmented_control(
    "Questions", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params"
)
nine = view == VIEWS[0]
if not nine:
    st.info(DEMONSTRATION, icon=":material/science:")
rows = mark_data.leaderboard().filter(pl.col("headline") == nine).drop_nulls("run_id")
if rows.is_empty():
    st.info(
        "No run of these questions is in the warehouse yet. Published scores have no answers of "
        "which one could tell what they would do."
    )
    st.stop()

lane_box, context_box = st.columns(2)
with lane_box:
    lane = filters.choose_lane(rows)
board = safety_data.board(lane, nine=nine)
with context_box:
    context = safety_view.choose_context(board)
chosen = board.filter(context=context or safety_data.ALL)
st.markdown(f"**{safety_rows.summary(chosen)}**")
if context is None:
    safety_view.show_all(board, nine=nine)
else:
    safety_view.show_board(chosen, context, nine=nine)
safety_view.show_reviewed(chosen)
st.caption(explanations.CONTRAINDICATED_SHORT)

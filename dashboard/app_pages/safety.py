"""How safe are the answers of each model, by kind of patient?"""

import streamlit as st

from dashboard import (
    boards,
    explanations,
    filters,
    mark_data,
    safety_data,
    safety_rows,
    safety_view,
)

st.title("Safety", anchor=False)
st.markdown("Where models are wrong on questions in which a mistake is likelier to harm a patient.")
safety_view.follow_address()
everything = mark_data.leaderboard()
of = boards.choose(everything)
boards.tell(of)
rows = boards.rows_of(everything, of).drop_nulls("run_id")
if rows.is_empty():
    st.info(
        "No run of these questions is in the warehouse yet. Published scores have no answers of "
        "which one could tell what they would do."
    )
    st.stop()

lane_box, context_box = st.columns(2)
with lane_box:
    lane = filters.choose_lane(rows)
board = safety_data.board(lane, of)
with context_box:
    context = safety_view.choose_context(board)
chosen = board.filter(context=context or safety_data.ALL)
st.markdown(f"**{safety_rows.summary(chosen)}**")
if context is None:
    safety_view.show_all(board, of)
else:
    safety_view.show_board(chosen, context, of)
safety_view.show_reviewed(chosen)
st.caption(explanations.CONTRAINDICATED_SHORT)

"""What do a lane's models have in common, where do they differ, and what of its questions?"""

import polars as pl
import streamlit as st

from dashboard import addresses, boards, data, field_view, filters, mark_data, question_view

OF_MODELS = {
    "Subjects": field_view.show_subjects,
    "Size": field_view.show_size,
    "Time": field_view.show_time,
    "Cost": field_view.show_cost,
    "Scores": field_view.show_spread,
    "Markings": field_view.show_markings,
}
OF_QUESTIONS = "Questions"

st.title("Charts", anchor=False)
everything = mark_data.leaderboard()
board = boards.choose(everything)
nine = board == addresses.NINE
tasks = boards.tasks_of(data.tasks(), board)
rows = boards.rows_of(everything, board)
if rows.is_empty():
    st.info("No run and no published score of these questions is in the warehouse yet.")
    st.stop()

lane_box, choice_box = st.columns(2)
with lane_box:
    lane = filters.choose_lane(rows)
in_lane = rows.filter(pl.col("lane") == lane)
offered = [*OF_MODELS, OF_QUESTIONS]
if not in_lane["cost_per_1000"].count():
    offered.remove("Cost")
part = st.segmented_control(
    "Chart",
    offered,
    default="Subjects",
    required=True,
    key="chart",
    bind="query-params",
)
if part == OF_QUESTIONS:
    if not in_lane["run_id"].count():
        st.info("Published scores have no answers, so nothing is known by question.")
        st.stop()
    with choice_box:
        task = question_view.choose_task(tasks)
    if in_lane["always_right"].count():
        st.caption(question_view.FIRST_ANSWERS)
    question_view.show_questions(lane, task)
else:
    titles = dict(tasks.select("title", "task").iter_rows())
    with choice_box:
        score = field_view.choose_score(in_lane, titles, nine=nine)
    OF_MODELS[str(part)](in_lane, lane, score)

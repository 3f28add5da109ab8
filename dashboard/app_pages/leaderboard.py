"""Which models answer best, and how sure is that?"""

import polars as pl
import streamlit as st

from dashboard import (
    absence_view,
    absences,
    addresses,
    answer_keys,
    board_view,
    boards,
    case_mix,
    data,
    filters,
    harm_view,
    key_view,
    mark_data,
    mix_view,
    model_filters,
    places,
    tables,
)
from dashboard.wording import describe_lane

board_view.show_head()
everything = mark_data.leaderboard()
board = boards.choose(everything)
boards.tell(board)
nine = board == addresses.NINE
tasks = boards.tasks_of(data.tasks(), board)
titles = dict(tasks.select("title", "task").rows())
rows = boards.rows_of(everything, board)
if rows.is_empty():
    st.info("No run and no published score of these questions is in the warehouse yet.")
    st.stop()

lane_box, score_box, search_box = st.columns([3, 2, 5])
with lane_box:
    lane = filters.choose_lane(rows)
in_lane = harm_view.add_scores(rows.filter(pl.col("lane") == lane))
names = tables.score_names(in_lane, titles, nine=nine)
score = names[score_box.selectbox("Rank by", list(names), key="score", bind="query-params")]

if score == case_mix.SCORE:
    in_lane, intervals = mix_view.rank_lane(in_lane, lane, board)
elif score in answer_keys.SCORES.values():
    in_lane, intervals = key_view.rank_lane(in_lane, lane, score)
else:
    intervals = data.rank_intervals(lane, score)

with st.container(horizontal=True, vertical_alignment="center"):
    narrowed = model_filters.narrow(in_lane, search_box)
    with st.popover("Pin", icon=":material/keep:"):
        pins = model_filters.choose_pins(in_lane)
        board_view.offer_to_compare(in_lane, pins)
    with st.popover("Columns", icon=":material/view_column:"):
        shown_tasks, facts = model_filters.choose_columns(
            tasks["title"].to_list(), in_lane, nine=nine
        )
    harm_view.choose_weights(in_lane, facts)
    downloads_box = st.popover("Download and cite", icon=":material/download:")

lane_ranked = places.rank(in_lane, score, intervals)
ranked = places.pin(lane_ranked, narrowed.keep, pins)
for problem in narrowed.search.problems:
    st.text(problem)

with st.container(horizontal=True, vertical_alignment="center"):
    hidden = in_lane.height - ranked.height
    told = f", {hidden:,} hidden by your filters." if hidden else "."
    rows_told = f"{ranked.height:,} of {in_lane.height:,} rows{told}"
    st.caption(f"{describe_lane(lane)} {rows_told}")
    if hidden:
        model_filters.offer_to_clear()
        if ranked.height and model_filters.choose_field() == model_filters.FIELD[1]:
            ranked = places.rank_among(ranked, score)
with downloads_box:
    board_view.show_downloads(
        ranked.drop("headline", "board", "accuracy", "accuracy_low", "accuracy_high", "pinned"),
        lane,
    )
board_view.show_tiers(lane_ranked, score)
if ranked.is_empty():
    st.info("No model fits your filters.")
    if narrowed.search.words:
        located = absences.locate(everything, in_lane, ranked)
        absence_view.show_answer(located, " ".join(narrowed.search.words))
    st.stop()

if board_view.choose_shape() == board_view.CHART:
    board_view.show_chart(ranked, in_lane, score)
else:
    chosen = tasks.filter(pl.col("title").is_in(shown_tasks))
    board_view.show_table(ranked, chosen, facts, nine=nine)
if missing := absence_view.ask_for_model():
    absence_view.show_answer(absences.locate(everything, in_lane, ranked), missing)

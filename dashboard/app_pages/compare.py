"""Is one model better than another, on what, and how do their mistakes differ?"""

import polars as pl
import streamlit as st

from dashboard import compare_choice, compare_view, comparing, data, marking, run_data, wording

TOPICS = ("Scores", "Questions", "Mistakes", "Settings")

st.title("Compare models", anchor=False)
opened = [*st.query_params.get_all("runs"), *st.session_state.get("compare_runs", [])]
runs = marking.offered(data.runs(), "run_id", opened)
if runs.height < 2:
    st.info("Two runs are needed to compare. Published scores have no answers to compare.")
    st.stop()

chosen = compare_choice.choose_runs(runs)
if len(chosen) < 2:
    st.info("Choose a second model to compare the first with.")
    st.stop()
rows = runs.filter(pl.col("run_id").is_in(chosen))
if rows["lane"].n_unique() > 1:
    st.warning(wording.MIXED_LANES, icon=":material/warning:")
labels = comparing.short_names(rows)
names = {run_id: labels[run_id] for run_id in chosen}

differences = run_data.differences(chosen)
compare_view.show_findings(differences, names, rows)
topic = st.segmented_control(
    "Show", TOPICS, default=TOPICS[0], required=True, key="topic", bind="query-params"
)
if topic == "Scores":
    compare_view.show_scores(differences, names)
elif topic == "Questions":
    compare_view.show_questions(names)
elif topic == "Mistakes":
    compare_view.show_mistakes(names, runs)
else:
    compare_view.show_settings(names)

"""One model: how good is it, where, how sure, and how was that found out?"""

import polars as pl
import streamlit as st

from dashboard import data, model_choice, model_given, model_harm, model_parts, model_view, run_data

PARTS = {
    "Scores": model_view.show_scores,
    "Strengths and weaknesses": model_view.show_subjects,
    "Calibration": model_parts.show_calibration,
    "Surest mistakes": model_parts.show_mistakes,
    model_given.PART: model_given.show_given,
    "Judged harm": model_harm.show_harm,
    "Runs": model_view.show_runs,
    "Receipt": model_parts.show_receipt,
}

st.title("Model", anchor=False)
every_run = model_choice.offered(data.runs())
if every_run.is_empty():
    st.info("No run is in the warehouse yet. Published scores have no model page.")
    st.stop()

model_choice.read_address(every_run)
model_box, run_box = st.columns(2)
with model_box:
    model = model_choice.choose_model(every_run)
model_view.show_mark(model)
answered = run_data.model_runs(model)
with run_box:
    run_id = model_choice.choose_run(answered)
run = answered.filter(pl.col("run_id") == run_id).row(0, named=True)
model_view.show_facts(run | {"model": model})
model_view.show_standing(answered, run)
offered = [part for part in PARTS if part != model_given.PART or model_given.is_known(run_id)]
part = st.segmented_control(
    "Part", offered, default="Scores", required=True, key="part", bind="query-params"
)
PARTS[str(part)](run_id)

"""What did models get wrong?"""

import math

import polars as pl
import streamlit as st

from dashboard import (
    case_data,
    cases,
    clickable,
    data,
    error_columns,
    error_view,
    filters,
    marking,
)

st.title("Wrong answers", anchor=False)
opened = [*st.query_params.get_all("run"), *st.session_state.get("errors_runs", [])]
runs = marking.offered(data.runs(), "run_id", opened)
if runs.is_empty():
    st.info("No run is in the warehouse yet. Published scores have no answers to read.")
    st.stop()

labels = dict(zip(runs["run_id"], cases.run_labels(runs), strict=True))
run_ids = filters.choose_runs(labels)
counts = case_data.error_counts(run_ids)
chosen = filters.choose_errors(
    counts,
    run_ids,
    confidence=len(run_ids) != 1 or case_data.has_confidence(run_ids[0]),
)
run_id = run_ids[0] if len(run_ids) == 1 else ""

total = case_data.count_errors(run_id, chosen)
answered = runs.filter(pl.col("run_id").is_in(run_ids))
error_view.show_links(answered, chosen)
error_view.show_counts(answered, counts, total)
if not total:
    error_view.show_nothing(chosen, of_all=not run_ids)
    st.stop()

pages = math.ceil(total / data.PAGE_SIZE)
page = st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
errors = case_data.errors(run_id, chosen, skip=(page - 1) * data.PAGE_SIZE)
rows = cases.error_rows(errors, chosen["search"])

clickable.show_lines(
    clickable.Table(
        "errors", "Wrong answers: question, the model's pick, and the key", errors["number"][0]
    ),
    rows,
    error_columns.errors(rows, one_run=bool(run_id)),
    clickable.to_cases(errors, run_id, chosen),
)
error_view.show_notes(chosen)

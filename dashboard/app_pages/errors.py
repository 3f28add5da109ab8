"""What did one model get wrong?"""

import math

import polars as pl
import streamlit as st

from dashboard import addresses, case_data, cases, clickable, columns, data, marking
from dashboard.filters import choose_errors, forget_errors

st.title("Wrong answers", anchor=False)
opened = [*st.query_params.get_all("run"), st.session_state.get("errors_run", "")]
runs = marking.offered(data.runs(), "run_id", opened)
if runs.is_empty():
    st.info("No run is in the warehouse yet. Published scores have no answers to read.")
    st.stop()

labels = dict(zip(runs["run_id"], cases.run_labels(runs), strict=True))
asked_for = st.query_params.get("run")
if asked_for in labels:  # the address decides, also after the browser's Back
    if "errors_run" not in st.session_state:  # a link led here
        forget_errors()
    st.session_state["errors_run"] = asked_for
elif asked_for:
    st.warning("The run that the address names is not in this warehouse. Another is shown.")


def keep_in_address() -> None:
    st.query_params["run"] = st.session_state["errors_run"]


run_id = st.selectbox(
    "Model",
    list(labels),
    format_func=labels.__getitem__,
    key="errors_run",
    on_change=keep_in_address,
)
filters = choose_errors(case_data.error_counts(run_id), confidence=case_data.has_confidence(run_id))

total = case_data.count_errors(run_id, filters)
run = runs.row(by_predicate=pl.col("run_id") == run_id, named=True)
wrong = run["answered"] - run["correct"]
st.page_link(
    "app_pages/model.py",
    label="This model's scores, strengths and calibration",
    icon=":material/person_search:",
    query_params=addresses.model(run["model"], run_id),
)
st.caption(
    f"{wrong:,} of {run['answered']:,} answers are wrong"
    + (f", {run['unreadable']:,} of them unreadable" if run["unreadable"] else "")
    + (f". {total:,} fit your filters." if total != wrong else ".")
)
if not total:
    st.info(
        "No wrong answer fits these filters." if wrong else "This run has no wrong answer.",
        icon=":material/check_circle:",
    )
    st.stop()

pages = math.ceil(total / data.PAGE_SIZE)
page = st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
errors = case_data.errors(run_id, filters, skip=(page - 1) * data.PAGE_SIZE)
rows = cases.error_rows(errors)

clickable.show_lines(
    clickable.Table(
        "errors", "Wrong answers: question, the model's pick, and the key", errors["number"][0]
    ),
    rows,
    columns.errors(rows),
    clickable.to_cases(errors, run_id, filters),
)
st.caption("Click a row to read the question.")

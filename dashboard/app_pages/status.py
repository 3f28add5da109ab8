"""Where is each submission, and what does it wait for?"""

import streamlit as st

from dashboard import ledger_data, status_view
from dashboard import submission_words as words
from warehouse.ledger.errors import LedgerError

EVERY = 3.0  # seconds between two looks at the ledger

st.title("Status", anchor=False)
search = st.text_input(
    "Find a model",
    placeholder="Part of its name, or a submission's number",
    key="named",
    bind="query-params",
    width=420,
)


@st.fragment(run_every=EVERY)
def show_now() -> None:
    """All that changes by itself."""
    try:
        health, waits = ledger_data.examine(), ledger_data.waits()
        moving, _ = ledger_data.find_latest(words.MOVING, most=status_view.MOST_MOVING)
    except LedgerError as error:
        status_view.show_away(error)
        return
    status_view.show_counts(health.counts)
    status_view.show_summary(health, list(waits.values()))
    if search.strip():
        status_view.show_found(search)
        return
    if running := [one for one in moving if one.state in status_view.AT_WORK]:
        status_view.show_running(running)
    if waiting := [one for one in moving if one.state in status_view.WAITING]:
        status_view.show_queue(waiting, waits)
    status_view.show_ended()


with st.container(key="live status"):
    show_now()

"""Where is each submission, and what does it wait for?"""

import streamlit as st

from dashboard import ledger_data, status_view
from dashboard import submission_frames as frames
from dashboard import submission_words as words
from warehouse.ledger.errors import LedgerError

EVERY = 3.0  # seconds between two looks at the ledger

st.title("Status", anchor=False)
search_box, state_box = st.columns([2, 3], vertical_alignment="bottom")
search = search_box.text_input(
    "Find a model", placeholder="part of its name, or a number", key="of", bind="query-params"
)
labels = [status_view.ALL, *(words.STATES[state].label for state in words.ENDED)]
ended_as = state_box.segmented_control(
    "Ended as", labels, default=status_view.ALL, required=True, key="ended", bind="query-params"
)


@st.fragment(run_every=EVERY)
def show_now() -> None:
    """All that changes by itself."""
    try:
        found, waits = ledger_data.find_all(), ledger_data.waits()
        health = ledger_data.examine()
    except LedgerError as error:
        st.error("The ledger does not answer; nothing is lost.", icon=":material/cloud_off:")
        st.text(str(error))
        return
    status_view.show_counts(health.counts)
    status_view.show_summary(health, list(waits.values()))
    if search.strip():
        named = frames.find_named(found, search)
        st.subheader(f"{len(named):,} found", anchor=False)
        status_view.show_ended(named, str(ended_as), searched=True)
        return
    if running := [one for one in found if one.state in status_view.AT_WORK]:
        status_view.show_running(running)
    if waiting := [one for one in found if one.state in status_view.WAITING]:
        status_view.show_queue(waiting, waits)
    st.subheader("Ended", anchor=False)
    status_view.show_ended(found, str(ended_as), searched=False)


show_now()

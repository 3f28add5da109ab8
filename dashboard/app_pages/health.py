"""Does everything work, who works on the queue, and what waits or fails?"""

import streamlit as st

from dashboard import health_data, health_report, health_view

EVERY = 5.0  # seconds between two looks

st.title("Health", anchor=False)


@st.fragment(run_every=EVERY)
def show_now() -> None:
    """All that changes by itself."""
    seen = health_data.look()
    health_view.show_verdict(seen)
    health_view.show_lines(health_report.list_lines(seen))
    if seen.health:
        health_view.show_processes(seen.health)
        health_view.show_failures(seen.health)


with st.container(key="live health"):
    show_now()
health_view.offer_keys()

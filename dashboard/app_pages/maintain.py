"""What keeps the queue and the leaderboard in order? For maintainers."""

import streamlit as st

from dashboard import maintain_view, people, status_view, upkeep_view
from warehouse.ledger.errors import LedgerError

st.title("Maintain", anchor=False)
person = people.who_is_here()
if person is None or not person.is_maintainer:
    st.info("This page is for maintainers; settings.toml of the data folder names them.")
    st.stop()
st.caption("Each act needs a reason, which stands in the history for all to read.")
st.page_link("app_pages/review.py", label="Review", icon=":material/stethoscope:")
upkeep_view.tell()
try:
    maintain_view.show_pause()
    maintain_view.show_marks()
    maintain_view.show_renewal()
except LedgerError as error:
    status_view.show_away(error)

"""One submission: where is it, what happened to it, and what can be done?"""

import streamlit as st

from dashboard import ledger_data, people, status_view, submission_view, upkeep_view
from warehouse.ledger.errors import LedgerError, UnknownSubmission

EVERY = 2.0  # seconds between two looks at the ledger
STATE = "state of the submission shown"

asked = st.query_params.get("number", "")


def show_none(said: str) -> None:
    st.title("No such submission", anchor=False)
    st.info("The address names none that is here. The status page lists them all.")
    st.text(said)


@st.fragment(run_every=EVERY)
def show_now(number: int) -> None:
    """All that changes by itself."""
    try:
        one, events = ledger_data.find(number)
    except UnknownSubmission as error:
        show_none(str(error))
        return
    except LedgerError as error:
        status_view.show_away(error)
        return
    before = st.session_state.get(STATE)
    st.session_state[STATE] = (number, one.state)
    if before not in (None, (number, one.state)):
        st.rerun()  # what can be done is another by now
    submission_view.show_heading(one, events)
    submission_view.show_state(one)
    submission_view.show_facts(one)
    is_maintainer = person is not None and person.is_maintainer
    submission_view.show_history(one, events, to_maintainer=is_maintainer)


st.page_link("app_pages/status.py", label="All submissions", icon=":material/arrow_back:")
person = people.who_is_here()
if asked.isascii() and asked.isdigit() and len(asked) < 10:
    with st.container(key="live submission"):
        show_now(int(asked))
    if person:
        upkeep_view.show_actions(int(asked), person)
else:
    show_none(f"It names {asked!r}, and a number such as 7 was expected." if asked else "")

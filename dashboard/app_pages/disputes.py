"""Which keys are disputed, why, and what was ruled?"""

import streamlit as st

from dashboard import addresses, dispute_data, dispute_view, disputing, people, status_view
from warehouse.ledger.errors import LedgerError

task, sample_id, *_ = addresses.read_case(st.query_params)
try:
    if task:
        question = dispute_data.question(task, sample_id)
        if question:
            dispute_view.show_question(question, people.who_is_here())
            st.stop()
        st.warning("The address names no question of this warehouse. All disputes are shown.")
    st.title("Disputed keys", anchor=False)
    st.caption(disputing.ABOUT)
    part = st.segmented_control(
        "Part", disputing.PARTS, default=disputing.LISTED, required=True, key="dispute_part"
    )
    if part == disputing.LISTED:
        dispute_view.show_list()
    elif part == disputing.SUSPECTS:
        dispute_view.show_suspects()
    else:
        dispute_view.show_changes()
except LedgerError as error:
    status_view.show_away(error, then=status_view.RELOAD)

"""How harmful would a wrong answer be? Clinicians judge, one answer at a time."""

import streamlit as st

from dashboard import (
    agreement_view,
    clickable,
    judging,
    people,
    queue_view,
    review_view,
    status_view,
)
from dashboard import judging_words as words
from warehouse.ledger.errors import LedgerError, UnknownCase

JUDGE, GOES = "Judge", "Progress and agreement"

person = people.who_is_here()
may_judge = person is not None and person.is_reviewer
may_draw = may_judge or (person is not None and person.is_maintainer)
number = judging.read_number(st.query_params.get("case", ""))
try:
    if person and may_judge and number is not None:
        review_view.show(number, person)
        st.stop()
    st.title("Review", anchor=False)
    if not may_judge:
        st.info(words.NOT_A_REVIEWER, icon=":material/stethoscope:")
    with st.container(horizontal=True):
        st.page_link("app_pages/disputes.py", label="Disputed keys", icon=":material/gavel:")
    parts = (JUDGE, GOES) if may_draw else (GOES,)
    part = st.segmented_control("Part", parts, default=parts[0], required=True, key="review part")
    if person and part == JUDGE:
        queue_view.show_choice(person)
    else:
        agreement_view.show_counts()
        agreement_view.show_drawn()
        if person and may_judge:
            agreement_view.show_own(person)
        agreement_view.show_agreement()
except UnknownCase as error:
    st.title("No such case", anchor=False)
    st.text(str(error))
    clickable.follow(clickable.Lead({"case": ""}), "Review")
except LedgerError as error:
    status_view.show_away(error, then=status_view.RELOAD)

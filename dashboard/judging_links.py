"""What reviewers do from the page of a case: judge its answer, dispute its key."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import people
from warehouse.errors import WarehouseError

Row = Mapping[str, Any]
NOT_HELD = "why an answer is not to be judged"


def show_acts(question: Row, own: Row | None) -> None:
    """For reviewers, beside an answer; nothing for others. `own` is the run's pick, as of
    `case_data.picks`; None where the page is of no run."""
    person = people.who_is_here()
    if person is not None and person.is_reviewer:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if own and not own["correct"]:
                show_judge(question, own)
            st.page_link(
                "app_pages/disputes.py",
                label="Dispute this key",
                icon=":material/gavel:",
                query_params={"question": f"{question['task']}/{question['sample_id']}"},
            )
    if told := st.session_state.pop(NOT_HELD, ""):
        st.text(told)


def show_judge(question: Row, own: Row) -> None:
    if not st.button("Judge this answer", icon=":material/stethoscope:"):
        return
    try:
        number = take(question, own)
    except WarehouseError as error:
        st.session_state[NOT_HELD] = str(error)
        return
    st.switch_page("app_pages/review.py", query_params={"case": str(number)})


def take(question: Row, own: Row) -> int:
    """The number of the answer's case, which the reader has in hand, or has judged already."""
    from dashboard import ledger_data
    from warehouse.ledger import assignments, cases
    from warehouse.ledger.errors import AlreadyReviewed

    task, sample_id, gold = question["task"], question["sample_id"], question["gold"]
    key = cases.Key(own["run_id"], task, sample_id, own["repeat"])
    mistake = cases.Mistake(*key, own["model"], own["prediction"], gold)
    ledger = ledger_data.ledger()
    try:
        return assignments.hold(ledger, mistake, people.who_is_here()).number
    except AlreadyReviewed:
        found = cases.find_case_of(ledger, key)
        if found is None:
            raise
        return found.number

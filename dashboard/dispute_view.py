"""The parts of the page of disputed keys. What people wrote is shown as plain text."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import case_view, cases, clickable, data, dispute_data, disputing
from dashboard import dispute_form as form
from warehouse.ledger.people import Person

Row = Mapping[str, Any]
AT_ONCE = 20
READING = 760  # pixels


def address_of(row: Row) -> dict[str, str]:
    """Where a question's disputes are read, and made."""
    return {"question": f"{row['task']}/{row['sample_id']}"}


def show_list() -> None:
    """Every dispute with what came of it."""
    found = dispute_data.disputes()
    if not found:
        st.info(disputing.NO_DISPUTES, icon=":material/check_circle:")
        return
    pages = -(-len(found) // AT_ONCE)
    page = st.pagination(pages, key="page of disputes") if pages > 1 else 1
    for row in found[(page - 1) * AT_ONCE : page * AT_ONCE]:
        show_dispute(row)
        lead = clickable.Lead(address_of(row))
        clickable.follow(lead, f"The question of dispute {row['number']}")


def show_dispute(row: Row) -> None:
    badge, _ = disputing.STATES[row["state"]]
    with st.container(border=True, gap="xsmall", width=READING):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(badge, width="content")
            title = data.task_titles().get(row["task"], row["task"])
            st.text(f"{title} · {row['sample_id']}", width="content")
        st.text(disputing.describe(row))
        st.text(row["reason"])
        st.text(f"Reference: {row['reference']}")
        st.text(disputing.describe_ruling(row))


def show_suspects() -> None:
    """Keys that nobody has disputed and strong models contradict."""
    rows = dispute_data.suspects()
    if rows.is_empty():
        st.info(disputing.NO_SUSPECTS, icon=":material/check_circle:")
        return
    st.caption(disputing.SUSPECTED)
    clickable.show_lines(
        clickable.Table("suspect keys", "Keys that strong models contradict"),
        disputing.suspect_rows(rows, data.task_titles()),
        {"Question": st.column_config.TextColumn(width="large")},
        lambda line: clickable.Lead(address_of(rows.row(line, named=True))),
    )


def show_changes() -> None:
    """What the scores of a lane are by each version of the keys."""
    lanes = data.runs()["lane"].unique().sort().to_list()
    if not lanes:
        st.info(disputing.NO_CHANGES)
        return
    lane = st.selectbox("Lane", lanes, key="lane of keys")
    changes = data.ask("key_changes", lane=lane)
    if changes.is_empty():
        st.info(disputing.NO_CHANGES)
        return
    st.caption(disputing.SCORES_SAID)
    rows = disputing.change_rows(changes)
    st.dataframe(rows, hide_index=True, alt="Scores by original, reviewed and undisputed keys")


def show_question(question: Row, person: Person | None) -> None:
    """A question with its key, what is said of that, and the forms for who may say more."""
    clickable.follow(clickable.Lead({"question": ""}), "All disputes")
    st.title(cases.case_title(question), anchor=False)
    form.tell()
    reading, said = st.columns([3, 2], gap="large")
    with reading:
        case_view.show_question(question)
        case_view.show_key(question)
        case_view.show_explanation(question)
    with said:
        show_said(question, person)


def show_said(question: Row, person: Person | None) -> None:
    """What models and people say of a key."""
    task, sample_id = question["task"], question["sample_id"]
    if suspicion := dispute_data.suspicion(task, sample_id):
        st.info("This key is in doubt.", icon=":material/help:")
        st.text(disputing.describe_suspicion(suspicion))
    found = dispute_data.disputes(task, sample_id)
    st.subheader("Disputes of this key", anchor=False)
    if not found:
        st.text("Nobody has disputed it.")
    is_reviewer = person is not None and person.is_reviewer
    for row in found:
        show_dispute(row)
        if is_reviewer and row["state"] == "open":
            if dispute_data.may_rule(row["number"], person):
                form.ask_ruling(row, question)
            else:
                st.caption("It is yours, so another person has to decide.")
    if is_reviewer:
        form.ask_dispute(question)
    else:
        st.caption(disputing.ONLY_REVIEWERS)
        st.page_link("app_pages/review.py", label="Review", icon=":material/stethoscope:")

"""The parts of a submission's page. What others wrote is shown as plain text."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import (
    addresses,
    boards,
    ledger_data,
    offers,
    status_view,
    submission_columns,
    times,
    widgets,
)
from dashboard import submission_frames as frames
from dashboard import submission_words as words
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Event, Submission

MARKS: Mapping[str, tuple[str, str]] = {
    words.DONE: ("check_circle", "green"),
    words.NOW: ("radio_button_checked", "blue"),
    words.AHEAD: ("radio_button_unchecked", "gray"),
    words.STOPPED: ("cancel", "red"),
}
READING = 760  # pixels


def show_heading(one: Submission, events: Sequence[Event]) -> None:
    """Which submission this is, its state, and the steps to a published score."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(widgets.as_written(one.model), anchor=False, width="content")
        status_view.show_badge(one.state)
    st.caption(
        f"Submission {one.number}, submitted {times.ago(one.submitted_at, ledger_data.now())}."
    )
    with st.container(horizontal=True, gap="small"):
        for label, mark in words.way(events):
            icon, color = MARKS[mark]
            st.markdown(f":{color}[:material/{icon}:] {label}", width="content")


def show_state(one: Submission) -> None:
    """What its state means, and what can be done."""
    waits = ledger_data.waits()
    st.text(words.describe(one, waits.get(one.number), len(waits)))
    if one.state == State.RUNNING:
        status_view.show_progress(one, status_view.titles())
    elif one.state == State.REJECTED:
        show_problems(one)
    elif one.state == State.FAILED:
        show_failure(one)
    elif one.state == State.FINISHED:
        show_results(one)
    elif one.state in (State.CANCELLED, State.SUPERSEDED) and one.message:
        st.text(one.message)


def show_problems(one: Submission) -> None:
    """Each thing to change, all of them together."""
    number = len(one.problems)
    st.subheader(f"{number} {'thing' if number == 1 else 'things'} to change", anchor=False)
    for problem in one.problems:
        with st.container(border=True, gap="xsmall", width=READING):
            st.text(str(problem.get("says", "")))
            with st.container(horizontal=True, gap="xsmall"):
                st.markdown(":material/build:", width="content")
                st.text(str(problem.get("fix", "")), width="stretch")
            st.caption(widgets.as_written(str(problem.get("code", ""))))
    offer_again(one, "Submit it again when that is done")


def show_failure(one: Submission) -> None:
    """Why it failed, what can be done, and the end of its log."""
    with st.container(border=True, gap="xsmall", width=READING):
        st.text(one.message or "No reason was written down.")
        with st.container(horizontal=True, gap="xsmall"):
            st.markdown(":material/build:", width="content")
            st.text(words.fix_of(one.code), width="stretch")
        st.caption(widgets.as_written(f"{one.code or 'unknown'}, in attempt {one.attempt}"))
    offer_again(one, "Submit it again")


def show_results(one: Submission) -> None:
    """Where its scores and its mistakes are."""
    run_id = str(one.run_id)
    tasks = [name.strip() for name in one.tasks.split(",")]
    with st.container(horizontal=True):
        st.page_link(
            "app_pages/model.py",
            label="Its scores",
            icon=":material/person_search:",
            query_params=addresses.model(one.model, run_id),
        )
        st.page_link(
            "app_pages/errors.py",
            label="Its mistakes",
            icon=":material/rule:",
            query_params={"run": run_id},
        )
        st.page_link(
            "app_pages/leaderboard.py",
            label="The leaderboard",
            icon=":material/leaderboard:",
            query_params=addresses.leaderboard(
                one.model, one.protocol, boards.view_of(tasks, status_view.titles())
            ),
        )


def offer_again(one: Submission, label: str) -> None:
    """A link to the form, filled in as it was."""
    asked = {"model": one.model, "revision": one.revision, "precision": one.precision}
    asked |= {"protocol": one.protocol, "tasks": one.tasks, "weights": one.weights}
    asked |= {"base": one.base, "type": one.type}
    st.page_link(
        "app_pages/submit.py",
        label=label,
        icon=":material/restart_alt:",
        query_params={name: value for name, value in asked.items() if value},
    )


def show_facts(one: Submission) -> None:
    """What was asked for, as far as everyone may know."""
    facts = {
        "Revision": one.revision or "the newest",
        "Commit": one.commit or "",
        "Precision": one.precision,
        "Lane": one.protocol,
        "Questions": offers.tasks_text(one.tasks, status_view.titles()),
        "Weights": one.weights if one.weights != "original" else "",
        "Base model": " ".join(filter(None, (one.base, one.base_commit))),
        "Run": one.run_id or "",
        "Stands in the place of": f"submission {one.replaces}" if one.replaces else "",
    }
    rows = [{"": name, "What was asked": value} for name, value in facts.items() if value]
    st.dataframe(rows, hide_index=True, height="content", width=READING, alt="What was asked for")


def show_history(one: Submission, events: Sequence[Event], *, to_maintainer: bool) -> None:
    """Each step that it took, and the end of the last attempt's log."""
    st.subheader("History", anchor=False)
    rows = frames.history_rows(events, one.submitter, to_maintainer=to_maintainer)
    st.dataframe(
        rows,
        column_config=submission_columns.history(),
        hide_index=True,
        height="content",
        alt="The steps of the submission, the last one first",
        placeholder="–",
    )
    if one.log:
        with st.expander("The end of its log", icon=":material/article:"):
            st.code(one.log, language=None, height=360)

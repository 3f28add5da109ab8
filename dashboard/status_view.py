"""The parts of the status page: counts, what runs, what waits, and what has ended."""

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from dashboard import clickable, data, ledger_data, people, submission_columns
from dashboard import submission_frames as frames
from dashboard import submission_words as words
from warehouse.errors import WarehouseError
from warehouse.ledger.errors import LedgerError
from warehouse.ledger.health import Health
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Submission
from warehouse.ledger.waiting import Wait

PAGE = "app_pages/submission.py"
AT_WORK = (State.RUNNING, State.INGESTING)
WAITING = (State.PENDING, State.CHECKING, State.SUBMITTED)
MOST_RUNNING, MOST_WAITING, MOST_MOVING = 8, 100, 10_000
ALL = "All"
AGAIN = "This page looks again by itself. If it goes on, write to the maintainers."
RELOAD = "Load this page again in a minute. If it goes on, write to the maintainers."
"""For a page that does not look again by itself."""


def titles() -> Mapping[str, str]:
    """From each task's name to its title; empty where no snapshot says it."""
    try:
        return data.task_titles()
    except WarehouseError:
        return {}


def show_away(error: LedgerError, *, then: str = AGAIN) -> None:
    """Say that the ledger does not answer, and to maintainers why, which may name a machine.

    Others learn what happens `then`.
    """
    st.error("The ledger does not answer; nothing is lost.", icon=":material/cloud_off:")
    person = people.who_is_here()
    if person and person.is_maintainer:
        st.text(str(error))
    else:
        st.text(then)


def show_counts(counts: Mapping[State, int]) -> None:
    """How many are in each state; together they are all there are."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        number = sum(counts.values())
        st.markdown(f"**{number:,}** submission{'' if number == 1 else 's'}", width="content")
        for state, shown in words.STATES.items():
            if counts[state]:
                show_badge(state, f"{shown.label} {counts[state]:,}")


def show_summary(health: Health, waits: Sequence[Wait]) -> None:
    alive = sum(one.kind == "worker" and one.is_alive(health.at) for one in health.workers)
    st.text(words.summary(health.counts, alive, waits))
    if health.paused:
        st.warning("The queue is paused: workers take nothing new.", icon=":material/pause_circle:")
        st.text(health.paused)
    if "checker" in health.missing:
        st.warning("No checker is running: what is submitted waits.", icon=":material/warning:")
    if "watcher" in health.missing:
        st.warning("Nothing publishes answers now: they are kept.", icon=":material/warning:")


def show_running(running: Sequence[Submission]) -> None:
    """A card for each model that is being asked, or whose answers are being published."""
    st.subheader("Running", anchor=False)
    named = titles()
    for one in running[:MOST_RUNNING]:
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(f"{one.model}", width="stretch")
                show_badge(one.state)
                show_link(one.number, "Open")
            show_progress(one, named)
    if len(running) > MOST_RUNNING:
        st.caption(f"And {len(running) - MOST_RUNNING} more; the search below finds each.")


def show_progress(one: Submission, named: Mapping[str, str]) -> None:
    """How far a running one is."""
    if one.state == State.RUNNING:
        st.progress(words.progress_share(one))
        attempt = f" Attempt {one.attempt}." if one.attempt > 1 else ""
        st.text(words.progress_text(one, named) + attempt)
    else:
        st.text(words.STATES[one.state].meaning)


def show_badge(state: State, label: str = "") -> None:
    shown = words.STATES[state]
    st.badge(label or shown.label, icon=f":material/{shown.icon}:", color=shown.color)  # type: ignore[arg-type]


def show_link(number: int, label: str) -> None:
    address = {"number": str(number)}
    st.page_link(PAGE, label=label, icon=":material/arrow_forward:", query_params=address)


def show_queue(waiting: Sequence[Submission], waits: Mapping[int, Wait]) -> None:
    """What waits, in its order; a click opens one."""
    st.subheader("Waiting", anchor=False)
    line = frames.put_in_line(waiting, waits)[:MOST_WAITING]
    rows = frames.queue_rows(line, waits, titles(), ledger_data.now())
    show_table("queue", "What waits, in its order", rows, line)
    if len(waiting) > MOST_WAITING:
        st.caption(f"The first {MOST_WAITING:,} of {len(waiting):,}; the search finds the others.")


def show_found(asked: str) -> None:
    """Submissions in whatever state that a reader looks for."""
    found, number = ledger_data.find_latest(asked=asked)
    st.subheader(f"{number:,} found", anchor=False)
    show_list(found, number)


def show_ended() -> None:
    """What has ended, in one way or in any."""
    st.subheader("Ended", anchor=False)
    labels = {ALL: words.ENDED} | {words.STATES[state].label: (state,) for state in words.ENDED}
    chosen = st.segmented_control(
        "Ended as",
        list(labels),
        default=ALL,
        required=True,
        key="ended",
        bind="query-params",
        label_visibility="collapsed",
    )
    show_list(*ledger_data.find_latest(labels[str(chosen)]))


def show_list(found: Sequence[Submission], number: int) -> None:
    """The latest of so many submissions; a click opens one."""
    if not found:
        st.info("There is none.")
        return
    show_table("list", "Submissions", frames.ended_rows(found, titles()), found)
    if number > len(found):
        st.caption(f"The latest {len(found):,} of {number:,}; a search by model finds the others.")


def show_table(key: str, alt: str, rows: pl.DataFrame, shown: Sequence[Submission]) -> None:
    numbers = [one.number for one in shown]

    def lead(line: int) -> clickable.Lead:
        return clickable.Lead({"number": str(numbers[line])}, PAGE)

    table = clickable.Table(key, alt)
    clickable.show_lines(table, rows, submission_columns.submissions(), lead)

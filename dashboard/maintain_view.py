"""The parts of the maintainers' page: the queue, marks on models, and asking all again."""

from collections.abc import Sequence
from functools import partial

import polars as pl
import streamlit as st

from dashboard import data, ledger_data, times, upkeep_view
from warehouse.errors import WarehouseError
from warehouse.ledger import marks, renewal, upkeep, waiting
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Submission

EVERY = "All that is finished"
OUTDATED = "What was asked otherwise than now"
LANES = "Every lane"


def show_pause() -> None:
    """Let workers take nothing new, or go on."""
    st.header("The queue", anchor=False)
    health = ledger_data.examine()
    if health.paused:
        st.warning("It is paused: workers take nothing new.", icon=":material/pause_circle:")
        st.text(health.paused)
        upkeep_view.ask_reason("queue", "Resume", resume)
    else:
        st.text("It is open: workers take what waits. What runs goes on while it is paused.")
        upkeep_view.ask_reason("queue", "Pause", pause)
    st.page_link("app_pages/health.py", label="Health", icon=":material/monitor_heart:")


def pause(by: Person | None, reason: str, _: int) -> str:
    upkeep.pause(ledger_data.ledger(), by, reason)
    return "The queue is paused."


def resume(by: Person | None, reason: str, _: int) -> str:
    upkeep.resume(ledger_data.ledger(), by, reason)
    return "The queue goes on."


def show_marks() -> None:
    """Models that are hidden or flagged, and the form that does it."""
    st.header("Hidden and flagged models", anchor=False)
    found = ledger_data.find_marks()
    if found:
        rows = [
            {"Model": one.model, "Mark": one.kind, "Why": one.why, "Since": one.at, "By": one.by}
            for one in found.values()
        ]
        st.dataframe(pl.DataFrame(rows), hide_index=True, height="content", alt="Marked models")
    else:
        st.text("None is. A hidden model is on no leaderboard; a flagged one carries its reason.")
    model_box, act_box = st.columns(2, vertical_alignment="bottom")
    model = model_box.selectbox(
        "Model", known_models(), index=None, accept_new_options=True, key="model to mark"
    )
    if not model:
        return
    acts = [upkeep_view.HIDE, upkeep_view.FLAG, *([upkeep_view.CLEAR] if model in found else [])]
    act = str(
        act_box.segmented_control("What to do", acts, default=acts[0], required=True, key="mark as")
    )
    upkeep_view.ask_reason("mark", act, partial(mark, model, upkeep_view.KINDS[act]))


def known_models() -> list[str]:
    """Whoever has a score here, and whoever was submitted."""
    try:
        scored = data.leaderboard()["model"].to_list()
    except WarehouseError:
        scored = []
    return sorted({*scored, *(one.model for one in ledger_data.find_latest()[0])})


def mark(model: str, kind: marks.Kind, by: Person | None, reason: str, _: int) -> str:
    marks.mark(ledger_data.ledger(), model, kind, by, reason)
    return f"{model} is {kind}; the next snapshot has it so."


def show_renewal() -> None:
    """Ask again what is finished: how many these are, how long it takes, and then do it."""
    st.header("Ask again", anchor=False)
    finished, _ = ledger_data.find_latest((State.FINISHED,), most=waiting.MOST)
    if not finished:
        st.text("Nothing that was submitted is finished yet.")
        return
    lane_box, which_box = st.columns(2, vertical_alignment="bottom")
    lanes = [LANES, *sorted({one.protocol for one in finished})]
    lane = lane_box.selectbox("Lane", lanes, key="lane to renew")
    which = which_box.segmented_control(
        "Which", (OUTDATED, EVERY), default=OUTDATED, required=True, key="which to renew"
    )
    chosen = [one for one in finished if lane in (LANES, one.protocol)]
    if which == OUTDATED:
        outdated = find_outdated()
        chosen = [one for one in chosen if one.run_id in outdated]
    numbers = [one.number for one in chosen]
    st.text(describe(chosen, len(finished), ledger_data.foretell(tuple(numbers))))
    if numbers:
        label = f"Ask {len(numbers):,} again"
        upkeep_view.ask_reason("renewal", label, partial(renew, numbers))


def find_outdated() -> frozenset[str]:
    """Runs that were asked with other questions or prompts than are in use now."""
    try:
        return frozenset(data.ask("outdated_runs")["run_id"])
    except WarehouseError:
        return frozenset()


def describe(chosen: Sequence[Submission], of: int, seconds: float | None) -> str:
    """How many these are, and how long they took."""
    told = f"{len(chosen):,} of {of:,} finished submissions."
    if not chosen:
        return f"{told} Their questions and prompts are those in use now."
    if seconds is not None:
        told += f" On one worker they take {times.duration(seconds)}."
    return f"{told} Newcomers go before them, and the scores of now stay until the new are there."


def renew(numbers: Sequence[int], by: Person | None, reason: str, _: int) -> str:
    anew = renewal.renew(ledger_data.ledger(), numbers, by, reason)
    return f"Submissions {anew[0]} to {anew[-1]} stand in the place of {len(numbers):,} others."

"""The fields of the Submit page; an address fills them in, and they keep themselves in it."""

from collections.abc import Callable, Mapping

import polars as pl
import streamlit as st

from dashboard import data, ledger_data, offers, status_view, submitting
from dashboard import submit_words as ours
from warehouse.errors import WarehouseError
from warehouse.ledger.submissions import Asked

NAMES = ("model", "base")
"""Fields that hold the name of a model."""
MOST_SEEDS = 10_000
BUTTON, PRESSED, STRANGERS = "send", "send_pressed", "submit_strangers"


def read_address() -> None:
    """Let the address fill in the form, and cut the address of a model down to its name.

    A link means no more than it says: what was chosen on an earlier visit is dropped.
    """
    if BUTTON not in st.session_state:  # the page has just been opened
        given = st.query_params.to_dict()
        if not given.keys().isdisjoint(offers.FIELDS):
            for name in offers.FIELDS:
                st.session_state.pop(name, None)
        st.session_state[STRANGERS] = offers.find_strangers(given)
    for name in NAMES:
        cut_down(name)
    if strangers := st.session_state.get(STRANGERS):
        st.warning(ours.STRANGERS, icon=":material/link_off:")
        for sentence in strangers:
            st.text(sentence)


def cut_down(name: str) -> None:
    """Of an address in a field leave the model's name; the revision in it is the model's."""
    typed = st.session_state.get(name) or ""
    trimmed, revision = submitting.trim(typed)
    if trimmed != typed:
        st.session_state[name] = trimmed
        if revision and name == "model" and not st.session_state.get("revision"):
            st.session_state["revision"] = revision


def show_cut_down() -> None:
    """Where the page's own address gave the address of a model, show what is left of that."""
    typed = [st.session_state.get(name) or "" for name in NAMES]
    if any(submitting.trim(text)[0] != text for text in typed):
        st.rerun()


def offer_toy() -> None:
    """One click fills in something that runs to its end in a minute."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(ours.CURIOUS, width="stretch")
        st.button("Fill in the toy model", icon=":material/toys:", on_click=fill_in_toy)


def fill_in_toy() -> None:
    """With a seed that nobody has used, so that there is something to do."""
    first = {name: choices[0] for name, choices in offers.CHOICES.items()}
    seed = submitting.unused_seed(taken_seeds())
    toy = {"model": offers.TOY, "revision": str(seed), "base": ""}
    st.session_state.update(first | toy | {"precision": "float32", "tasks": offers.SAMPLE})


def taken_seeds() -> list[str | None]:
    """The revisions with which the toy model was asked, or is to be."""
    taken: list[str | None] = []
    try:
        asked, _ = ledger_data.find_latest(asked=offers.TOY, most=MOST_SEEDS)
        taken += [one.revision for one in asked]
        taken += data.runs().filter(pl.col("model") == offers.TOY)["revision"].to_list()
    except WarehouseError:  # the ledger does not answer, or nothing is published yet
        return taken
    return taken


def fill_in() -> tuple[Asked, dict[str, str]]:
    """The fields; returns what is asked for, and what is wrong with it by field."""
    values = dict.fromkeys((*offers.FIELDS, "contact", "note"), "")
    below = {}

    def ask(name: str) -> None:
        values[name] = (ASK[name]() or "").strip()
        below[name] = st.container()

    ask("model")
    left, right = st.columns(2)
    with left:
        ask("revision")
    with right:
        ask("precision")
    ask("weights")
    if values["weights"] != offers.ORIGINAL:
        ask("base")
    for name in ("tasks", "protocol", "type"):
        ask(name)
    for place, name in zip(st.columns(2), ("contact", "note"), strict=True):
        with place:
            ask(name)
    asked = submitting.draw_up(values)
    faults = submitting.find_faults(asked)
    for name, fault in faults.items():
        if values[name] or st.session_state.get(PRESSED):  # nobody is blamed before they began
            below[name].markdown(f":red[:material/error: {fault}]")
    return asked, faults


def type_name(name: str, label: str, example: str, about: str) -> str | None:
    return st.text_input(label, key=name, bind="query-params", placeholder=example, help=about)


def choose(name: str, label: str, about: str | None = None) -> str | None:
    """One of a few things that need no explanation each."""
    options = offers.CHOICES[name]
    return st.radio(label, options, key=name, bind="query-params", horizontal=True, help=about)


def choose_explained(name: str, label: str, offered: Mapping[str, str]) -> str | None:
    """One of a few things, each with what it means."""
    captions = list(offered.values())
    return st.radio(label, list(offered), key=name, bind="query-params", captions=captions)


def choose_tasks() -> str | None:
    """A set that is offered, or the one that the address asks for."""
    wanted = st.query_params.get("tasks") or st.session_state.get("tasks") or offers.NINE
    own = {} if wanted in offers.TASK_SETS or offers.read_tasks(wanted) is None else {wanted: ""}
    for tasks in own:
        own[tasks] = f"As the address has it: {offers.tasks_text(tasks, status_view.titles())}."
    return choose_explained("tasks", "Questions", {**offers.TASK_SETS, **own})


ASK: Mapping[str, Callable[[], str | None]] = {
    "model": lambda: type_name("model", "Model", f"such as {ours.EXAMPLE}", ours.MODEL),
    "revision": lambda: type_name("revision", "Revision", "the newest", ours.REVISION),
    "precision": lambda: choose("precision", "Precision", ours.PRECISION),
    "weights": lambda: choose("weights", "Weights", ours.WEIGHTS),
    "base": lambda: type_name("base", "Base model", f"such as {ours.EXAMPLE}", ours.BASE),
    "tasks": choose_tasks,
    "protocol": lambda: choose_explained("protocol", "How it is asked", offers.PROTOCOLS),
    "type": lambda: choose("type", "How it was trained", ours.TUNING),
    "contact": lambda: st.text_input(
        "Contact (private)", key="contact", placeholder="you@example.org", help=ours.PRIVATE
    ),
    "note": lambda: st.text_area("Note (private)", key="note", height=68, help=ours.PRIVATE),
}

"""What maintainers do, each with a reason for all to read; the ledger's door checks who may."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from dashboard import ledger_data, people
from warehouse.ledger import marks, upkeep
from warehouse.ledger.errors import LedgerError
from warehouse.ledger.people import Person
from warehouse.ledger.states import MOVES, State
from warehouse.ledger.submissions import Submission

RETRY, CANCEL, PRIORITY = "Retry", "Cancel", "Change its priority"
HIDE, FLAG, CLEAR = "Hide the model", "Flag the model", "Clear the model"
KINDS: Mapping[str, marks.Kind] = {HIDE: "hidden", FLAG: "flagged", CLEAR: "cleared"}
SAID = "what came of an action"
Act = Callable[[Person | None, str, int], str]
"""By someone, for a reason, with a priority; says what came of it, or raises a `LedgerError`."""
WIDTH = 560  # pixels


def offer(one: Submission) -> list[str]:
    """What can be done with a submission as it stands."""
    acts = []
    if one.state in upkeep.AGAIN:
        acts.append(RETRY)
    if State.CANCELLED in MOVES[one.state]:
        acts.append(CANCEL)
    if one.state in (State.SUBMITTED, State.CHECKING, State.PENDING):
        acts.append(PRIORITY)
    marked = one.model in ledger_data.find_marks()
    return [*acts, HIDE, FLAG, *([CLEAR] if marked else [])]


def show_actions(number: int, person: Person) -> None:
    """What this person may do with the submission; what was done is told once."""
    tell()
    try:
        one, _ = ledger_data.find(number)
    except LedgerError:
        return  # the page has said so
    if not (person.is_maintainer or person.name == one.submitter):
        return
    acts = offer(one) if person.is_maintainer else [act for act in offer(one) if act == CANCEL]
    if not acts:
        return
    title = "For maintainers" if person.is_maintainer else "Yours"
    with st.expander(title, icon=":material/build_circle:", key=f"acts {one.number}"):
        if person.is_maintainer:
            show_private(one)
        act = st.segmented_control(
            "What to do", acts, default=acts[0], required=True, key=f"act {one.number}"
        )
        ask_reason(f"{act} {one.number}", str(act), partial(act_on, one, str(act)))


def show_private(one: Submission) -> None:
    """What only maintainers see."""
    told = {"Submitted by": one.submitter, "Contact": one.contact, "Note": one.note}
    for name, value in told.items():
        if value:
            st.text(f"{name}: {value}")


def ask_reason(key: str, label: str, act: Act) -> None:
    """A form for the reason, and a priority where that is changed."""
    reason, priority = f"reason {key}", f"priority {key}"
    with st.form(f"form {key}", border=False, enter_to_submit=False, width=WIDTH):
        if label == PRIORITY:
            st.number_input("Priority: the highest goes first", -100, 100, 1, key=priority)
        st.text_area("Reason, for all to read", key=reason, height=80, max_chars=1000)
        st.form_submit_button(label, type="primary", on_click=do, args=(act, reason, priority))


def do(act: Act, reason: str, priority: str) -> None:
    """Act before the page is drawn, so that it shows what came of it.

    Who does it is asked now: whoever was a maintainer when the page was opened may be none by now.
    """
    by = people.who_is_here()
    try:
        said = act(by, st.session_state[reason], st.session_state.get(priority, 0))
        st.session_state[SAID] = (True, said)
        st.session_state[reason] = ""
    except LedgerError as error:
        st.session_state[SAID] = (False, str(error))
    ledger_data.forget()


def act_on(one: Submission, act: str, by: Person | None, reason: str, priority: int) -> str:
    """Do it, and say so; raises a `LedgerError` where it may not or cannot be."""
    ledger = ledger_data.ledger()
    if act == RETRY:
        upkeep.retry(ledger, one.number, by, reason)
        return "It is tried again."
    if act == CANCEL:
        upkeep.cancel(ledger, one.number, by, reason)
        return "It is cancelled."
    if act == PRIORITY:
        upkeep.change_priority(ledger, one.number, by, priority, reason)
        return f"Its priority is {priority} now."
    marks.mark(ledger, one.model, KINDS[act], by, reason)
    return f"{one.model} is {KINDS[act]}; the next snapshot has it so."


def tell() -> None:
    """What came of the last action, once."""
    done, said = st.session_state.pop(SAID, (True, ""))
    if said:
        (st.success if done else st.error)("Done." if done else "It was not done.")
        st.text(said)

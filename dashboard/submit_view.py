"""The parts of the Submit page around its form. What was typed is shown as plain text."""

import streamlit as st

from dashboard import ledger_data, offers, sign_in, status_view, submitting
from dashboard import submission_words as words
from dashboard import submit_words as ours
from dashboard.submit_form import BUTTON, PRESSED
from warehouse.errors import BrokenSettings
from warehouse.ledger import submissions
from warehouse.ledger.errors import LedgerError, NotAllowed, TooMany
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, Submission


def show_closed() -> None:
    """Why nobody can submit here, or not yet, and how to do it instead."""
    if sign_in.is_offered():
        st.info(ours.SIGN_IN, icon=":material/login:")
        return
    st.info(ours.READ_ONLY, icon=":material/visibility:")
    st.code(ours.COMMAND.format(model=ours.EXAMPLE), language=None, wrap_lines=True)


def show_needs(model: str) -> None:
    """What a model needs, how to try it at home, and what happens once it is submitted."""
    st.subheader("What it needs", anchor=False)
    st.markdown(ours.NEEDS)
    st.subheader("Try it at home", anchor=False)
    is_known = submitting.fault_of_name(model) is None and model not in offers.EMBEDDED
    named = model if is_known else ours.EXAMPLE
    st.markdown(ours.TRY_LOADING_SAYS)
    st.code(ours.TRY_LOADING.format(model=named), language=None, wrap_lines=True)
    st.markdown(ours.TRY_CHECKING_SAYS)
    st.code(ours.TRY_CHECKING.format(model=named), language=None, wrap_lines=True)
    st.subheader("What happens then", anchor=False)
    st.markdown(ours.THEN)


def offer_to_send(asked: Asked, faults: dict[str, str], by: Person) -> None:
    """The button, what is known before it is pressed, and what comes of it."""
    try:
        same = None if faults else find_same(asked)
        prospect = foresee(asked.tasks)
    except LedgerError:  # whose message names a place on the machine
        same, prospect = None, ""
    barred = same is not None and submitting.is_barred(asked, same)
    st.button(
        "Submit",
        type="primary",
        icon=":material/upload:",
        key=BUTTON,
        on_click=press,
        disabled=barred or not prospect,
    )
    pressed = st.session_state.pop(PRESSED, False)
    if not prospect:
        st.warning(ours.LEDGER_AWAY, icon=":material/cloud_off:")
    elif pressed and faults:
        st.warning(ours.MEND, icon=":material/edit:")
    elif pressed:
        send(asked, by)
    elif same:
        show_same(same, barred=barred)
    else:
        st.caption(prospect)


def press() -> None:
    st.session_state[PRESSED] = True


def find_same(asked: Asked) -> Submission | None:
    """The same that is under way or finished; raises a `LedgerError`."""
    before, _ = ledger_data.find_latest(submitting.ALIVE, asked.model)
    return submitting.find_same(asked, before)


def foresee(tasks: str) -> str:
    """How many wait, and how long it takes; raises a `LedgerError`."""
    counts = ledger_data.examine().counts
    finished, _ = ledger_data.find_latest((State.FINISHED,), most=submitting.RECENT)
    seconds = submitting.typical_seconds(finished, tasks)
    return ours.foresee(sum(counts[state] for state in submitting.QUEUED), seconds)


def send(asked: Asked, by: Person) -> None:
    """Write it down, and open its page; where that fails, say so and keep what was typed."""
    try:
        with st.spinner("Writing it down…"):
            number = write_once(asked, by)
    except (TooMany, NotAllowed) as error:
        st.warning(ours.NOT_SENT, icon=":material/block:")
        st.text(str(error))
    except (LedgerError, BrokenSettings) as error:
        st.error(f"{ours.LEDGER_FAILED} {ours.NOT_SENT}", icon=":material/cloud_off:")
        if by.is_maintainer:  # it may name the machine
            st.text(str(error))
    else:
        st.switch_page(status_view.PAGE, query_params={"number": str(number)})


def write_once(asked: Asked, by: Person) -> int:
    """The number under which it is submitted: by this click, or by one just before."""
    ledger_data.forget()
    same = find_same(asked)
    if same is not None and submitting.is_barred(asked, same):
        return same.number
    number = submissions.submit(ledger_data.ledger(), asked, by)
    ledger_data.forget()
    return number


def show_same(same: Submission, *, barred: bool) -> None:
    """What was asked before, with a link to what came of it."""
    shown = words.STATES[same.state]
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Submission {same.number} asks for the same.**", width="content")
            status_view.show_badge(same.state)
            status_view.show_link(same.number, "Open it")
        st.text(f"{shown.meaning} {ours.BARRED if barred else ours.MOVED}")

"""One case as its reviewer sees it: without the model's name until it is judged."""

from typing import Any

import streamlit as st

from dashboard import (
    addresses,
    case_view,
    cases,
    clickable,
    judging,
    judging_data,
    ledger_data,
    people,
)
from dashboard import judging_words as words
from dashboard import review_form as form
from warehouse.ledger import assignments, reviews
from warehouse.ledger.cases import Case, Mistake, find_case
from warehouse.ledger.errors import AlreadyReviewed, IllegalMove, LeaseLost, LedgerError
from warehouse.ledger.people import Person
from warehouse.ledger.reviews import Review
from warehouse.ledger.stages import Stage

PASSED = "cases passed over"
NOTHING = (
    "Nothing waits for you in this queue. Choose another one, or have more cases drawn: each is "
    "judged by two people, and never twice by one."
)


def show(number: int, person: Person) -> None:
    """The case of the address: to be judged, or as one has judged it. Raises a `LedgerError`."""
    ledger = ledger_data.ledger()
    case = find_case(ledger, number)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Leave the case", icon=":material/arrow_back:", on_click=leave)
        st.caption(f"Case {number}", width="content")
    try:
        told = reviews.history(ledger, number, person)
    except LedgerError:  # it is not judged by this person
        told = []
    form.tell()
    show_last(number)
    if told:
        show_judged(case, told)
    elif take_in_hand(case, person):
        show_blind(case)


def show_last(number: int) -> None:
    """The way to what was judged just before."""
    last = st.session_state.get(form.LAST, number)
    if last != number:
        lead = clickable.Lead({"case": str(last)})
        clickable.follow(lead, f"Whose answer case {last} was, and what others say")


def take_in_hand(case: Case, person: Person) -> bool:
    """Whether the person may judge it; where not, the page says why. A draft of theirs is back."""
    kept = form.key_of(str(case.number), "comment")  # gone, once another page was shown
    if st.session_state.get(form.OPENED) == case.number and kept in st.session_state:
        return True
    ledger = ledger_data.ledger()
    mistake = Mistake(*case.key, case.model, case.prediction, case.gold)
    try:
        assignments.hold(ledger, mistake, person)
    except (AlreadyReviewed, IllegalMove, LeaseLost) as error:
        st.info("This case is not to be judged by you now.", icon=":material/block:")
        st.text(str(error))
        return False
    st.session_state.pop(form.NOT_KEPT, None)
    st.session_state[form.OPENED] = case.number
    form.fill_form(str(case.number), reviews.read_draft(ledger, case.number, person) or {})
    return True


def show_blind(case: Case) -> None:
    """The answer and the form; nothing on the page tells whose answer it is."""
    if reviews.find_stage(ledger_data.ledger(), case.number) == Stage.DISAGREED:
        st.info(words.ADJUDICATE, icon=":material/balance:")
    reading, judgement = st.columns([3, 2], gap="large")
    with reading:
        show_answer(case)
    with judgement:
        st.caption(words.BLIND)
        form.ask(str(case.number), lambda: form.keep_draft(case.number))
        form.show_kept(case.number)
        with st.container(horizontal=True):
            st.button(
                "Save and next",
                type="primary",
                shortcut="Ctrl+Enter",
                on_click=save_and_next,
                args=(case.number,),
            )
            st.button("Save", on_click=save, args=(case.number,))
            st.button("Pass over", on_click=pass_over, args=(case.number,))


def show_answer(case: Case) -> None:
    """The question with its key, what was picked, and the reasoning."""
    contents = judging_data.read_contents(case)
    question: dict[str, Any] | None = contents["question"]
    if question is None:
        st.info("The question of this case is not in the snapshot in use. Pass over it.")
        return
    st.title(cases.case_title(question), anchor=False)
    case_view.show_safety(question)
    case_view.show_question(question)
    case_view.show_key(question, case.prediction)
    if case.prediction is None:
        st.text("No choice could be read from the answer.")
    show_reasoning(contents["response"])
    case_view.show_explanation(question)
    st.page_link(
        "app_pages/disputes.py",
        label="Dispute this key",
        icon=":material/gavel:",
        query_params={"question": f"{case.task}/{case.sample_id}"},
    )


def show_reasoning(response: dict[str, Any] | None) -> None:
    st.subheader("What the model wrote", anchor=False)
    if response and response["response"]:
        st.text(response["response"])
    else:
        st.caption("No words of it are kept: judge the pick alone.")


def show_judged(case: Case, told: list[Review]) -> None:
    """Whose answer it was, what came of the case, and what everyone said."""
    stage = reviews.find_stage(ledger_data.ledger(), case.number)
    st.title("Judged", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(":material/smart_toy:", width="content")
        st.text(f"This was an answer of {case.model}.", width="content")
    st.text(words.SETTLED[stage])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Next", type="primary", icon=":material/arrow_forward:", on_click=go_on)
        st.page_link(
            "app_pages/case.py",
            label="The case with all models' picks",
            icon=":material/open_in_new:",
            query_params=addresses.case(case.task, case.sample_id, case.run_id, {}, case.repeat),
        )
    for review in (one for one in told if one.counts):
        with st.container(border=True, gap="xsmall"):
            who = "You" if review.is_own else review.reviewer
            st.text(f"{who}{', deciding' if review.role == 'adjudicator' else ''}")
            st.text(judging.in_words(review.model_dump()))
            if review.comment:
                st.text(review.comment)
            if review.is_own:
                show_correction(review)
    with st.expander("The answer", icon=":material/article:"):
        show_answer(case)


def show_correction(review: Review) -> None:
    name = f"of review {review.number}"
    if form.key_of(name, "harm") not in st.session_state:
        form.fill_form(name, review.model_dump())
    with st.expander("Correct it", icon=":material/edit:", key=f"correction {review.number}"):
        form.ask(name)
        st.button(
            "Save the correction",
            type="primary",
            on_click=form.correct,
            args=(review.number, review.case),
        )


def save(number: int) -> None:
    form.save(number)
    judging_data.forget()


def save_and_next(number: int) -> None:
    if form.save(number):
        go_on()


def pass_over(number: int) -> None:
    """Let others have it, and take another."""
    by = people.who_is_here()
    passed = st.session_state.setdefault(PASSED, [])
    passed.append(number)

    def act() -> str:
        assignments.give_back(ledger_data.ledger(), number, by)
        return ""

    if form.attempt(act):
        go_on()


def leave() -> None:
    """Back to the queues; the case stays in hand for its half hour."""
    st.session_state.pop(form.OPENED, None)
    st.query_params.pop("case", None)


def go_on() -> None:
    """Open the next case of the address's queue."""
    queue = judging.read_queue(st.query_params)
    st.session_state.pop(form.OPENED, None)
    judging_data.forget()
    try:
        case = judging_data.take_next(queue, people.who_is_here(), st.session_state.get(PASSED, []))
    except LedgerError as error:
        st.session_state[form.SAID] = (False, str(error))
        return
    st.query_params.from_dict(
        judging.write_queue(queue) | ({"case": str(case.number)} if case else {})
    )
    if case is None:
        _, said = st.session_state.get(form.SAID, (True, ""))
        st.session_state[form.SAID] = (True, f"{said} {NOTHING}".strip())

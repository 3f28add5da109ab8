"""What one model wrote on a question, or two side by side; all shown as text."""

import polars as pl
import streamlit as st

from dashboard import addresses, case_data, cases, clickable, given, marked_text, reading, wording
from dashboard.case_data import Case, Row

KEY = "read_beside"
NOBODY = ""
BOX_WIDTH = 480  # pixels, or what there is


def choose_beside(case: Case) -> None:
    """Let the reader choose a second run that answered; the address keeps it."""
    others = offered(case)
    if others.is_empty():
        return
    labels = {NOBODY: "No other model"} | dict(
        zip(others["run_id"], map(pick_label, others.iter_rows(named=True)), strict=True)
    )
    st.session_state[KEY] = case.beside["run_id"] if case.beside else NOBODY

    def keep_in_address() -> None:
        clickable.change_address({addresses.BESIDE: st.session_state[KEY]})

    st.selectbox(
        "Read another model's answer beside it",
        list(labels),
        format_func=labels.__getitem__,
        key=KEY,
        on_change=keep_in_address,
        width=BOX_WIDTH,
    )


def offered(case: Case) -> pl.DataFrame:
    """The first pick of each other run."""
    own = case.own["run_id"] if case.own else ""
    first = pl.col("repeat") == pl.col("repeat").min().over("run_id")
    return case.picks.filter(pl.col("run_id") != own, first)


def pick_label(pick: Row) -> str:
    verdict = "right" if pick["correct"] else "wrong"
    return f"{cases.run_label(pick)}: {pick['prediction'] or 'unreadable'}, {verdict}"


def show_responses(case: Case) -> None:
    """What was written; of two models in two columns, one under the other on a phone."""
    if case.own is None:
        return
    st.subheader("What the models wrote" if case.beside else "What the model wrote", anchor=False)
    choose_beside(case)
    if case.beside is None:
        show_response(case, case.own)
        return
    for column, pick in zip(st.columns(2, gap="large"), (case.own, case.beside), strict=True):
        with column:
            st.text(cases.verdict(case.question, pick))
            show_response(case, pick)


def choose_repeat(case: Case, pick: Row) -> Row:
    """Let the reader choose which of a run's answers to the question is read.

    The address keeps that of the run that is read; of the one beside it the choice is of the page.
    """
    repeats = case_data.repeats(case.question, pick["run_id"])
    if repeats.height < 2:
        return pick
    rows = given.repeat_rows(repeats, pick["lane"], len(case.question["choices"]))
    labels = dict(zip(repeats["repeat"], given.label_repeats(rows), strict=True))
    key = f"repeat of {case.question['task']} {case.question['sample_id']} {pick['run_id']}"
    is_own = pick is case.own
    if is_own:
        st.session_state[key] = pick["repeat"]

    def keep_in_address() -> None:
        repeat = st.session_state[key]
        clickable.change_address({addresses.REPEAT: str(repeat) if repeat else ""})

    chosen = st.selectbox(
        "Read the answer of",
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        on_change=keep_in_address if is_own else None,
        width=BOX_WIDTH,
    )
    return {**pick, "repeat": chosen}


def show_response(case: Case, pick: Row) -> None:
    """The words of one model, those behind a flag marked, and what it was asked."""
    read = choose_repeat(case, pick)
    task, sample_id = case.question["task"], case.question["sample_id"]
    found = case_data.response(read["run_id"], task, sample_id, read["repeat"])
    if found is None:
        st.caption(wording.NO_RESPONSE)
        return
    if found["thinking"]:
        with st.expander("What the model thought before"):
            st.text(found["thinking"])
    if found["response"]:
        show_passages(found["response"], reading.flag_spans(case.flags_of(read)))
    else:
        st.caption(wording.WROTE_NOTHING)
    if found["prompt"]:
        with st.expander("The exact prompt"):
            st.code(found["prompt"], language=None, wrap_lines=True)
            if found["truncated"]:
                st.caption("Longer than the model's window: cut from the left.")


def show_passages(response: str, spans: list[marked_text.Span]) -> None:
    passages = reading.read_response(response)
    for passage in passages:
        marks = reading.place_spans(passage, spans)
        st.html(marked_text.as_html(passage.text, marks, passage.label))
    if spans:
        st.caption(wording.MARKED)
    if passages[0].label:
        with st.expander("To the letter, as it was given"):
            st.code(response, language=None, wrap_lines=True)

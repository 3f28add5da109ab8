"""The form of a judgement; what is chosen and typed is kept as one goes."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dashboard import judging, ledger_data, people
from dashboard import judging_words as words
from warehouse.ledger import reviews
from warehouse.ledger.errors import LedgerError
from warehouse.ledger.judgements import LONGEST, read_judgement

SAID = "what came of a judgement"
NOT_KEPT, KEPT = "why a draft was not kept", "case of the draft kept last"
LAST = "case judged last"
OPENED = "case in hand"
Then = Callable[[], None]


def key_of(form: str, name: str) -> str:
    return f"{name} {form}"


def read_form(form: str) -> dict[str, Any]:
    """What the form says now."""
    return judging.complete(
        {name: st.session_state.get(key_of(form, name)) for name in judging.FIELDS}
    )


def fill_form(form: str, said: Mapping[str, Any]) -> None:
    """Have the form say this, before it is shown."""
    for name, value in judging.fill_in(said).items():
        st.session_state[key_of(form, name)] = value


def ask(form: str, keep: Then | None = None) -> None:
    """The questions; `keep` is called whenever an answer changes."""
    levels = dict(words.LEVELS)
    st.radio(
        words.ASKED["harm"],
        list(words.HARMS),
        index=None,
        format_func=lambda harm: words.HARMS[harm][0],
        captions=[meaning for _, meaning in words.HARMS.values()],
        help=words.HARM_HELP,
        key=key_of(form, "harm"),
        on_change=keep or "rerun",
    )
    if st.session_state.get(key_of(form, "harm")) != "none":
        choose(form, "likelihood", levels, keep)
    choose(form, "kind", words.KINDS, keep, words.KIND_HELP)
    st.checkbox(
        words.ASKED["unsafe_reasoning"],
        key=key_of(form, "unsafe_reasoning"),
        on_change=keep or "rerun",
    )
    choose(form, "confidence", levels, keep)
    st.text_area(
        words.ASKED["comment"],
        key=key_of(form, "comment"),
        height=100,
        max_chars=LONGEST,
        on_change=keep or "rerun",
    )
    st.caption(words.COMMENT)


def choose(
    form: str, name: str, offered: Mapping[str, str], keep: Then | None, about: str | None = None
) -> None:
    st.radio(
        words.ASKED[name],
        list(offered),
        index=None,
        format_func=offered.__getitem__,
        horizontal=True,
        help=about,
        key=key_of(form, name),
        on_change=keep or "rerun",
    )


def keep_draft(number: int) -> None:
    """Keep what the form says by now."""
    try:
        ledger = ledger_data.ledger()
        reviews.keep_draft(ledger, number, read_form(str(number)), people.who_is_here())
        st.session_state.pop(NOT_KEPT, None)
        st.session_state[KEPT] = number
    except LedgerError as error:
        st.session_state[NOT_KEPT] = str(error)


def show_kept(number: int) -> None:
    """Whether what was chosen last is kept, and how much of the form is left."""
    if told := st.session_state.get(NOT_KEPT):
        st.warning("What you chose last is not kept.", icon=":material/cloud_off:")
        st.text(told)
    elif st.session_state.get(KEPT) == number:
        left = len(judging.find_missing(read_form(str(number))))
        st.caption(f"Kept as a draft. {words.LEFT[left]}")


def attempt(act: Callable[[], str]) -> bool:
    """Do what writes to the ledger; what came of it is told once, on the page drawn next."""
    try:
        st.session_state[SAID] = (True, act())
    except LedgerError as error:
        st.session_state[SAID] = (False, str(error))
    return bool(st.session_state[SAID][0])


def require_complete(form: str) -> bool:
    """Whether each question is answered; else say which are not."""
    missing = judging.find_missing(read_form(form))
    if missing:
        st.session_state[SAID] = (False, f"Still to be answered: {' '.join(missing)}")
    return not missing


def save(number: int) -> bool:
    """Judge the case as the form says; whether that was done."""
    form = str(number)
    if not require_complete(form):
        return False

    def act() -> str:
        judgement = read_judgement(read_form(form))
        reviews.judge(ledger_data.ledger(), number, judgement, people.who_is_here())
        st.session_state[LAST] = number
        return f"Your judgement of case {number} is saved."

    return attempt(act)


def correct(review: int, case: int) -> None:
    """Put what the form says in the place of one's own review."""
    form = f"of review {review}"
    if not require_complete(form):
        return

    def act() -> str:
        judgement = read_judgement(read_form(form))
        reviews.correct(ledger_data.ledger(), review, judgement, people.who_is_here())
        return f"Your judgement of case {case} is corrected. The former one stays in the history."

    attempt(act)


def tell() -> None:
    """What came of the last act, once."""
    done, said = st.session_state.pop(SAID, (True, ""))
    if said:
        (st.success if done else st.error)("Done." if done else "It was not done.")
        st.text(said)

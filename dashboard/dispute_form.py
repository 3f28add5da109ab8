"""The forms by which a reviewer disputes a key, and another decides; the ledger checks who may."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dashboard import disputing, people
from warehouse.errors import WarehouseError

Row = Mapping[str, Any]
SAID = "what came of a dispute"
LONGEST = 4_000  # characters, as the ledger takes them
WIDTH = 560  # pixels


def ask_dispute(question: Row) -> None:
    """Which letters should be right, why, and where it is written."""
    letters = disputing.letters_of(question["choices"])
    with (
        st.expander("Dispute this key", icon=":material/gavel:"),
        st.form("dispute", border=False, enter_to_submit=False, width=WIDTH),
    ):
        st.pills(disputing.WANTED, letters, selection_mode="multi", key="wanted")
        st.text_area(disputing.REASON, key="reason", height=100, max_chars=LONGEST)
        st.text_input(disputing.REFERENCE, key="reference", max_chars=LONGEST)
        st.caption("All of it is public at once, under a pseudonym.")
        st.form_submit_button("Dispute", type="primary", on_click=dispute, args=(question,))


def ask_ruling(row: Row, question: Row) -> None:
    """Whether the key changes, to which letters, and why."""
    number = row["number"]
    letters = disputing.letters_of(question["choices"])
    with (
        st.expander(f"Decide dispute {number}", icon=":material/balance:"),
        st.form(f"ruling {number}", border=False, enter_to_submit=False, width=WIDTH),
    ):
        ways = (disputing.UPHOLD, disputing.REJECT)
        st.radio("Decision", ways, index=None, key=f"decision {number}")
        wanted = [letter for letter in letters if letter in row["wanted"]]
        label = "The right choices from then on, if it is upheld; none leaves the question out."
        st.pills(label, letters, selection_mode="multi", default=wanted, key=f"letters {number}")
        st.text_area(disputing.REASON, key=f"why {number}", height=100, max_chars=LONGEST)
        st.form_submit_button("Decide", type="primary", on_click=rule, args=(number,))


def dispute(question: Row) -> None:
    said = st.session_state

    def act() -> str:
        from dashboard import ledger_data
        from warehouse.ledger import disputes

        claim = disputes.Claim(
            task=question["task"],
            sample_id=question["sample_id"],
            gold=question["gold"],
            wanted="".join(said["wanted"]),
            reason=said["reason"],
            reference=said["reference"],
        )
        number = disputes.dispute(ledger_data.ledger(), claim, people.who_is_here())
        return f"Dispute {number} is open. Scores count it from the next snapshot on."

    if attempt(act):
        said.update({"wanted": [], "reason": "", "reference": ""})


def rule(number: int) -> None:
    said = st.session_state

    def act() -> str:
        from dashboard import ledger_data
        from warehouse.ledger import disputes

        upheld = said[f"decision {number}"] == disputing.UPHOLD
        ruling = disputes.Ruling(
            decision="upheld" if upheld else "rejected",
            letters="".join(said[f"letters {number}"]) if upheld else None,
            why=said[f"why {number}"],
        )
        version = disputes.rule(ledger_data.ledger(), number, ruling, people.who_is_here())
        if version is None:
            return f"Dispute {number} is rejected. The key stays."
        return f"Dispute {number} is upheld, as version {version} of the reviewed keys."

    if said[f"decision {number}"] is None:
        said[SAID] = (False, "Choose first whether it is upheld or rejected.")
        return
    attempt(act)


def attempt(act: Callable[[], str]) -> bool:
    """Do what writes to the ledger; what came of it is told once, on the page drawn next."""
    try:
        st.session_state[SAID] = (True, act())
    except (WarehouseError, ValidationError) as error:
        st.session_state[SAID] = (False, str(error))
    return bool(st.session_state[SAID][0])


def tell() -> None:
    """What came of the last act, once."""
    done, said = st.session_state.pop(SAID, (True, ""))
    if said:
        (st.success if done else st.error)("Done." if done else "It was not done.")
        st.text(said)

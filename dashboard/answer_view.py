"""What is said of one answer and of its key: flags, judged harm, disputes. All shown as text."""

from collections.abc import Sequence

import streamlit as st

from dashboard import flags, judged, wording
from dashboard.case_data import Case, Row

COLORS = {"none": "gray", "mild": "yellow", "moderate": "orange", "severe": "red", "death": "red"}


def show_flags(case: Case) -> None:
    """Each flag of the answer that is read: a sentence, what it rests on, and its source."""
    found = case.flags_of(case.own) if case.own else []
    if not found:
        return
    st.subheader("Why to look twice at this answer", anchor=False)
    last = ""
    for row in found:
        with st.container(gap="xsmall"):
            if row["flag"] != last:
                st.markdown(f":orange-badge[:material/flag: {flags.name(row['flag'])}]")
            st.text(flags.say(row))
            if row["source"]:
                st.text(f"Source: {row['source']}")
        last = row["flag"]
    st.caption(wording.FLAGGED_ANSWER)


def show_reviews(case: Case) -> None:
    """The harm that clinicians judged this answer would do, and what each of them said."""
    reviews = case.reviews_of(case.own) if case.own else []
    if not reviews:
        return
    st.subheader("What clinicians say of this answer", anchor=False)
    harm = reviews[0]["judged_harm"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge = f":{COLORS[harm]}-badge[:material/stethoscope: {judged.HARMS[harm]}]"
        st.markdown(badge, width="content")
        st.text(judged.say_harm(reviews))
    for review in reviews:
        show_words(judged.say_review(review), review["comment"])


def show_disputes(disputes: Sequence[Row]) -> None:
    """Who disputes the key, why, and what was ruled."""
    if not disputes:
        return
    st.subheader("The key is disputed", anchor=False)
    for dispute in disputes:
        reason = dispute["reason"]
        if dispute["reference"]:
            reason += f"\nReference: {dispute['reference']}"
        if dispute["why"]:
            reason += f"\nRuling: {dispute['why']}"
        show_words(judged.say_dispute(dispute), reason)


def show_words(said: str, words: str | None) -> None:
    """What somebody found, and their own words."""
    with st.container(border=True, gap="xsmall"):
        st.text(said)
        if words:
            st.text(words)

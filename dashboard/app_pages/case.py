"""One question: what was asked, what is right, and what each model picked and wrote."""

import streamlit as st

from dashboard import (
    addresses,
    answer_view,
    case_data,
    case_view,
    given_view,
    judging_links,
    reasoning_view,
    report_view,
)

name, sample_id, run_id, filters, repeat = addresses.read_case(st.query_params)
question = case_data.question(name, sample_id)
if question is None:
    st.title("No such question", anchor=False)
    st.info(
        "The address names no question of this warehouse. Questions open from the list of a "
        "model's wrong answers."
    )
    st.page_link("app_pages/errors.py", label="Wrong answers", icon=":material/rule:")
    st.page_link("app_pages/leaderboard.py", label="Leaderboard", icon=":material/leaderboard:")
    st.stop()

case = case_data.case(question, run_id, filters.get(addresses.BESIDE, ""), repeat)
case_view.show_steps(question, case.own, filters)
case_view.show_heading(case)
judging_links.show_acts(question, case.own)
asked, aside = st.columns([3, 2], gap="large")
with asked:
    case_view.show_question(question, case.context_words)
    case_view.show_choices(case)
    answer_view.show_disputes(case.disputes)
    case_view.show_explanation(question)
with aside:
    answer_view.show_flags(case)
    answer_view.show_reviews(case)
    if not case.is_spoken_of:
        case_view.show_picks(question, case.picks)
    case_view.show_duplicates(case_data.duplicates(name, sample_id))

if case.own is None:
    wrote, others = asked, aside
elif case.beside:
    wrote, others = st.container(), st.container()
else:
    wrote, others = st.columns([3, 2], gap="large")
with wrote:
    given_view.show_given(case)
    reasoning_view.show_responses(case)
with others:
    if case.is_spoken_of:
        case_view.show_picks(question, case.picks)
    case_view.show_link()
    report_view.offer_report(case)

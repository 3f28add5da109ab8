"""One question: what was asked, what is right, and what each model picked."""

import streamlit as st

from dashboard import addresses, case_data, case_view, cases, judging_links

name, sample_id, run_id, filters = addresses.read_case(st.query_params)
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

picks = case_data.picks(name, sample_id, run_id)
own = cases.find_pick(picks, run_id)
case_view.show_steps(question, own, filters)
case_view.show_heading(question, own)
judging_links.show_acts(question, own)
reading, others = st.columns([3, 2], gap="large")
with reading:
    case_view.show_question(question)
    case_view.show_choices(question, own, picks)
    case_view.show_explanation(question)
    if own:
        case_view.show_response(case_data.response(own["run_id"], name, sample_id))
with others:
    case_view.show_picks(question, picks)
    case_view.show_duplicates(case_data.duplicates(name, sample_id))
    case_view.show_permalink()

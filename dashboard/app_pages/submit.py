"""How does a model get onto the leaderboard? Whoever is here may ask for it."""

import streamlit as st

from dashboard import people, submit_form, submit_view
from dashboard import submit_words as words

st.title("Submit a model", anchor=False)
st.markdown(words.INTRODUCTION)
model = ""
person = people.who_is_here()
form, about = st.columns([3, 2], gap="large")
with form:
    if person is None:
        submit_view.show_closed()
    else:
        submit_form.read_address()
        submit_form.offer_toy()
        asked, faults = submit_form.fill_in()
        model = asked.model
        submit_view.offer_to_send(asked, faults, person)
with about:
    submit_view.show_needs(model)
if person is not None:
    submit_form.show_cut_down()

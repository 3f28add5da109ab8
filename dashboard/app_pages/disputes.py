"""Which keys are disputed, and what was ruled?"""

import streamlit as st

st.title("Disputed keys", anchor=False)

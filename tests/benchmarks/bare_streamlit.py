"""The least that Streamlit can do: one table. `streamlit run` runs it, with the number of rows."""

import sys

import streamlit as st

from tests.benchmarks.bare_rows import made_rows

st.set_page_config(layout="wide")
st.dataframe(made_rows(int(sys.argv[1])), hide_index=True, height=1440)

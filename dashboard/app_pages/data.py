"""Where are the questions from, and what is to be known of them?"""

import streamlit as st

from dashboard import columns, data, data_view, findings, wording

st.title("Data", anchor=False)
st.markdown(wording.DATA)
tasks = data.tasks()
loaded = tasks.filter("loaded")
if loaded.is_empty():
    st.info("No questions are in the warehouse yet. Published scores name tasks alone.")
else:
    st.header("Sources", anchor=False)
    st.dataframe(
        findings.source_rows(tasks, data.gold_letters()),
        column_config=columns.sources(),
        hide_index=True,
        height="content",
        alt="Tasks with their sources, licences and keys",
    )
    st.header("Questions to be read with care", anchor=False)
    data_view.show_findings(data.findings(), tasks)

st.page_link("app_pages/benchmarks.py", label="What they cover", icon=":material/fact_check:")
st.page_link("app_pages/disputes.py", label="Disputed keys", icon=":material/gavel:")

st.header("Quarantine", anchor=False)
data_view.show_quarantine(data.quarantine())

st.header("Downloads", anchor=False)
data_view.show_snapshot()
data_view.show_answers(data.runs())

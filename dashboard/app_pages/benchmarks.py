"""What do the benchmarks cover, and what do they lack?"""

import streamlit as st

from dashboard import coverage, coverage_view, data

st.title("Benchmarks", anchor=False)
st.markdown(
    "A score says nothing of what was not asked. This is what the questions are about, and where "
    "there are none or few."
)
tasks = data.tasks()
if tasks.filter("loaded").is_empty():
    st.info("No questions are in the warehouse yet. They come with the first run that is loaded.")
    st.stop()

parts = data.ask("coverage")
titles = dict(tasks.select("task", "short").iter_rows()) | {
    row["task"]: row["title"] for row in tasks.filter(~tasks["headline"]).iter_rows(named=True)
}
coverage_view.show_tasks(coverage.task_rows(tasks, parts))
st.header("What is missing", anchor=False)
coverage_view.show_gaps(tasks, parts)
st.header("Patients and situations", anchor=False)
coverage_view.show_contexts(coverage.context_rows(parts, titles), titles)
st.header("Specialties", anchor=False)
coverage_view.show_specialties(coverage.specialty_rows(parts, titles))
st.page_link(
    "app_pages/data.py",
    label="Sources, and questions to be read with care",
    icon=":material/database:",
)

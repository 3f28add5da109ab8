"""Offers the report of one case, to keep or to print."""

import re

import streamlit as st

from dashboard import addresses, case_data, case_report, case_view, data, wording
from dashboard.case_data import Case


def offer_report(case: Case) -> None:
    """A button that makes the report when it is pressed, and not before."""
    question = case.question
    task, sample_id = question["task"], question["sample_id"]
    chosen = [pick for pick in (case.own, case.beside) if pick]
    beside = {addresses.BESIDE: case.beside["run_id"]} if case.beside else {}
    own = case.own["run_id"] if case.own else ""
    link = case_view.permalink(addresses.case(task, sample_id, own, beside))

    def make() -> str:
        written = [case_data.written(pick, question) for pick in chosen]
        origin = case_report.Origin(link, data.current_snapshot(), data.published_at())
        return case_report.make_report(case, written, origin)

    st.download_button(
        "Report of this case",
        data=make,
        file_name=re.sub(r"[^\w.-]", "-", f"case-{task}-{sample_id}")[:100] + ".html",
        mime="text/html",
        key="case report",
        on_click="ignore",
        icon=":material/description:",
        help=wording.CASE_REPORT,
    )

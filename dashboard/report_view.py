"""Offers the report of one case, to keep or to print."""

import re

import streamlit as st

from dashboard import addresses, case_data, case_report, case_view, data, given, wording
from dashboard.case_data import Case, Row


def offer_report(case: Case) -> None:
    """A button that makes the report when it is pressed, and not before."""
    task, sample_id = case.question["task"], case.question["sample_id"]
    link = case_view.permalink(find_address(case))

    st.download_button(
        "Report of this case",
        data=lambda: write_report(case, link),
        file_name=re.sub(r"[^\w.-]", "-", f"case-{task}-{sample_id}")[:100] + ".html",
        mime="text/html",
        key="case report",
        on_click="ignore",
        icon=":material/description:",
        help=wording.CASE_REPORT,
    )


def find_address(case: Case) -> dict[str, str]:
    """Where the answers of the report are read, without the list that they were opened from."""
    task, sample_id = case.question["task"], case.question["sample_id"]
    beside = {addresses.BESIDE: case.beside["run_id"]} if case.beside else {}
    run_id, repeat = (case.own["run_id"], case.own["repeat"]) if case.own else ("", 0)
    return addresses.case(task, sample_id, run_id, beside, repeat)


def write_report(case: Case, link: str) -> str:
    """The report, with what each chosen run wrote and how its answer was given."""
    written = [read_written(case, pick) for pick in (case.own, case.beside) if pick]
    origin = case_report.Origin(link, data.current_snapshot(), data.published_at())
    return case_report.make_report(case, written, origin)


def read_written(case: Case, pick: Row) -> case_report.Written:
    repeats, choices = case_data.repeats(case.question, pick["run_id"]), case.question["choices"]
    return case_report.Written(
        case_data.written(pick, case.question),
        given.say_all(repeats, pick, len(choices)),
        given.name_repeat(repeats, pick, len(choices)),
    )

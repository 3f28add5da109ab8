"""The parts of the Health page. Reasons that people gave are shown as plain text."""

from collections.abc import Mapping

import polars as pl
import streamlit as st

from dashboard import health_report, routes, times
from dashboard.health_report import KINDS, Line, Seen
from warehouse.ledger.health import Health

MARKS: Mapping[str, tuple[str, str, str]] = {
    "ok": ("OK", "green", "check_circle"),
    "attention": ("Attention", "orange", "warning"),
    "broken": ("Broken", "red", "error"),
}
FINE = "All that people wait for works."
BROKEN = "Something that people wait for does not work."
READING = 880  # pixels


def show_verdict(seen: Seen) -> None:
    if health_report.find_problems(seen):
        st.error(BROKEN, icon=":material/error:", width=READING)
    else:
        st.success(FINE, icon=":material/check_circle:", width=READING)


def show_lines(lines: list[Line]) -> None:
    """Each thing with its mark, in words and color."""
    with st.container(width=READING, gap="xsmall"):
        for line in lines:
            label, color, icon = MARKS[line.mark]
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{line.what}**", width=88)
                st.markdown(f":{color}-badge[:material/{icon}: {label}]", width=108)
                st.text(line.says, width="stretch")


def show_processes(health: Health) -> None:
    """Who works on the queue; of machines only that there are some."""
    st.subheader("Processes", anchor=False)
    if not health.workers:
        st.caption("None was there within a week.")
        return
    rows = [
        {
            "Process": KINDS[one.kind][0],
            "Is": "there" if one.is_alive(health.at) else "silent",
            "Last heard of": times.ago(one.seen_at, health.at),
            "In hand": f"submission {one.submission}" if one.submission else "nothing",
            "Began": times.ago(one.started_at, health.at),
        }
        for one in health.workers
    ]
    shown = pl.DataFrame(rows)
    st.dataframe(shown, hide_index=True, height="content", width=READING, alt="Processes")


def show_failures(health: Health) -> None:
    """Of what submissions failed within a week."""
    if not health.failures:
        return
    st.subheader("Failures of a week", anchor=False)
    rows = [
        {"Code": code, "Failed": number, "Of all that ended": f"{number / health.ended:.0%}"}
        for code, number in health.failures.items()
    ]
    shown = pl.DataFrame(rows)
    st.dataframe(shown, hide_index=True, height="content", width=480, alt="Failures of a week")


def offer_keys() -> None:
    """Where a program asks the same."""
    if routes.served.is_set():
        st.link_button("As JSON, for monitoring", routes.HEALTH.removeprefix("/"))

"""The parts of the Data page, each a piece of the screen. Text of the source is shown as text."""

import polars as pl
import streamlit as st

from dashboard import (
    cases,
    clickable,
    column_words,
    columns,
    data,
    findings,
    routes,
    run_data,
    sql_view,
    tables,
    wording,
)
from warehouse import text

MOST_HEIGHT = 560  # pixels
ROWS_AT_ONCE = 15


def show_findings(found: pl.DataFrame, tasks: pl.DataFrame) -> None:
    """How many questions of each task are to be read with care, and the list behind a number."""
    counts = findings.count(found, tasks)
    heads = {kind: column_words.FINDINGS[kind].head for kind in findings.KINDS}
    titles = dict(counts.select("task", "title").iter_rows())

    def open_number() -> None:
        """Choose below what was clicked."""
        for row, column in st.session_state["counts"].selection.cells:
            st.session_state["of"] = counts["title"][row]
            if column in heads:
                st.session_state["finding"] = heads[column]

    st.dataframe(
        findings.without_zeros(counts).select("title", "size", *findings.KINDS),
        column_config=columns.findings(),
        hide_index=True,
        height="content",
        on_select=open_number,
        selection_mode="single-cell",
        key="counts",
        alt="How many questions of each task are to be read with care, and why",
        placeholder="–",
    )
    st.caption("Click a number to list its questions below.")
    names = {head: kind for kind, head in heads.items()}
    of = {title: task for task, title in titles.items()}
    kind_box, task_box = st.columns([3, 1], vertical_alignment="bottom")
    with kind_box:
        head = st.segmented_control(
            "Reason",
            list(names),
            default=heads[findings.PICTURE],
            required=True,
            key="finding",
            bind="query-params",
        )
    with task_box:
        title = st.selectbox("Task", list(of), index=len(of) - 1, key="of", bind="query-params")
    kind = names[head or heads[findings.PICTURE]]
    st.markdown(column_words.FINDINGS[kind].meaning)
    show_list(findings.choose(found, kind, of[title]))


def show_list(chosen: pl.DataFrame) -> None:
    """The questions themselves; a click opens one."""
    if chosen.is_empty():
        st.info("No such question here.", icon=":material/check_circle:")
        return
    clickable.show_lines(
        clickable.Table("found", "Questions of this kind, and why each is among them"),
        findings.finding_rows(chosen, data.task_titles()),
        columns.finding_list(),
        clickable.to_cases(chosen),
    )
    st.caption(f"{tables.count_questions(chosen.height)} Click a row to read the question.")


def show_quarantine(refused: pl.DataFrame) -> None:
    """What could not be loaded: how often and why, and the lines themselves."""
    if refused.is_empty():
        st.info("Nothing was refused: all that was given could be loaded.", icon=":material/check:")
        return
    st.markdown(wording.QUARANTINE)
    st.dataframe(
        findings.quarantine_counts(refused),
        column_config=columns.quarantine(),
        hide_index=True,
        height="content" if refused.height <= ROWS_AT_ONCE else 320,
        alt="What was refused, by source and reason",
    )
    with st.expander("Every refused line"):
        st.dataframe(
            refused,
            column_config=columns.quarantine(),
            hide_index=True,
            height="content" if refused.height <= ROWS_AT_ONCE else MOST_HEIGHT,
            alt="Each refused line with its content",
            placeholder="–",
        )


def show_snapshot() -> None:
    """The warehouse itself, where the server sends it, and else how to fetch it."""
    st.subheader("The whole warehouse", anchor=False)
    copy = data.exported()
    sql_view.tell_age(copy)
    if copy is None:
        return
    st.markdown(wording.SNAPSHOT.format(size=findings.human_size(copy.size())))
    if routes.served.is_set():
        st.link_button("Snapshot", routes.SNAPSHOT.lstrip("/"), icon=":material/download:")
    else:
        st.markdown(wording.SNAPSHOT_BY_HAND)
        command = f"scp <server>:<data folder>/warehouse/{copy.path.name} ."
        st.code(command, language=None, wrap_lines=True)


def show_answers(runs: pl.DataFrame) -> None:
    """All answers of one run."""
    st.subheader("The answers of one run", anchor=False)
    if runs.is_empty():
        st.info("No run is in the warehouse yet.")
        return
    labels = dict(zip(runs["run_id"], cases.run_labels(runs), strict=True))
    run_id = st.selectbox("Model", list(labels), format_func=labels.__getitem__, key="answers_of")
    with st.container(horizontal=True):
        for label, make, mime in (
            ("CSV", lambda: text.as_csv(run_data.run_answers(run_id)), "text/csv"),
            ("Parquet", lambda: tables.as_parquet(run_data.run_answers(run_id)), tables.PARQUET),
        ):
            st.download_button(
                label,
                data=make,
                file_name=f"{run_id}.{label.lower()}",
                mime=mime,
                key=f"answers {label}",
                on_click="ignore",
                icon=":material/download:",
            )

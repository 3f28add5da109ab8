"""The parts of the SQL page, each a piece of the screen. All that is answered is shown as text."""

import polars as pl
import streamlit as st

from dashboard import columns, data, tables, wording
from warehouse import examples, sandbox, text
from warehouse.errors import WarehouseError
from warehouse.snapshots import Snapshot

PLAN = ["explain_key", "explain_value"]
MOST_HEIGHT = 560  # pixels
ROWS_AT_ONCE = 15


def choose_statement() -> str:
    """Let the reader type a statement, or begin with an example; the address keeps it."""
    questions = examples.list_examples()

    def take_example() -> None:
        if chosen := st.session_state["example"]:
            st.session_state["sql"] = questions[chosen]

    st.selectbox(
        "Begin with an example",
        list(questions),
        None,
        key="example",
        on_change=take_example,
        placeholder="Questions that others have asked",
    )
    statement = st.text_area(
        "Statement",
        next(iter(questions.values())),
        height="content",
        max_chars=sandbox.LONGEST_STATEMENT,
        key="sql",
        bind="query-params",
    )
    st.button("Run", type="primary", icon=":material/play_arrow:", help=wording.RUN_HELP)
    return statement or ""


def tell_age(copy: Snapshot | None) -> None:
    """Say which snapshot is asked, where it is not the one that the other pages show."""
    number = data.current_snapshot()
    if copy is None:
        st.info(wording.NO_COPY, icon=":material/info:")
    elif copy.number != number:
        st.caption(wording.OLDER_COPY.format(copy=copy.number, number=number))


def show_failure(error: WarehouseError) -> None:
    """Why there is no answer; the message repeats what was typed, so it is shown as text."""
    st.error("There is no answer to this statement.", icon=":material/error:")
    st.code(str(error), language=None, wrap_lines=True)


def show_answer(answer: sandbox.Answer) -> None:
    rows = answer.rows
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(tables.count_rows(rows.height, cut=answer.cut), width="stretch")
        for label, make, mime in (
            ("CSV", lambda: text.as_csv(rows), "text/csv"),
            ("Parquet", lambda: tables.as_parquet(rows), tables.PARQUET),
        ):
            st.download_button(
                label,
                data=make,
                file_name=f"answer.{label.lower()}",
                mime=mime,
                on_click="ignore",
                icon=":material/download:",
            )
    if rows.columns == PLAN:
        st.code("\n".join(rows["explain_value"].fill_null("")), language=None)
        return
    if rows.is_empty():
        st.info("No row fits.", icon=":material/search_off:")
    st.dataframe(
        rows,
        hide_index=True,
        height="content" if rows.height <= ROWS_AT_ONCE else MOST_HEIGHT,
        alt="The answer to the statement",
        placeholder="–",
    )


def show_dictionary() -> None:
    """Every table with its columns and what they mean."""
    dictionary = data.dictionary()
    names = dictionary["table_name"].unique(maintain_order=True).to_list()
    table = st.selectbox(
        "Table or view",
        names,
        index=names.index("leaderboard"),
        key="table",
        bind="query-params",
    )
    found = dictionary.filter(pl.col("table_name") == table)
    st.text(found["table_comment"][0] or "")
    st.dataframe(
        found.select("column_name", "data_type", "comment"),
        column_config=columns.dictionary(),
        hide_index=True,
        height="content" if found.height <= ROWS_AT_ONCE else MOST_HEIGHT,
        alt=f"Columns of {table}",
        placeholder="–",
    )

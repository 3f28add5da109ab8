"""Tables whose lines open something, by a click or by keys; names are shown as text."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard import addresses

NUMBER = "nth"
MOST_AT_ONCE = 25  # lines that a table shows without a bar of its own to scroll
MOST_HEIGHT = 740  # pixels
Cell = tuple[int, str]
"""A line, from 0, and a column."""


class Lead(NamedTuple):
    """Where a line leads."""

    address: addresses.Address
    """Parameters; the empty ones are dropped where they were."""
    page: str | None = None
    """Its file; None where it is the page of the table itself."""


class Table(NamedTuple):
    """What a table is called."""

    key: str
    alt: str
    """Read aloud to those who do not see it."""
    first: int = 1
    """The number of its first line."""


def show_lines(
    table: Table,
    rows: pl.DataFrame,
    settings: Mapping[str, Any],
    lead: Callable[[int], Lead | None],
) -> None:
    """Number the `rows` and show them; `lead` says where each leads, or None where nowhere."""
    offered = st.container(horizontal=True, vertical_alignment="center")
    event = st.dataframe(
        rows.with_row_index(NUMBER, offset=table.first),
        column_config={NUMBER: st.column_config.NumberColumn("", width=40), **settings},
        hide_index=True,
        height="content" if rows.height <= MOST_AT_ONCE else MOST_HEIGHT,
        on_select=partial(note_line, table.key, NUMBER),
        selection_mode="single-cell",
        key=table.key,
        alt=table.alt,
        placeholder="–",
    )
    line = find_line(table.key, event.selection.cells, rows.height)
    if line is None or (to := lead(line)) is None:
        return
    with offered:
        follow(to, f"Open line {table.first + line}" if is_read_by_keys(table.key, line) else "")


def follow(to: Lead, label: str) -> None:
    """Go there, or offer to where there is a `label` to offer it under.

    The page of the table itself keeps its parameters only without a switch of pages.
    """
    if label and to.page:
        st.page_link(to.page, label=label, query_params=to.address)
    elif label:
        st.button(label, on_click=change_address, args=(to.address,))
    elif to.page:
        st.switch_page(to.page, query_params=to.address)
    else:
        change_address(to.address)
        st.rerun()


def change_address(address: addresses.Address) -> None:
    st.query_params.update(address)
    for name in [name for name, value in address.items() if not value]:
        del st.query_params[name]


def to_cases(
    questions: pl.DataFrame, run_id: str = "", filters: Mapping[str, str] | None = None
) -> Callable[[int], Lead]:
    """Lead from each line of `questions` to its case, with the answer of `run_id`.

    Lines that have runs of their own lead to the answers of these, and to the repeat where named.
    """

    def lead(line: int) -> Lead:
        row = questions.row(line, named=True)
        place = (row["task"], row["sample_id"], row.get("run_id", run_id))
        address = addresses.case(*place, filters or {}, row.get("repeat", 0))
        return Lead(address, "app_pages/case.py")

    return lead


def note_line(key: str, first: str) -> None:
    """Note the line that is read by keys, at once: the next key may end the page's run.

    Tab selects the top cell of the `first` column, and each key after it one nearby; cells of that
    column open nothing, for keys may be faster than they are told. Any other was clicked.
    """
    last = st.session_state.pop(remembered(key), None)
    for line, column in st.session_state[key].selection.cells:
        if column == first or (last is not None and abs(line - last) <= 1):
            st.session_state[remembered(key)] = line


def find_line(key: str, cells: Sequence[Cell], lines: int) -> int | None:
    """The line of the selected cell; it stays selected when the lines become fewer."""
    if not cells or cells[0][0] >= lines:
        st.session_state.pop(remembered(key), None)
        return None
    return cells[0][0]


def is_read_by_keys(key: str, line: int) -> bool:
    return bool(st.session_state.get(remembered(key)) == line)


def remembered(key: str) -> str:
    return f"read line of {key}"

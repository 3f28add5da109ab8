"""The widgets that choose what the leaderboard shows; each keeps its state in the address."""

from typing import NamedTuple

import polars as pl
import streamlit as st

from dashboard import given_board
from dashboard.column_words import COLUMNS
from dashboard.search import ORGANISATION, PRESETS, UNKNOWN, Search, parse_search
from dashboard.tables import FACTS, FACTS_AT_FIRST, GIVEN

LISTS = {  # by the key of the widget: its label, and what it looks at
    "types": ("Type", pl.col("type")),
    "precisions": ("Precision", pl.col("precision")),
    "licences": ("Licence", pl.col("licence")),
    "orgs": ("Organisation", ORGANISATION),
}
SIZES = {"0": 0.0, "1B": 1e9, "3B": 3e9, "10B": 1e10, "30B": 3e10, "100B": 1e11, "any": 1e18}
ALL_SIZES = ("0", "any")
FIELD = ("Ranks in the whole lane", "Ranks among these")
EMPTY = {"find": "", "presets": [], "sizes": ALL_SIZES} | {key: [] for key in LISTS}
"""The state of each widget that filters nothing."""
SEARCH_HELP = (
    "Every word must occur in the name. Fields: `type:open`, `size:<10` (billions), "
    "`precision:bf16`, `licence:apache`, `org:google`, `architecture:llama`, `complete:yes`; "
    "a comma means or, a minus before a field means not."
)


class Narrowed(NamedTuple):
    keep: pl.Expr
    """Whether a row fits the filters."""
    search: Search


def narrow(rows: pl.DataFrame, search_box: st.delta_generator.DeltaGenerator) -> Narrowed:
    """Let the reader narrow leaderboard `rows`; the search field stands in `search_box`."""
    typed = search_box.text_input(
        "Search models",
        key="find",
        bind="query-params",
        placeholder="such as: llama size:<10 licence:apache",
        help=SEARCH_HELP,
    )
    presets = st.pills(
        "Quick filters",
        list(PRESETS),
        selection_mode="multi",
        key="presets",
        bind="query-params",
        label_visibility="collapsed",
    )
    search = parse_search(" ".join([typed or "", *(PRESETS[name] for name in presets)]))
    with st.popover("Filters", icon=":material/filter_list:"):
        keep = search.keep & choose_values(rows) & choose_sizes()
    return Narrowed(keep, search)


def choose_values(rows: pl.DataFrame) -> pl.Expr:
    keep = pl.lit(True)
    for key, (label, column) in LISTS.items():
        known = column.fill_null(UNKNOWN)
        chosen = st.multiselect(
            label,
            rows.select(known.alias(key)).to_series().unique().sort().to_list(),
            key=key,
            bind="query-params",
            placeholder="All",
        )
        if chosen:
            keep &= known.is_in(chosen)
    return keep


def choose_sizes() -> pl.Expr:
    sizes = st.select_slider(
        "Number of weights", list(SIZES), ALL_SIZES, key="sizes", bind="query-params"
    )
    low, high = (SIZES[size] for size in sizes)
    if tuple(sizes) == ALL_SIZES:
        return pl.lit(True)
    return pl.col("parameters").is_between(low, high).fill_null(value=False)


def offer_to_clear() -> None:
    st.button("Show them", on_click=clear, type="tertiary", icon=":material/filter_alt_off:")


def clear() -> None:
    """Show every row of the lane again."""
    st.session_state.update(EMPTY)


def choose_field() -> str | None:
    """Let the reader choose among whom the rows shown are ranked: one of `FIELD`."""
    return st.segmented_control(
        "Ranked among",
        FIELD,
        default=FIELD[0],
        required=True,
        key="among",
        bind="query-params",
        label_visibility="collapsed",
    )


def choose_pins(rows: pl.DataFrame) -> list[str]:
    """Let the reader keep models on top of the list."""
    return st.multiselect(
        "Keep on top",
        rows["model"].unique().sort().to_list(),
        key="pin",
        bind="query-params",
        placeholder="Models to compare with",
    )


def choose_columns(
    titles: list[str], rows: pl.DataFrame, *, nine: bool
) -> tuple[list[str], list[str]]:
    """Let the reader choose among the tasks' `titles`, and among `FACTS`; returns both choices.

    How answers were given is offered where some of the `rows` know it.
    """
    unknown = set(GIVEN).difference(given_board.list_known(rows))
    offered = [fact for fact in (FACTS if nine else FACTS[2:]) if fact not in unknown]
    heads = {COLUMNS[fact].head: fact for fact in offered}
    chosen = titles
    if nine:
        chosen = st.pills(
            "Tasks",
            titles,
            selection_mode="multi",
            default=titles,
            key="columns",
            bind="query-params",
        )
    facts = st.pills(
        "Beside them",
        list(heads),
        selection_mode="multi",
        default=[COLUMNS[fact].head for fact in FACTS_AT_FIRST],
        key="facts",
        bind="query-params",
    )
    return chosen, [fact for head, fact in heads.items() if head in facts]

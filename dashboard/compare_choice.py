"""Which runs are compared; the address decides, and keeps it."""

import polars as pl
import streamlit as st

from dashboard import addresses, comparing

ALL_LANES = "All lanes"
MOST = 6


def choose_lane(runs: pl.DataFrame, asked: list[str]) -> str:
    """Let the reader choose a lane, or all (empty); first that of the runs `asked` for."""
    lanes = runs["lane"].unique().sort().to_list()
    theirs = runs.filter(pl.col("run_id").is_in(asked))["lane"].unique().to_list()
    default = ALL_LANES if len(theirs) > 1 else [*theirs, comparing.best_lane(runs)][0]
    options = [*lanes, ALL_LANES]
    lane = st.selectbox(
        "Lane",
        options,
        index=options.index(default),
        key="in_lane",
        bind="query-params",
        on_change=leave_lane,
        args=(dict(runs.select("run_id", "lane").iter_rows()),),
    )
    return "" if lane == ALL_LANES else str(lane)


def leave_lane(lanes: dict[str, str]) -> None:
    """Another lane keeps none of the runs of the last one; all lanes keep all."""
    lane = st.session_state["in_lane"]
    kept = [
        run_id
        for run_id in st.session_state.get("compare_runs", [])
        if lane in (ALL_LANES, lanes[run_id])
    ]
    st.session_state["compare_runs"] = kept
    keep_in_address()
    if not kept:
        del st.session_state["compare_runs"]


def keep_in_address() -> None:
    """Write the chosen runs into the address, where the next look finds them."""
    st.query_params.update(addresses.compare(st.session_state["compare_runs"]))


def choose_runs(runs: pl.DataFrame) -> list[str]:
    """Let the reader choose a lane and runs of it; the address decides what is chosen first."""
    known = set(runs["run_id"])
    named = list(dict.fromkeys(st.query_params.get_all("runs")))
    asked = [run_id for run_id in named if run_id in known][:MOST]
    if len(asked) < len(named):
        st.warning("Some runs that the address names are not in this warehouse, or are too many.")
    lane_box, runs_box = st.columns([1, 3])
    with lane_box:
        lane = choose_lane(runs, asked)
    inside = runs.filter(pl.col("lane") == lane) if lane else runs
    if asked:
        st.session_state["compare_runs"] = asked
    elif "compare_runs" not in st.session_state:
        st.session_state["compare_runs"] = comparing.best_runs(inside, 2)
    chosen = st.session_state["compare_runs"]
    offered = runs.filter(pl.col("run_id").is_in([*inside["run_id"], *chosen]))
    labels = comparing.short_names(offered)
    with runs_box:
        return st.multiselect(
            "Models, two to six: the others are compared with the first",
            list(labels),
            format_func=labels.__getitem__,
            key="compare_runs",
            max_selections=MOST,
            on_change=keep_in_address,
            placeholder="Type a part of a name",
        )

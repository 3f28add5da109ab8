"""The widgets that narrow a list; each keeps its state in the page's address."""

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from dashboard import addresses, tables


def choose_lane(rows: pl.DataFrame) -> str:
    """Let the reader choose one of the lanes of leaderboard `rows`."""
    lanes = rows["lane"].unique().sort().to_list()
    default = lanes.index(tables.best_lane(rows))
    return str(st.selectbox("Lane", lanes, index=default, key="lane", bind="query-params"))


def choose_runs(labels: Mapping[str, str]) -> list[str]:
    """Let the reader choose runs by their `labels`; none are all. The address decides, too."""
    named = list(dict.fromkeys(st.query_params.get_all("run")))
    asked = [run_id for run_id in named if run_id in labels]
    if len(asked) < len(named):
        st.warning("A run that the address names is not in this warehouse.")
    if "errors_runs" not in st.session_state and st.query_params:  # a link led here
        forget_errors()
    st.session_state["errors_runs"] = asked  # also after the browser's Back

    def keep_in_address() -> None:
        st.query_params["run"] = st.session_state["errors_runs"]

    return st.multiselect(
        "Models",
        list(labels),
        format_func=labels.__getitem__,
        key="errors_runs",
        on_change=keep_in_address,
        placeholder="All models",
    )


def choose_errors(
    counts: pl.DataFrame, run_ids: Sequence[str], *, confidence: bool
) -> dict[str, str]:
    """Let the reader narrow wrong answers of runs; `counts` says which values there are.

    Without `confidence` none can be the surest.
    Returns the filters by the names of `addresses.FILTERS`, empty where nothing is chosen.
    """
    task_box, subject_box, safety_box, flag_box = st.columns(4)
    names = tables.task_names(counts)
    with task_box:
        task = choose_value("Task", "task", list(names), "None")
    with subject_box:
        subjects = tables.slice_values(counts, "subject")
        subject = choose_value("Subject", "subject", subjects, "None named by the source")
    with safety_box:
        contexts = tables.slice_values(counts, "safety")
        safety = choose_value("Safety context", "safety", contexts, "None found")
    with flag_box:
        found = tables.slice_values(counts, "flag")
        flag = choose_slug("Flag", "flag", addresses.FLAG_NAMES, found)
    harms = tables.slice_values(counts, "harm")
    judged = [harm for harm in harms if harm != "unreviewed"]
    search_box, harm_box, sort_box = st.columns([2, 1, 1] if judged else [2.95, 0.05, 1])
    with search_box:
        search = st.text_input(
            "Search questions and choices",
            key="search",
            bind="query-params",
            placeholder="every word must occur, such as: pregnant tetracycline",
        )
    with harm_box:
        offered = [*harms, "reviewed"] if judged else []
        harm = choose_slug("Harm, as clinicians judged it", "harm", addresses.HARM_NAMES, offered)
    offers = {"confidence": confidence, "flags": bool(found), "harm": bool(judged)}
    sorts = [label for label, by in addresses.SORTS.items() if offers.get(by, True)]
    sort = sort_box.selectbox("Sort", sorts, key="sort", bind="query-params")
    return {
        "task": names.get(task, ""),
        "subject": subject,
        "safety": safety,
        "flag": flag,
        "harm": harm,
        "search": search or "",
        "by": addresses.SORTS[sort],
        "runs": "" if len(run_ids) == 1 else addresses.list_runs(run_ids),
    }


def forget_errors() -> None:
    """Drop what was chosen on an earlier visit and is not in the address.

    Streamlit keeps it from page to page, where a link means no more than it says.
    """
    for name in ("task", "subject", "safety", "flag", "harm", "search", "sort", "page"):
        if name not in st.query_params:
            st.session_state.pop(name, None)


def choose_slug(label: str, key: str, names: Mapping[str, str], found: Sequence[str]) -> str:
    """Let the reader choose one of the slugs that were `found`, by its name; all are empty."""
    offered = {name: slug for slug, name in names.items() if slug in found}
    return offered.get(choose_value(label, key, list(offered), "None"), "") if offered else ""


def choose_value(label: str, key: str, values: list[str], none: str) -> str:
    """Let the reader choose one of `values`, or all (empty); `none` is shown for no values."""
    chosen = st.selectbox(
        label,
        values,
        None,
        key=key,
        bind="query-params",
        placeholder="All" if values else none,
        disabled=not values,
    )
    return chosen or ""

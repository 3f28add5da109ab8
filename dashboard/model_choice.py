"""Which model and which of its runs the model page shows; the address decides."""

import polars as pl
import streamlit as st

from dashboard import addresses, marking, models


def offered(runs: pl.DataFrame) -> pl.DataFrame:
    """The `runs` of models to choose from: a hidden one is there where it was asked for."""
    asked, run_id = addresses.read_model(st.query_params)
    owners = runs.filter(run_id=run_id)["model"]
    opened = st.session_state.get("chosen_model", "")
    return marking.offered(runs, "model", [asked, opened, *owners])


def read_address(runs: pl.DataFrame) -> None:
    """Choose the model of `runs` that the address names; a run in it names its own."""
    asked, run_id = addresses.read_model(st.query_params)
    owner = dict(runs.select("run_id", "model").iter_rows()).get(run_id, asked)
    if owner in runs["model"]:  # the address decides, also after the browser's Back
        st.session_state["chosen_model"] = owner
    elif owner or run_id:
        st.warning("What the address names is not in this warehouse. Another model is shown.")


def choose_model(runs: pl.DataFrame) -> str:
    """Let the reader choose one of the models of `runs`."""
    names = runs["model"].unique(maintain_order=True).to_list()
    return str(st.selectbox("Model", names, key="chosen_model", on_change=open_model))


def open_model() -> None:
    """Put the model into the address; its runs are not those of the model before."""
    keep(addresses.model(st.session_state["chosen_model"]))


def choose_run(answered: pl.DataFrame) -> str:
    """Let the reader choose one of a model's runs."""
    runs = models.list_runs(answered)
    labels = dict(zip(runs["run_id"], models.run_names(runs), strict=True))
    _, asked = addresses.read_model(st.query_params)
    best = models.best_run(runs)
    st.session_state["chosen_run"] = asked if asked in labels else best
    return str(
        st.selectbox(
            "Run",
            list(labels),
            format_func=labels.__getitem__,
            key="chosen_run",
            on_change=open_run,
        )
    )


def open_run() -> None:
    keep(addresses.model(st.session_state["chosen_model"], st.session_state["chosen_run"]))


def keep(address: dict[str, str]) -> None:
    """Write `address`, and leave what other widgets wrote."""
    if "run" not in address:
        st.query_params.pop("run", None)
    st.query_params.update(address)

"""What the pages ask of judged answers, each answer cached with its snapshot."""

import polars as pl
import streamlit as st

from dashboard import data, harm_scores


def judged() -> pl.DataFrame:
    """A row per answer that was drawn by chance and is judged, of all runs."""
    return data.ask("judged", run_ids=())


def estimates(weights: harm_scores.Weights) -> pl.DataFrame:
    """A row per run of which an answer that was drawn is judged."""
    return estimate(data.current_key(), tuple(weights.items()))


@st.cache_data(max_entries=50, show_spinner=False)
def estimate(key: data.Key, weights: tuple[tuple[str, float], ...]) -> pl.DataFrame:
    rows = data.answer(key, "judged", {"run_ids": ()})
    return harm_scores.estimate(rows, dict(weights))

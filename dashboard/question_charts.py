"""Frames of a task's questions to Plotly figures; no Streamlit here."""

import plotly.graph_objects as go
import polars as pl

from dashboard.questions import SURE

BINS = 20
HEIGHT = 340


def difficulties(bins: pl.DataFrame) -> go.Figure:
    """How many questions are answered rightly by how many of the models."""
    return go.Figure(
        go.Bar(
            x=(bins["bin"] + 0.5) / BINS,
            y=bins["n"],
            width=0.9 / BINS,
            customdata=bins.select(pl.col("discrimination").round(2)),
            hovertemplate="%{x:.0%} of models are right: %{y:,} questions<br>"
            "median discrimination %{customdata[0]}<extra></extra>",
        ),
        {
            "xaxis": {"title": "Share of models that are right", "tickformat": ".0%"},
            "yaxis": {"title": "Questions", "tickformat": ",d"},
            "height": HEIGHT,
            "margin": {"l": 10, "r": 10, "t": 20, "b": 40},
        },
    )


def letter_bars(letters: pl.DataFrame) -> go.Figure:
    """How often each letter is the key, as bars, and how often it is picked, as dots with the
    interval of the difference."""
    keyed = go.Bar(
        name="is the key",
        x=letters["letter"],
        y=letters["keyed"],
        width=0.5,
        marker={"pattern": {"shape": "/"}},
        hovertemplate="%{x} is the key: %{y:.1%}<extra></extra>",
    )
    picked = go.Scatter(
        name="picked by the models",
        x=letters["letter"],
        y=letters["picked"],
        mode="markers",
        marker={"size": 11, "symbol": "diamond"},
        error_y={"type": "data", "array": letters["error"] * SURE, "thickness": 2, "width": 7},
        hovertemplate="%{x} picked: %{y:.1%}<extra></extra>",
    )
    return go.Figure(
        [keyed, picked],
        {
            "yaxis": {"title": "Share", "tickformat": ".0%", "rangemode": "tozero"},
            "legend": {"orientation": "h", "yanchor": "bottom", "y": 1, "x": 0},
            "height": HEIGHT,
            "margin": {"l": 10, "r": 10, "t": 20, "b": 40},
        },
    )

"""Polars frames to Plotly figures; no Streamlit here."""

from html import escape

import plotly.graph_objects as go
import polars as pl

MOST_ROWS = 40
ROW_HEIGHT = 26


def accuracy_intervals(scores: pl.DataFrame, chance: float | None = None) -> go.Figure:
    """Dots with 95% intervals, best on top.

    `scores` has label, accuracy and, where there is an interval, low and high (0 to 1). `chance`
    draws the accuracy of guessing.
    """
    shown = scores.sort("accuracy", descending=True).head(MOST_ROWS).reverse()
    figure = go.Figure(
        go.Scatter(
            x=shown["accuracy"],
            y=[escape(label) for label in shown["label"]],
            mode="markers",
            marker={"size": 9},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (shown["high"] - shown["accuracy"]).fill_null(0),
                "arrayminus": (shown["accuracy"] - shown["low"]).fill_null(0),
                "thickness": 1.5,
                "width": 4,
            },
            customdata=shown.select("low", "high"),
            hovertemplate="%{y}<br>%{x:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})"
            "<extra></extra>",
        )
    )
    if chance is not None:
        figure.add_vline(x=chance, line_dash="dot", annotation_text="guessing")
    figure.update_xaxes(tickformat=".0%", title="Accuracy, with 95% interval")
    figure.update_yaxes(type="category", automargin=True)
    figure.update_layout(
        height=110 + ROW_HEIGHT * shown.height, margin={"l": 10, "r": 20, "t": 30, "b": 40}
    )
    return figure


def finding(scores: pl.DataFrame) -> str:
    """Say in words what `accuracy_intervals` shows: the best, and how many it cannot be told from.

    Intervals that overlap do not prove a tie, nor the reverse; the sentence claims no more.
    """
    best = scores.sort("accuracy", descending=True).row(0, named=True)
    text = f"Highest: **{best['accuracy']:.1%}**"
    if best["low"] is None:
        return text + "."
    near = scores.filter((pl.col("high") >= best["low"]) & (pl.col("label") != best["label"]))
    return (
        f"{text}, with an interval from {best['low']:.1%} to {best['high']:.1%}. "
        f"{near.height} of the {scores.height - 1} others have intervals that reach into it."
    )

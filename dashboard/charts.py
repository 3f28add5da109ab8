"""Polars frames to Plotly figures; no Streamlit here."""

from html import escape

import plotly.graph_objects as go
import polars as pl

MOST_ROWS = 40
ROW_HEIGHT = 26


def accuracy_intervals(scores: pl.DataFrame) -> go.Figure:
    """Dots with 95% intervals, best on top.

    `scores` has label, accuracy (0 to 1), and low and high, null where there is no interval.
    """
    shown = scores.sort("accuracy", descending=True).head(MOST_ROWS).reverse()
    figure = go.Figure(
        go.Scatter(
            x=shown["accuracy"],
            y=[escape(label, quote=False) for label in shown["label"]],
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
    figure.update_xaxes(tickformat=".0%", title="Accuracy, with 95% interval")
    figure.update_yaxes(type="category", automargin=True)
    figure.update_layout(
        height=110 + ROW_HEIGHT * shown.height, margin={"l": 10, "r": 20, "t": 30, "b": 40}
    )
    return figure


def finding(scores: pl.DataFrame) -> str:
    """Say in words what `accuracy_intervals` shows: the best, and how many come near it.

    Intervals that overlap do not prove a tie, nor the reverse; the sentence claims no more.
    """
    best = scores.sort("accuracy", descending=True).row(0, named=True)
    if best["low"] is None or scores.height == 1:
        return f"The highest score is {best['accuracy']:.1%}."
    near = scores.filter(pl.col("high") >= best["low"]).height - 1
    others = {0: "no other interval reaches", 1: "one other interval reaches"}
    return (
        f"The highest score is {best['accuracy']:.1%}, within {max(best['low'], 0):.1%} to "
        f"{best['high']:.1%}; {others.get(near, f'{near} other intervals reach')} into that range."
    )

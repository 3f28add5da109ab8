"""Polars frames to the figures of the model page; no Streamlit here."""

from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboard.charts import ROW_HEIGHT

GREY = "#8a9a9b"  # is read on white and on black
LABEL_LENGTH = 28
DIAGONAL = {
    "type": "scatter",
    "x": [0, 1],
    "y": [0, 1],
    "mode": "lines",
    "line": {"dash": "dash", "color": GREY},
    "hoverinfo": "skip",
}
"""Where a model would be that is right as often as it is sure."""


def differences(rows: pl.DataFrame) -> go.Figure:
    """Points over the field's median with 95% intervals, best on top; `rows` as compared.

    What is beyond chance is a filled diamond, the rest an open circle; what is small is grey.
    """
    shown = rows.reverse()
    labels = [subject_label(*row) for row in shown.select("slice_value", "n").iter_rows()]
    shown = shown.with_columns(pl.Series("label", labels, dtype=pl.String))
    zero = {"x0": 0, "x1": 0, "yref": "y domain", "y0": 0, "y1": 1}
    return go.Figure(
        [
            difference_dots(shown.filter(~pl.col("is_small")), {}),
            difference_dots(shown.filter("is_small"), {"color": GREY}),
        ],
        {
            "xaxis": {"title": {"text": "Points over the field's median"}, "zeroline": False},
            "yaxis": {
                "type": "category",
                "categoryorder": "array",
                "categoryarray": labels,
                "automargin": True,
            },
            "shapes": [
                {"type": "line", "line": {"color": GREY, "width": 1, "dash": "dash"}} | zero
            ],
            "height": 110 + ROW_HEIGHT * shown.height,
            "margin": {"l": 10, "r": 20, "t": 20, "b": 40},
            "showlegend": False,
        },
    )


def difference_dots(part: pl.DataFrame, color: dict[str, str]) -> dict[str, Any]:
    """The dots of `part`; without a `color` they have the theme's own."""
    symbols = ["diamond" if is_sure else "circle-open" for is_sure in part["is_sure"]]
    return {
        "type": "scatter",
        "x": part["difference"].to_list(),
        "y": part["label"].to_list(),
        "mode": "markers",
        "marker": {"size": 9, "symbol": symbols, **color},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (part["high"] - part["difference"]).to_list(),
            "arrayminus": (part["difference"] - part["low"]).to_list(),
            "thickness": 1.5,
            "width": 3,
            **color,
        },
        "customdata": part.select("accuracy", "field_median").rows(),
        "hovertemplate": "%{y}<br>%{customdata[0]:.1%} right, the field's median "
        "%{customdata[1]:.1%}<extra></extra>",
    }


def subject_label(subject: str, n: int) -> str:
    """The subject, cut where it is long, and how many questions it has."""
    name = subject if len(subject) <= LABEL_LENGTH else f"{subject[:LABEL_LENGTH]}…"
    return f"{escape(name, quote=False)} ({n:,})"


def reliability(bins: pl.DataFrame) -> go.Figure:
    """How often answers were right by how sure they were, with n below; `bins` with intervals."""
    sure = bins["confidence"].to_list()
    points = {
        "type": "scatter",
        "x": sure,
        "y": bins["accuracy"].to_list(),
        "mode": "markers+lines",
        "marker": {"size": 9},
        "line": {"width": 1},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": (bins["high"] - bins["accuracy"]).to_list(),
            "arrayminus": (bins["accuracy"] - bins["low"]).to_list(),
            "thickness": 1.5,
            "width": 4,
        },
        "customdata": bins.select("n", "low", "high").rows(),
        "hovertemplate": "%{x:.1%} sure: %{y:.1%} right (%{customdata[1]:.1%} to "
        "%{customdata[2]:.1%})<br>%{customdata[0]:,} answers<extra></extra>",
    }
    numbers = {
        "type": "scatter",
        "x": sure,
        "y": [(-0.05, -0.12)[place % 2] for place in range(bins.height)],  # room on a phone
        "text": [f"{n:,}" for n in bins["n"]],
        "mode": "text",
        "textfont": {"size": 11},
        "hoverinfo": "skip",
    }
    return go.Figure(
        [points, numbers, DIAGONAL],
        frame(
            "How sure (below the points: number of answers)",
            "How often right, with 95% interval",
            {"range": [-0.17, 1.03]},
        ),
    )


def risk_curve(risks: pl.DataFrame) -> go.Figure:
    """The error over the surest answers, by how many are answered."""
    curve = {
        "type": "scatter",
        "x": risks["coverage"].to_numpy(),
        "y": risks["error"].to_numpy(),
        "mode": "lines",
        "hovertemplate": "The surest %{x:.0%} answered: %{y:.1%} wrong<extra></extra>",
    }
    return go.Figure(
        curve,
        frame(
            "Share of questions answered, the surest first",
            "Share of these wrong",
            {"rangemode": "tozero"},
        ),
    )


def frame(across: str, up: str, scale: dict[str, Any]) -> dict[str, Any]:
    """A layout of shares over shares, with the titles of both axes."""
    return {
        "xaxis": {"title": {"text": across}, "tickformat": ".0%", "range": [0, 1.03]},
        "yaxis": {"title": {"text": up}, "tickformat": ".0%"} | scale,
        "height": 380,
        "showlegend": False,
        "margin": {"l": 10, "r": 10, "t": 20, "b": 40},
    }

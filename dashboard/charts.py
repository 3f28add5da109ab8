"""Polars frames to Plotly figures; no Streamlit here."""

from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl

MOST_ROWS = 40
ROW_HEIGHT = 26
BAND = "rgba(100, 130, 130, 0.12)"  # seen on white and on black
LINE = "#b45309"


def accuracy_intervals(scores: pl.DataFrame, baseline: float | None = None) -> go.Figure:
    """Dots with 95% intervals, best on top; each second tier lies on a band.

    `scores` has label, accuracy (0 to 1), tier, and low and high, null where there is no interval
    or no tier. `baseline` is the accuracy of whoever reads no question, drawn as a line.
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
    figure.update_yaxes(type="category", automargin=True, range=[-0.7, shown.height - 0.3])
    figure.update_layout(
        height=110 + ROW_HEIGHT * shown.height,
        margin={"l": 10, "r": 20, "t": 30, "b": 40},
        shapes=[band(*ends) for tier, *ends in tier_spans(shown["tier"]) if tier % 2 == 0],
        annotations=[name_tier(tier, top) for tier, _, top in tier_spans(shown["tier"])],
    )
    if baseline is not None:
        figure.add_vline(
            x=baseline,
            line={"color": LINE, "width": 1.5, "dash": "dash"},
            annotation={"text": f"best baseline {baseline:.1%}", "yanchor": "bottom", "y": 1},
        )
    return figure


def tier_spans(tiers: pl.Series) -> list[tuple[int, int, int]]:
    """Each tier with the numbers of the lowest and of the highest row it has, from below."""
    rows = pl.DataFrame({"tier": tiers}).with_row_index("row").drop_nulls("tier")
    spans = rows.group_by("tier").agg(low=pl.col("row").min(), high=pl.col("row").max())
    return spans.sort("tier").rows()


def band(low: int, high: int) -> dict[str, Any]:
    """A band behind the rows from `low` to `high`, as wide as the chart."""
    wide = {"xref": "paper", "x0": 0, "x1": 1, "y0": low - 0.5, "y1": high + 0.5}
    return {"type": "rect", "fillcolor": BAND, "line_width": 0, "layer": "below"} | wide


def name_tier(tier: int, row: int) -> dict[str, Any]:
    """`Tier 1`, at the right end of a row."""
    right = {"xref": "paper", "x": 1, "xanchor": "right", "y": row, "yanchor": "bottom"}
    return {"text": f"Tier {tier}", "showarrow": False, "opacity": 0.7} | right


def finding(scores: pl.DataFrame) -> str:
    """Say in words what `accuracy_intervals` shows: the best, and how many come near it.

    Intervals that overlap do not prove a tie, nor the reverse; without tiers the sentence claims
    no more.
    """
    best = scores.sort("accuracy", descending=True).row(0, named=True)
    if best["low"] is None or scores.height == 1:
        return f"The highest score is {best['accuracy']:.1%}."
    within = f"The highest score is {best['accuracy']:.1%}, within {max(best['low'], 0):.1%} to "
    if best["tier"] is not None:
        alike = scores.filter(tier=best["tier"]).height - 1
        others = {0: "no other model shown is", 1: "one other model shown is"}
        told = others.get(alike, f"{alike} other models shown are")
        return f"{within}{best['high']:.1%}; {told} in its tier."
    near = scores.filter(pl.col("high") >= best["low"]).height - 1
    others = {0: "no other interval reaches", 1: "one other interval reaches"}
    told = others.get(near, f"{near} other intervals reach")
    return f"{within}{best['high']:.1%}; {told} into that range."

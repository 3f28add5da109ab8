"""Differences and agreements of runs to Plotly figures; no Streamlit here."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from dashboard.comparing import SURE
from warehouse.statistics.agreement import Agreement, Ints

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star")  # of as many runs
LINE_HEIGHT = 17  # pixels of one interval
CELL = 22  # pixels
SCALE = (30, 60)  # per cent: from about what chance gives; wider where there is more
LOWEST = 180  # pixels of all cells
MOST_NUMBERS = 10  # a side: more would not be read
LONGEST = 26  # characters of a name in a figure
MARGIN = 0.02  # of accuracy, beside the outermost intervals
BARE = {"showgrid": False, "zeroline": False}


def difference_intervals(
    differences: pl.DataFrame, names: dict[str, str], titles: dict[str, str]
) -> go.Figure:
    """Each run's differences from the first, a row a task: a full dot is a sure difference.

    `differences` are rows of `DIFFERENCES`; `names` and `titles` say what runs and tasks are
    called.
    """
    tasks = differences["task"].unique(maintain_order=True)
    runs = differences.partition_by("run_id", maintain_order=True)[::-1]  # counted from below
    layout = lay_out_tasks([titles[task] for task in tasks], len(runs))
    zero = {"x0": 0, "x1": 0, "yref": "y domain", "y0": 0, "y1": 1}
    return go.Figure(
        [difference_dots(rows, names, titles) for rows in runs],
        layout
        | {
            "xaxis": {"title": {"text": "Points above the first model"}},
            "shapes": [{"type": "line", "line": {"width": 1, "color": "gray"}} | zero],
        },
    )


def score_intervals(
    scores: pl.DataFrame, names: dict[str, str], titles: dict[str, str]
) -> go.Figure:
    """Each run's score of each task with its 95% interval; runs are told apart by their symbols."""
    tasks = scores["task"].unique(maintain_order=True)
    low, high = scores["interval_low"].min(), scores["interval_high"].max()
    dots = [
        score_dots(scores.filter(run_id=run_id), name, symbol, titles)
        for (run_id, name), symbol in zip(names.items(), SYMBOLS, strict=False)
    ]
    return go.Figure(
        dots[::-1],  # counted from below
        lay_out_tasks([titles[task] for task in tasks], len(names))
        | {
            "xaxis": {
                "title": {"text": "Accuracy, with 95% interval"},
                "tickformat": ".0%",
                "range": [float(str(low)) - MARGIN, float(str(high)) + MARGIN],
            }
        },
    )


def score_dots(
    rows: pl.DataFrame, name: str, symbol: str, titles: dict[str, str]
) -> dict[str, Any]:
    called = escape(shorten(name), quote=False)
    dots = interval_dots(rows["accuracy"], rows["interval_low"], rows["interval_high"])
    return dots | {
        "name": called,
        "y": [escape(titles[task], quote=False) for task in rows["task"]],
        "marker": {"size": 9, "symbol": symbol},
        "customdata": rows.select("interval_low", "interval_high", "n").rows(),
        "hovertemplate": f"{called}<br>%{{y}}: %{{x:.1%}} (%{{customdata[0]:.1%}} to "
        "%{customdata[1]:.1%})<br>%{customdata[2]:,} questions<extra></extra>",
    }


def interval_dots(values: pl.Series, low: pl.Series, high: pl.Series) -> dict[str, Any]:
    """A trace of dots with their intervals from left to right."""
    return {
        "type": "scatter",
        "x": values.to_list(),
        "mode": "markers",
        "orientation": "h",
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": (high - values).to_list(),
            "arrayminus": (values - low).to_list(),
            "thickness": 1.5,
            "width": 4,
        },
    }


def lay_out_tasks(titles: list[str], runs: int) -> dict[str, Any]:
    """A row per task, first on top, with a line for each of the runs."""
    return {
        "yaxis": {
            "type": "category",
            "automargin": True,
            "categoryorder": "array",
            "categoryarray": [escape(title, quote=False) for title in reversed(titles)],
        },
        "scattermode": "group",
        "scattergap": 0.4,
        "height": 110 + len(titles) * (12 + LINE_HEIGHT * runs),
        "margin": {"l": 10, "r": 20, "t": 10, "b": 40},
        "showlegend": runs > 1,
        "legend": {
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1,
            "x": 0,
            "traceorder": "reversed",
        },
    }


def difference_dots(
    rows: pl.DataFrame, names: dict[str, str], titles: dict[str, str]
) -> dict[str, Any]:
    name = escape(shorten(names[rows["run_id"][0]]), quote=False)
    points = rows.select(pl.col("difference", "low", "high") * 100, "n")
    symbols = ["circle" if p < SURE else "circle-open" for p in rows["corrected"]]
    return interval_dots(points["difference"], points["low"], points["high"]) | {
        "name": name,
        "y": [escape(titles[task], quote=False) for task in rows["task"]],
        "marker": {"size": 9, "symbol": symbols},
        "customdata": points.select("low", "high", "n").rows(),
        "hovertemplate": f"{name}<br>%{{y}}: %{{x:+.1f}} (%{{customdata[0]:+.1f}} to "
        "%{customdata[1]:+.1f})<br>%{customdata[2]:,} questions<extra></extra>",
    }


def agreement_map(agreement: Agreement, names: Sequence[str], order: Ints) -> go.Figure:
    """How often each two of `names` make the same mistake, in the `order` that groups the alike.

    Columns are the rows' models in the rows' order, and have no names: upright ones do not fit.
    """
    places = list(range(len(names)))
    labels = [escape(shorten(names[place]), quote=False) for place in order]
    shares = agreement.shares[order][:, order]
    shown = shares.copy()
    for place in places:
        shown[place, place] = float("nan")  # each agrees with itself: that says nothing
    return go.Figure(
        go.Heatmap(
            x=places,
            y=places,
            z=shown * 100,
            customdata=agreement.both_wrong[order][:, order],
            text=np.array([[f"{other}<br>{one}" for one in labels] for other in labels]),
            hovertemplate="%{text}<br>%{z:.0f}% of %{customdata:,} questions<extra></extra>",
            hoverongaps=False,
            texttemplate="%{z:.0f}" if len(names) <= MOST_NUMBERS else None,
            colorscale="Viridis",
            zmin=SCALE[0],
            zmax=max(SCALE[1], 100 * float(np.nanmax(shown))),
            colorbar={
                "title": {"text": "Same mistake", "side": "top"},
                "ticksuffix": "%",
                "orientation": "h",
                "thickness": 10,
                "y": 1,
                "yanchor": "bottom",
            },
            xgap=1,
            ygap=1,
        ),
        {
            "xaxis": BARE | {"showticklabels": False, "ticks": ""},
            "yaxis": BARE
            | {
                "autorange": "reversed",
                "tickvals": places,
                "ticktext": labels,
                "automargin": True,
            },
            "height": 70 + max(CELL * len(names), LOWEST),
            "margin": {"l": 10, "r": 10, "t": 60, "b": 10},
        },
    )


def shorten(name: str) -> str:
    """Cut in the middle: namesakes are told apart at the end."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 11]}…{name[-10:]}"

"""Differences and agreements of runs to Plotly figures; no Streamlit here."""

from collections.abc import Sequence
from html import escape

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


def difference_intervals(
    differences: pl.DataFrame, names: dict[str, str], titles: dict[str, str]
) -> go.Figure:
    """Each run's differences from the first, a row a task: a full dot is a sure difference.

    `differences` are rows of `DIFFERENCES`; `names` and `titles` say what runs and tasks are
    called.
    """
    tasks = differences["task"].unique(maintain_order=True)
    runs = differences.partition_by("run_id", maintain_order=True)[::-1]  # counted from below
    figure = go.Figure([difference_dots(rows, names, titles) for rows in runs])
    figure.add_vline(x=0, line_width=1, line_color="gray")
    figure.update_xaxes(title="Points above the first model")
    lay_out_tasks(figure, [titles[task] for task in tasks], len(runs))
    return figure


def score_intervals(
    scores: pl.DataFrame, names: dict[str, str], titles: dict[str, str]
) -> go.Figure:
    """Each run's score of each task with its 95% interval; runs are told apart by their symbols."""
    tasks = scores["task"].unique(maintain_order=True)
    dots = [
        score_dots(scores.filter(run_id=run_id), name, symbol, titles)
        for (run_id, name), symbol in zip(names.items(), SYMBOLS, strict=False)
    ]
    figure = go.Figure(dots[::-1])  # counted from below
    figure.update_xaxes(title="Accuracy, with 95% interval", tickformat=".0%")
    lay_out_tasks(figure, [titles[task] for task in tasks], len(names))
    return figure


def score_dots(rows: pl.DataFrame, name: str, symbol: str, titles: dict[str, str]) -> go.Scatter:
    called = escape(shorten(name), quote=False)
    return go.Scatter(
        name=called,
        x=rows["accuracy"],
        y=[escape(titles[task], quote=False) for task in rows["task"]],
        mode="markers",
        orientation="h",
        marker={"size": 9, "symbol": symbol},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": rows["interval_high"] - rows["accuracy"],
            "arrayminus": rows["accuracy"] - rows["interval_low"],
            "thickness": 1.5,
            "width": 4,
        },
        customdata=rows.select("interval_low", "interval_high", "n"),
        hovertemplate=f"{called}<br>%{{y}}: %{{x:.1%}} (%{{customdata[0]:.1%}} to "
        "%{customdata[1]:.1%})<br>%{customdata[2]:,} questions<extra></extra>",
    )


def lay_out_tasks(figure: go.Figure, titles: list[str], runs: int) -> None:
    """A row per task, first on top, with a line for each of the runs."""
    figure.update_yaxes(
        type="category",
        automargin=True,
        categoryorder="array",
        categoryarray=[escape(title, quote=False) for title in reversed(titles)],
    )
    figure.update_layout(
        scattermode="group",
        scattergap=0.4,
        height=110 + len(titles) * (12 + LINE_HEIGHT * runs),
        margin={"l": 10, "r": 20, "t": 10, "b": 40},
        showlegend=runs > 1,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1, "x": 0, "traceorder": "reversed"},
    )


def difference_dots(
    rows: pl.DataFrame, names: dict[str, str], titles: dict[str, str]
) -> go.Scatter:
    name = escape(shorten(names[rows["run_id"][0]]), quote=False)
    points = rows.select(pl.col("difference", "low", "high") * 100)
    return go.Scatter(
        name=name,
        x=points["difference"],
        y=[escape(titles[task], quote=False) for task in rows["task"]],
        mode="markers",
        orientation="h",
        marker={
            "size": 9,
            "symbol": ["circle" if p < SURE else "circle-open" for p in rows["corrected"]],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": points["high"] - points["difference"],
            "arrayminus": points["difference"] - points["low"],
            "thickness": 1.5,
            "width": 4,
        },
        customdata=pl.concat([points.select("low", "high"), rows.select("n")], how="horizontal"),
        hovertemplate=f"{name}<br>%{{y}}: %{{x:+.1f}} (%{{customdata[0]:+.1f}} to "
        "%{customdata[1]:+.1f})<br>%{customdata[2]:,} questions<extra></extra>",
    )


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
    figure = go.Figure(
        go.Heatmap(
            x=places,
            y=places,
            z=shown * 100,
            customdata=agreement.both_wrong[order][:, order],
            text=[[f"{other}<br>{one}" for one in labels] for other in labels],
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
        )
    )
    figure.update_xaxes(showticklabels=False, ticks="", showgrid=False, zeroline=False)
    figure.update_yaxes(
        autorange="reversed",
        tickvals=places,
        ticktext=labels,
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    height = 70 + max(CELL * len(names), LOWEST)
    figure.update_layout(height=height, margin={"l": 10, "r": 10, "t": 60, "b": 10})
    return figure


def shorten(name: str) -> str:
    """Cut in the middle: namesakes are told apart at the end."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 11]}…{name[-10:]}"

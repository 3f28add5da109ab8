"""Frames of a field of models to Plotly figures; no Streamlit here."""

from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboard import field, tables
from dashboard.charts import LINE
from dashboard.model_charts import GREY

HEIGHT = 460
MOST_INTERVALS = 60  # more would hide each other
MOST_NAMED = 8  # of the best at their size or time
MOST_LINES = 25  # between the columns of ranks
BIN = 0.025
SIZES = {
    tables.short_number(digit * 10**zeros): digit * 10**zeros
    for zeros in range(6, 13)
    for digit in (1, 2, 5)
}


def against_size(rows: pl.DataFrame, baseline: float | None) -> go.Figure:
    """Accuracy by number of weights; a line joins those that no smaller model beats."""
    figure = against(rows.drop_nulls("parameters"), "parameters", baseline)
    figure.layout.xaxis.update(
        type="log", title="Number of weights", tickvals=[*SIZES.values()], ticktext=[*SIZES]
    )
    return figure


def against_time(rows: pl.DataFrame, baseline: float | None) -> go.Figure:
    """Accuracy by release; a line joins those that no earlier model beats."""
    figure = against(rows.drop_nulls("released_at"), "released_at", baseline)
    figure.layout.xaxis.update(title="Made on the Hub")
    return figure


def against_cost(rows: pl.DataFrame, baseline: float | None) -> go.Figure:
    """Accuracy by cost; a line joins those that no cheaper model beats."""
    figure = against(rows.drop_nulls("cost_per_1000"), "cost_per_1000", baseline)
    figure.layout.xaxis.update(
        title="US dollars for 1,000 answers", tickprefix="$", rangemode="tozero"
    )
    return figure


def against(rows: pl.DataFrame, by: str, baseline: float | None) -> go.Figure:
    """Dots over the column `by`, the best so far as a staircase with its names."""
    best = field.frontier(rows, by)
    dots = go.Scatter(
        x=rows[by],
        y=rows["accuracy"],
        mode="markers",
        marker={"size": 7, "symbol": "circle-open", "color": GREY},
        error_y=intervals(rows) if rows.height <= MOST_INTERVALS else None,
        text=[escape(label, quote=False) for label in rows["label"]],
        hovertemplate="%{text}<br>%{x}: %{y:.1%}<extra></extra>",
    )
    named = {*best.tail(MOST_NAMED)["label"]}
    stairs = go.Scatter(
        x=best[by],
        y=best["accuracy"],
        mode="lines+markers+text",
        line={"shape": "hv", "width": 2},
        marker={"size": 9, "symbol": "diamond"},
        text=[
            escape(field.name_model(label).rpartition("/")[2], quote=False)
            if label in named
            else ""
            for label in best["label"]
        ],
        textposition="top center",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure = go.Figure([dots, stairs], frame("Accuracy"))
    if baseline is not None:
        figure.add_hline(**line_at(baseline))
    return figure


def intervals(rows: pl.DataFrame) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": (rows["high"] - rows["accuracy"]).fill_null(0),
        "arrayminus": (rows["accuracy"] - rows["low"]).fill_null(0),
        "thickness": 1,
        "width": 0,
        "color": GREY,
    }


def frame(title: str) -> dict[str, Any]:
    return {
        "yaxis": {"title": title, "tickformat": ".0%"},
        "height": HEIGHT,
        "showlegend": False,
        "margin": {"l": 10, "r": 20, "t": 20, "b": 40},
    }


def line_at(baseline: float) -> dict[str, Any]:
    """The best baseline, as a dashed line with its name."""
    return {
        "y": baseline,
        "line": {"color": LINE, "width": 1.5, "dash": "dash"},
        "annotation": {"text": f"best baseline {baseline:.1%}", "xanchor": "right", "x": 1},
    }


def spread(rows: pl.DataFrame, baseline: float | None) -> go.Figure:
    """How many models have which score."""
    figure = go.Figure(
        go.Histogram(
            x=rows["accuracy"],
            xbins={"start": 0, "end": 1 + BIN, "size": BIN},
            hovertemplate="%{x}: %{y:,} models<extra></extra>",
        ),
        frame("Models")
        | {
            "xaxis": {"title": "Accuracy", "tickformat": ".0%"},
            "yaxis": {"title": "Models", "tickformat": ",d"},
            "bargap": 0.05,
        },
    )
    if baseline is not None:
        figure.add_vline(
            x=baseline,
            line={"color": LINE, "width": 1.5, "dash": "dash"},
            annotation={"text": f"best baseline {baseline:.1%}", "yanchor": "bottom", "y": 1},
        )
    return figure


def markings(ranks: pl.DataFrame) -> go.Figure:
    """A line per model from its rank in one marking to that in the next; best on top."""
    names = list(field.MARKINGS.values())
    lines = [
        go.Scatter(
            x=names,
            y=places,
            mode="lines+markers+text",
            line={"width": 1.5},
            marker={"size": 7},
            text=["", "", escape(label, quote=False)],
            textposition="middle right",
            cliponaxis=False,
            hovertemplate=f"{escape(label, quote=False)}<br>%{{x}}: rank %{{y}}<extra></extra>",
        )
        for label, *places in ranks.head(MOST_LINES)
        .select("label", *(f"{name}_rank" for name in field.MARKINGS))
        .iter_rows()
    ]
    last = max((place for line in lines for place in line.y), default=1)
    return go.Figure(
        lines,
        {
            "yaxis": {"title": "Rank", "range": [last + 0.6, 0.4], "zeroline": False},
            "xaxis": {"side": "top", "range": [-0.15, 3.4]},
            "height": 120 + 24 * min(ranks.height, MOST_LINES),
            "showlegend": False,
            "margin": {"l": 10, "r": 20, "t": 40, "b": 10},
        },
    )

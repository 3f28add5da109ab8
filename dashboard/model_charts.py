"""Polars frames to the figures of the model page; no Streamlit here."""

from html import escape

import plotly.graph_objects as go
import polars as pl

from dashboard.charts import ROW_HEIGHT

GREY = "#8a9a9b"  # is read on white and on black
LABEL_LENGTH = 28
CONFIG = {"displayModeBar": False}


def differences(rows: pl.DataFrame) -> go.Figure:
    """Points over the field's median with 95% intervals, best on top; `rows` as compared.

    What is beyond chance is a filled diamond, the rest an open circle; what is small is grey.
    """
    shown = rows.reverse()
    labels = [subject_label(*row) for row in shown.select("slice_value", "n").iter_rows()]
    shown = shown.with_columns(pl.Series("label", labels, dtype=pl.String))
    figure = go.Figure(
        [
            difference_dots(shown.filter(~pl.col("is_small")), {}),
            difference_dots(shown.filter("is_small"), {"color": GREY}),
        ]
    )
    figure.add_vline(x=0, line={"color": GREY, "width": 1, "dash": "dash"})
    figure.update_xaxes(title="Points over the field's median", zeroline=False)
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=labels, automargin=True
    )
    figure.update_layout(
        height=110 + ROW_HEIGHT * shown.height,
        margin={"l": 10, "r": 20, "t": 20, "b": 40},
        showlegend=False,
    )
    return figure


def difference_dots(part: pl.DataFrame, color: dict[str, str]) -> go.Scatter:
    """The dots of `part`; without a `color` they have the theme's own."""
    symbols = ["diamond" if is_sure else "circle-open" for is_sure in part["is_sure"]]
    return go.Scatter(
        x=part["difference"],
        y=part["label"],
        mode="markers",
        marker={"size": 9, "symbol": symbols, **color},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": part["high"] - part["difference"],
            "arrayminus": part["difference"] - part["low"],
            "thickness": 1.5,
            "width": 3,
            **color,
        },
        customdata=part.select("accuracy", "field_median"),
        hovertemplate="%{y}<br>%{customdata[0]:.1%} right, the field's median "
        "%{customdata[1]:.1%}<extra></extra>",
    )


def subject_label(subject: str, n: int) -> str:
    """The subject, cut where it is long, and how many questions it has."""
    name = subject if len(subject) <= LABEL_LENGTH else f"{subject[:LABEL_LENGTH]}…"
    return f"{escape(name, quote=False)} ({n:,})"


def reliability(bins: pl.DataFrame) -> go.Figure:
    """How often answers were right by how sure they were, with n below; `bins` with intervals."""
    figure = go.Figure()
    figure.add_scatter(
        x=bins["confidence"],
        y=bins["accuracy"],
        mode="markers+lines",
        marker={"size": 9},
        line={"width": 1},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": bins["high"] - bins["accuracy"],
            "arrayminus": bins["accuracy"] - bins["low"],
            "thickness": 1.5,
            "width": 4,
        },
        customdata=bins.select("n", "low", "high"),
        hovertemplate="%{x:.1%} sure: %{y:.1%} right (%{customdata[1]:.1%} to "
        "%{customdata[2]:.1%})<br>%{customdata[0]:,} answers<extra></extra>",
    )
    figure.add_scatter(
        x=bins["confidence"],
        y=[(-0.05, -0.12)[place % 2] for place in range(bins.height)],  # room on a phone
        text=[f"{n:,}" for n in bins["n"]],
        mode="text",
        textfont={"size": 11},
        hoverinfo="skip",
    )
    figure.add_trace(diagonal())
    figure.update_xaxes(title="How sure (below the points: number of answers)")
    figure.update_yaxes(title="How often right, with 95% interval", range=[-0.17, 1.03])
    return framed(figure)


def diagonal() -> go.Scatter:
    """Where a model would be that is right as often as it is sure."""
    return go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dash", "color": GREY}, hoverinfo="skip"
    )


def risk_curve(risks: pl.DataFrame) -> go.Figure:
    """The error over the surest answers, by how many are answered."""
    figure = go.Figure(
        go.Scatter(
            x=risks["coverage"],
            y=risks["error"],
            mode="lines",
            hovertemplate="The surest %{x:.0%} answered: %{y:.1%} wrong<extra></extra>",
        )
    )
    figure.update_xaxes(title="Share of questions answered, the surest first")
    figure.update_yaxes(title="Share of these wrong", rangemode="tozero")
    return framed(figure)


def framed(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(tickformat=".0%", range=[0, 1.03])
    figure.update_yaxes(tickformat=".0%")
    figure.update_layout(height=380, showlegend=False, margin={"l": 10, "r": 10, "t": 20, "b": 40})
    return figure

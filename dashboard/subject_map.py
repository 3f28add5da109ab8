"""How the runs of a lane do on each kind of questions, as a map; no Streamlit here."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from dashboard.case_mix import kind_title
from dashboard.model_charts import GREY
from dashboard.subjects import SMALL

CELL = (38, 23)  # pixels, across and down
LONGEST = 22  # characters of a model's name above its column
PALE = "rgba(128, 140, 140, 0.22)"


def arrange(scores: pl.DataFrame, run_ids: Sequence[str]) -> pl.DataFrame:
    """The scores of these runs with kind, is_small and the field's median of the kind.

    `scores` is the answer to subject_scores; the kinds that the field finds hardest come first,
    those of few questions last.
    """
    rows = scores.with_columns(kind=kind_title(), is_small=pl.col("n") < SMALL).with_columns(
        median=pl.col("accuracy").median().over("kind")
    )
    return rows.filter(pl.col("run_id").is_in(list(run_ids))).sort("is_small", "median", "kind")


def finding(scores: pl.DataFrame) -> str:
    """Which kinds the field finds hardest and easiest, of those with enough questions."""
    kinds = (
        scores.filter(pl.col("n") >= SMALL)
        .group_by(kind_title().alias("kind"))
        .agg(median=pl.col("accuracy").median(), n=pl.col("n").max())
        .sort("median", "kind")
    )
    if kinds.height < 2:
        return "Too few kinds of questions to compare"
    hard, easy = kinds.row(0, named=True), kinds.row(-1, named=True)
    who = "The median model" if scores["run_id"].n_unique() > 1 else "The model"
    return (
        f"{who} is right on {hard['median']:.0%} of {hard['kind']} (n={hard['n']:,}) and on "
        f"{easy['median']:.0%} of {easy['kind']} (n={easy['n']:,})"
    )


def draw(rows: pl.DataFrame, names: dict[str, str]) -> go.Figure:
    """A cell per kind and run: its accuracy, in per cent; few questions are grey, in brackets.

    `rows` are arranged; `names` says what each run is called, best first.
    """
    kinds = rows["kind"].unique(maintain_order=True).to_list()[::-1]  # counted from below
    sizes = dict(rows.group_by("kind").agg(pl.col("n").max()).iter_rows())
    return go.Figure(
        [
            cells(rows.filter(~pl.col("is_small")), kinds, names, is_small=False),
            cells(rows.filter("is_small"), kinds, names, is_small=True),
        ],
        {
            "xaxis": {
                "side": "top",
                "tickangle": -90,
                "tickvals": list(range(len(names))),
                "ticktext": [shorten(name) for name in names.values()],
                "showgrid": False,
                "zeroline": False,
            },
            "yaxis": {
                "tickvals": list(range(len(kinds))),
                "ticktext": [f"{escape(kind, quote=False)} ({sizes[kind]:,})" for kind in kinds],
                "automargin": True,
                "showgrid": False,
                "zeroline": False,
            },
            "width": 300 + CELL[0] * len(names),
            "height": 170 + CELL[1] * len(kinds),
            "margin": {"l": 10, "r": 10, "t": 150, "b": 10},
        },
    )


def cells(
    rows: pl.DataFrame, kinds: list[str], names: dict[str, str], *, is_small: bool
) -> go.Heatmap:
    """The cells of large kinds, or of small ones."""
    facts = ("accuracy", "n", "interval_low", "interval_high")
    found = {(row["kind"], row["run_id"]): row for row in rows.iter_rows(named=True)}
    grid: list[list[Any]] = [[found.get((kind, run_id)) for run_id in names] for kind in kinds]
    percent = "({:.0f})" if is_small else "{:.0f}"
    colors: dict[str, Any] = {"colorscale": "Viridis"}
    if is_small:
        colors = {"colorscale": [[0, PALE], [1, PALE]], "textfont": {"color": GREY}}
    known = [[[cell[fact] if cell else None for fact in facts] for cell in line] for line in grid]
    named = [
        [[escape(name, quote=False), escape(kind, quote=False)] for name in names.values()]
        for kind in kinds
    ]
    return go.Heatmap(
        z=[[cell and cell["accuracy"] * 100 for cell in line] for line in grid],
        # arrays, because Plotly looks into every item of lists
        text=np.array(
            [
                [percent.format(cell["accuracy"] * 100) if cell else "" for cell in line]
                for line in grid
            ]
        ),
        customdata=np.concatenate([np.array(known, object), np.array(named, object)], axis=2),
        texttemplate="%{text}",
        hovertemplate="%{customdata[4]}<br>%{customdata[5]}: %{customdata[0]:.1%} "
        "(%{customdata[2]:.1%} to %{customdata[3]:.1%})<br>%{customdata[1]:,} questions"
        "<extra></extra>",
        hoverongaps=False,
        showscale=False,
        xgap=1,
        ygap=1,
        **colors,
    )


def shorten(name: str) -> str:
    """The end of a name: its beginning is who made it."""
    return escape(name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}", quote=False)


def export(rows: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """A line per model and kind, as a file has it; shares are from 0 to 1."""
    return rows.select(
        pl.col("run_id").replace_strict(names).alias("model"),
        "run_id",
        "task",
        "subject",
        "n",
        "correct",
        "accuracy",
        "interval_low",
        "interval_high",
    )

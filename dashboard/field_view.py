"""The parts of the charts that are of models. All names are shown as text."""

from collections.abc import Callable, Mapping

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import (
    case_mix,
    comparing,
    data,
    explanations,
    field,
    field_charts,
    field_data,
    subject_map,
    tables,
    widgets,
)

MOST_MODELS = 40
FIRST_MODELS = 15
Drawing = Callable[[pl.DataFrame, float | None], go.Figure]
AGAINST: Mapping[str, tuple[Callable[[pl.DataFrame], str], Drawing]] = {
    "parameters": (field.say_size, field_charts.against_size),
    "released_at": (field.say_time, field_charts.against_time),
    "cost_per_1000": (field.say_cost, field_charts.against_cost),
}
"""From what scores are drawn against to the finding and the chart."""


def choose_score(rows: pl.DataFrame, titles: dict[str, str], *, nine: bool) -> str:
    """Let the reader choose a score that some of the `rows` have."""
    names = tables.score_names(rows, titles, nine=nine)
    names.pop(case_mix.TITLE, None)
    return names[str(st.selectbox("Score", list(names), key="score", bind="query-params"))]


def show_subjects(rows: pl.DataFrame, lane: str, score: str) -> None:
    """How models do on each kind of questions."""
    scores = field_data.subject_scores(lane, rows["board"][0])
    if scores.is_empty():
        st.info("No answers of this lane are here, so nothing is known by subject.")
        return
    answered = rows.filter(pl.col("run_id").is_in(scores["run_id"].unique().implode()))
    names = choose_models(answered.sort(score, "model", descending=[True, False], nulls_last=True))
    if not names:
        st.info("Choose a model to see its subjects.")
        return
    said = subject_map.finding(field.real_models(scores))
    arranged = subject_map.arrange(scores, list(names))
    show_title(said, explanations.SUBJECT_MAP)
    widgets.show_figure(subject_map.draw(arranged, names), said)
    widgets.offer_csv(subject_map.export(arranged, names), f"subjects-{lane}")


def choose_models(answered: pl.DataFrame) -> dict[str, str]:
    """Let the reader choose models, best first; from each run to what it is called."""
    known = comparing.short_names(
        data.runs().filter(pl.col("run_id").is_in(answered["run_id"].implode()))
    )
    labels = {run_id: known[run_id] for run_id in answered["run_id"]}
    best = field.real_models(answered)["run_id"].to_list()[:FIRST_MODELS]
    chosen = st.multiselect(
        "Models",
        list(labels),
        best,
        format_func=labels.__getitem__,
        max_selections=MOST_MODELS,
        key="models",
        bind="query-params",
    )
    return {run_id: labels[run_id] for run_id in labels if run_id in chosen}


def show_size(rows: pl.DataFrame, lane: str, score: str) -> None:
    """Accuracy against the number of weights."""
    show_against(rows, lane, score, "parameters")


def show_time(rows: pl.DataFrame, lane: str, score: str) -> None:
    """Accuracy against release."""
    show_against(rows, lane, score, "released_at")


def show_cost(rows: pl.DataFrame, lane: str, score: str) -> None:
    """Accuracy against what answers cost."""
    show_against(rows, lane, score, "cost_per_1000")


def show_against(rows: pl.DataFrame, lane: str, score: str, by: str) -> None:
    """Accuracy over the column `by`, and in words how many models lack it."""
    scored = field.score_rows(rows, score)
    missing = scored.filter(pl.col(by).is_null()).height
    what = explanations.AGAINST[by]
    if missing == scored.height:
        st.info(f"Of none of these {scored.height:,} models {what.unknown} is known.")
        return
    say, draw = AGAINST[by]
    said = say(scored)
    show_title(said, what.meaning)
    widgets.show_figure(draw(scored, field.best_baseline(rows, score)), said)
    if missing:
        models = "1 model" if missing == 1 else f"{missing:,} models"
        st.caption(f"Not drawn: {models} of which {what.unknown} is not known.")
    widgets.offer_csv(scored.drop("tier"), f"{by}-{lane}-{score}")


def show_spread(rows: pl.DataFrame, lane: str, score: str) -> None:
    """How scores are spread."""
    scored = field.score_rows(rows, score)
    baseline = field.best_baseline(rows, score)
    said = field.say_spread(scored, baseline)
    show_title(said, explanations.SPREAD)
    widgets.show_figure(field_charts.spread(scored, baseline), said)
    widgets.offer_csv(scored.drop("tier"), f"scores-{lane}-{score}")


def show_markings(rows: pl.DataFrame, lane: str, _: str) -> None:
    """How ranks change with the way that scores are summed up."""
    ranks = field.rank_markings(rows)
    if ranks.height < 2:
        st.info("No two models of this lane have all nine tasks complete.")
        return
    said = field.say_markings(ranks)
    show_title(said, explanations.MARKINGS)
    if ranks.height > field_charts.MOST_LINES:
        st.caption(f"The first {field_charts.MOST_LINES} of {ranks.height:,}.")
    widgets.show_figure(field_charts.markings(ranks), said)
    widgets.offer_csv(ranks, f"markings-{lane}")
    half = field.negative_marking(0.5)
    st.subheader("Negative marking changes no rank", anchor=False)
    st.markdown(explanations.POINTWISE.format(half=f"{half:.3f}"))


def show_title(said: str, explained: str) -> None:
    """The finding as the head of a chart, and how to read it."""
    st.subheader(widgets.as_written(said), anchor=False)
    st.caption(explained)

"""The model page's head, scores, subjects and runs. All text of others is shown as text."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from dashboard import (
    addresses,
    boards,
    clickable,
    data,
    mark_data,
    marking,
    model_charts,
    model_columns,
    models,
    run_data,
    subjects,
    widgets,
    wording,
)

Row = Mapping[str, Any]


def show_mark(model: str) -> None:
    """What maintainers say of a model, where they say anything."""
    mark = marking.find(mark_data.marks(), model)
    if mark is None:
        return
    with st.container(border=True):
        if mark["kind"] == marking.HIDDEN:
            st.markdown(f":red-badge[:material/visibility_off: hidden] {wording.HIDDEN_MODEL}")
        else:
            st.markdown(f":orange-badge[:material/flag: flagged] {wording.FLAGGED_MODEL}")
        st.text(mark["why"])
        st.caption(f"Since {mark['since']:%Y-%m-%d}.")


def show_facts(run: Row) -> None:
    """Who answered, with a link to the Hub where the name is of there."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(models.model_facts(run), width="stretch")
        if address := models.hub_address(run):
            st.link_button("On the Hugging Face Hub", address, icon=":material/open_in_new:")
    with st.container(horizontal=True, gap="small"):
        st.page_link(
            "app_pages/errors.py",
            label="Its wrong answers",
            icon=":material/rule:",
            query_params=addresses.errors(run["run_id"], {}, {}),
        )
        st.page_link(
            "app_pages/safety.py",
            label="Its safety beside others",
            icon=":material/health_and_safety:",
            query_params=addresses.safety(
                lane=run["lane"], view=boards.view_of([run["task"]], data.task_titles())
            ),
        )
        st.page_link(
            "app_pages/compare.py",
            label="Compare it with others",
            icon=":material/compare_arrows:",
            query_params=addresses.compare([run["run_id"]]),
        )
    if overlap := models.explain_overlap(run):
        with st.container(border=True):
            st.markdown(":orange-badge[:material/warning: training overlap]")
            st.text(overlap)


def show_standing(answered: pl.DataFrame, run: Row) -> None:
    """How it was asked, and what keeps the run from counting in full."""
    line = models.list_runs(answered).row(
        by_predicate=pl.col("run_id") == run["run_id"], named=True
    )
    st.text(f"Lane {run['lane']}. {wording.describe_lane(run['lane'])}")
    if line["standing"] not in ("current", "doubtful"):
        st.info(models.explain(line["standing"]), icon=":material/history:")
    if run["suspect"]:
        with st.container(border=True):
            st.markdown(f":orange-badge[:material/warning: doubtful] {wording.DOUBTFUL_RUN}")
            st.text(run["suspect"])
    if line["partial"]:
        st.caption(f"Partial: {line['partial']}. A partial task has no rank and leaves no average.")


def show_scores(run_id: str) -> None:
    """The figures that sum the run up, and each task."""
    scores = run_data.model_scores(run_id)
    with st.container(horizontal=True, gap="medium"):
        for label, value in models.summary(scores).items():
            st.metric(label, value, width="content")
    rows = models.score_rows(scores)
    st.dataframe(
        rows,
        column_config=model_columns.scores(rows),
        hide_index=True,
        height="content",
        alt="Scores of the run, a row a task, with interval and rank",
        placeholder="–",
    )
    if not scores["complete"].all():
        st.caption(r"\* Only some of the task's questions were answered.")
    st.caption(
        "Accuracy and shares are per cent. A rank stands with its 95% interval; runs of one tier "
        "cannot be told from its best."
    )


def show_subjects(run_id: str) -> None:
    """Where the run is better and worse than the field."""
    name = str(
        st.segmented_control(
            "Compare by",
            list(subjects.SLICES),
            default="Subjects",
            required=True,
            key="compare",
            bind="query-params",
        )
    )
    rows = subjects.compare(run_data.field(run_id), subjects.SLICES[name])
    if rows.is_empty():
        st.info(
            "There is nothing to compare with: no other model of this lane answered the same "
            f"questions in full, or the source names no {name.lower()}."
        )
        return
    st.subheader(subjects.finding(rows, name), anchor=False)
    for sentence in filter(None, (subjects.strongest(rows), subjects.weakest(rows))):
        st.text(sentence)
    st.caption(explain_field(rows))
    widgets.show_figure(model_charts.differences(rows), subjects.finding(rows, name))
    shown = subjects.table_rows(rows)
    widgets.offer_csv(shown, f"{run_id}-{subjects.SLICES[name]}")
    st.dataframe(
        shown,
        column_config=model_columns.subjects(name),
        hide_index=True,
        height="content",
        alt=f"{name} with the run's accuracy and the field's median",
    )


def explain_field(rows: pl.DataFrame) -> str:
    """What the field is, and how to read the plot."""
    counts = rows["field"].to_list()
    runs = f"{'up to ' if min(counts) < max(counts) else ''}{max(counts):,}"
    return (
        f"The field: {runs} current {'run' if max(counts) == 1 else 'runs'} of other models in "
        "this lane that answered the same questions in full; baselines, random weights and "
        "doubtful runs are left out. In brackets the number of questions; the bars are 95% "
        "intervals. Filled: beyond chance, judged for all at once at 95%. Open: may be chance. "
        f"Grey: fewer than {subjects.SMALL} questions, of which nothing is said."
    )


def show_runs(run_id: str) -> None:
    """Every run of the model, with its revision, and which one counts."""
    model = run_data.receipt(run_id)["model"][0]
    runs = models.list_runs(run_data.model_runs(model))

    def lead(line: int) -> clickable.Lead | None:
        opened = runs["run_id"][line]
        if opened == run_id:  # a click stays selected: opening the same again would never end
            return None
        return clickable.Lead(addresses.model(model, opened))

    clickable.show_lines(
        # another run begins with nothing selected
        clickable.Table(f"runs {run_id}", "Runs of the model, the latest first"),
        runs.drop("run_id"),
        model_columns.runs(runs),
        lead,
    )
    st.caption("Click a row to open the run. Of runs that were asked alike, one counts.")

"""The parts of the comparison, each a piece of the screen. All names are shown as text."""

import math

import polars as pl
import streamlit as st

from dashboard import (
    clickable,
    columns,
    comparing,
    comparison_charts,
    data,
    error_columns,
    filters,
    run_data,
    verdicts,
    widgets,
    wording,
)
from warehouse import comparisons
from warehouse.sheets import AVERAGE
from warehouse.statistics.agreement import order_alike

GROUPS = {"The chosen models": 0, "The best 20 of the lane": 20, "The best 60 of the lane": 60}
Names = dict[str, str]
"""From run to what it is called here."""


def score_titles() -> dict[str, str]:
    """From each task, and the average, to its title."""
    return {AVERAGE: "Average of the nine"} | data.task_titles()


def show_findings(differences: pl.DataFrame, names: Names, runs: pl.DataFrame) -> None:
    """A sentence for each run beside the first."""
    titles = score_titles()
    one, *others = names
    with st.container(border=True, gap="small"):
        for other in others:
            rows = differences.filter(pl.col("run_id") == other)
            st.text(verdicts.say_difference(rows, names[one], names[other], titles))
            pair = runs.filter(pl.col("run_id").is_in([one, other]))
            if rows.height and verdicts.are_revisions(pair):
                st.text(verdicts.say_revisions(rows))
        st.caption(wording.SURE)


def show_scores(differences: pl.DataFrame, names: Names) -> None:
    """Each run's score of each task, and what the others differ by from the first."""
    titles = score_titles()
    st.subheader("Scores", anchor=False)
    scores = run_data.run_scores(list(names))
    widgets.show_figure(
        comparison_charts.score_intervals(scores, names, titles),
        "Scores of each model by task, with intervals; the table below has them",
    )
    st.dataframe(
        comparing.score_rows(scores, titles).select("task", *names).to_arrow(),
        column_config=columns.runs("Task", names, 150),
        hide_index=True,
        width="content",
        height="content",
        alt="Scores of each model on each task, in per cent",
        placeholder="–",
    )
    partial = bool((scores["n"] < scores["expected"]).any())
    st.caption(
        "Per cent answered rightly, ± half the width of the 95% interval."
        + (r" \* Only some of the task's questions were answered." if partial else "")
    )
    widgets.offer_csv(comparing.named(scores, names), "scores")
    if differences.height:
        show_differences(differences, names)


def show_differences(differences: pl.DataFrame, names: Names) -> None:
    """What each other run differs by from the first, drawn and in a table."""
    titles = score_titles()
    st.subheader("Differences", anchor=False)
    first, *_ = names.values()
    st.text(f"Each against {first}, on the questions that both answered.")
    widgets.show_figure(
        comparison_charts.difference_intervals(differences, names, titles),
        "Differences from the first model by task, with intervals; the table below has them",
    )
    st.caption(wording.DOTS)
    st.dataframe(
        comparing.difference_rows(differences, names, titles).to_arrow(),
        column_config=columns.differences(one_other=len(names) == 2),
        hide_index=True,
        height="content",
        alt="Differences from the first model by task, with tests",
        placeholder="–",
    )
    tasks = differences.filter(pl.col("task") != AVERAGE)
    if shared := int(tasks["same_cluster"].sum()):
        st.caption(
            f"{shared:,} of {tasks['n'].sum():,} pairs of answers are to questions on a case "
            "that others share: they count for less, and vote once."
        )
    widgets.offer_csv(comparing.named(differences, names), "differences")


def asked_again(sheets: pl.DataFrame) -> set[str]:
    """The runs that answered each question of a task several times."""
    return {*sheets.filter(pl.col("shares").is_not_null())["run_id"]}


def show_questions(names: Names) -> None:
    """The questions that one run has right, or more often right; a click opens the case."""
    again = asked_again(run_data.sheets(list(names)))
    only = "only one of them has right" if not again else "one of them has right more often"
    st.subheader(f"Questions that {only}", anchor=False)
    pair_box, task_box = st.columns([3, 1])
    with pair_box:
        right, wrong = choose_pair(names, again)
    answered = run_data.run_scores([right, wrong])["task"].unique(maintain_order=True)
    titles = {data.task_titles()[task]: task for task in answered if task != AVERAGE}
    with task_box:
        task = titles.get(filters.choose_value("Task", "right_on", list(titles), "None"), "")
    first = run_data.only_right(right, wrong, task, 0)
    if first.is_empty():
        st.info("There is no such question.", icon=":material/check_circle:")
        return
    total = first["total"][0]
    show_page(total, right, wrong, task)
    picked = "what the wrong one chose" if wrong not in again else "the first wrong answer"
    st.caption(f"{total:,} questions. Picked is {picked}. Click a row to read it.")


def choose_pair(names: Names, again: set[str]) -> tuple[str, str]:
    """Let the reader choose who is right and who is wrong; `again` are asked several times."""
    one, *others = names
    pairs = [pair for other in others for pair in ((other, one), (one, other))]
    labels = {
        f"{names[right]} more often right than {names[wrong]}"
        if again & {right, wrong}
        else f"{names[right]} right, {names[wrong]} wrong": (right, wrong)
        for right, wrong in pairs
    }
    return labels[st.selectbox("Which", list(labels), key="pair", bind="query-params")]


def show_page(total: int, right: str, wrong: str, task: str) -> None:
    """One page of the questions."""
    pages = math.ceil(total / data.PAGE_SIZE)
    page = st.pagination(pages, key="at", bind="query-params") if pages > 1 else 1
    found = run_data.only_right(right, wrong, task, (page - 1) * data.PAGE_SIZE)
    rows = comparing.right_rows(found)
    clickable.show_lines(
        clickable.Table(
            "questions",
            "Questions that one model has right and the other wrong",
            1 + (page - 1) * data.PAGE_SIZE,
        ),
        rows,
        error_columns.only_right(rows),
        clickable.to_cases(found, wrong),
    )


def show_mistakes(names: Names, runs: pl.DataFrame) -> None:
    """How often each two models pick the same wrong choice."""
    st.subheader("Do they make the same mistakes?", anchor=False)
    group_box, task_box = st.columns([1, 1])
    with group_box:
        group = st.selectbox("Models", list(GROUPS), key="group", bind="query-params")
    if GROUPS[group]:
        lanes = runs.filter(pl.col("run_id") == next(iter(names)))["lane"]
        best = comparing.best_runs(
            runs.filter(pl.col("lane").is_in(lanes.implode())), GROUPS[group]
        )
        names = comparing.short_names(runs.filter(pl.col("run_id").is_in(best)))
    sheets = run_data.sheets(list(names))
    titles = {
        data.task_titles()[task]: task
        for task in run_data.keys_of(sheets)["task"].unique(maintain_order=True)
    }
    with task_box:
        task = titles.get(filters.choose_value("Task", "wrong_on", list(titles), "None"), "")
    if task:
        sheets = sheets.filter(pl.col("task") == task)
    agreement = comparisons.match_runs(sheets, run_data.keys_of(sheets), list(names))
    labels = list(names.values())
    alike = comparing.list_alike(agreement, labels)
    finding = verdicts.say_agreement(alike)
    st.text(finding)
    if asked_again(sheets):
        st.caption(
            "Of a model that was asked several times, the first pick of each question counts."
        )
    if alike.is_empty():
        return
    st.caption("By chance alone, two models that are wrong on four choices agree on one in three.")
    if len(labels) > 2:
        figure = comparison_charts.agreement_map(agreement, labels, order_alike(agreement.shares))
        widgets.show_figure(figure, finding)
        st.caption("Columns are the same models in the order of the rows, the most alike together.")
    st.dataframe(
        alike.head(data.PAGE_SIZE),
        column_config=columns.alike(),
        hide_index=True,
        height="content",
        alt="Pairs of models that make the same mistakes, most first",
    )


def show_settings(names: Names) -> None:
    """In what the runs differ, and nothing else."""
    st.subheader("What differs between the runs", anchor=False)
    rows = comparing.setting_rows(run_data.run_settings(list(names)))
    st.dataframe(
        rows.select("setting", *names),
        column_config=columns.runs("Setting", names),
        hide_index=True,
        height="content",
        alt="Settings that are not the same in all runs",
        placeholder="–",
    )
    st.caption("What is the same in all of them is left out. A dash: not recorded, or not asked.")

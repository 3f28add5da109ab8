"""What the list of wrong answers says above and below its table."""

from collections.abc import Mapping

import polars as pl
import streamlit as st

from dashboard import addresses, boards, data, flags, tables, wording

NARROW: dict[str, str | None] = {"flag": None, "harm": None, "search": ""}
"""The widgets that leave fewest answers, and what each holds when it leaves all."""


def show_links(answered: pl.DataFrame, filters: Mapping[str, str]) -> None:
    """Lead to the one model whose answers these are, and to all models' safety."""
    with st.container(horizontal=True, gap="small"):
        if answered.height == 1:
            st.page_link(
                "app_pages/model.py",
                label="This model's scores, strengths and calibration",
                icon=":material/person_search:",
                query_params=addresses.model(answered["model"][0], answered["run_id"][0]),
            )
        st.page_link(
            "app_pages/safety.py",
            label="How safe models are, by kind of patient",
            icon=":material/health_and_safety:",
            query_params=addresses.safety(
                filters["safety"],
                view=boards.view_of(find_tasks(answered, filters), data.task_titles()),
            ),
        )


def find_tasks(answered: pl.DataFrame, filters: Mapping[str, str]) -> list[str]:
    """The task that is chosen, or those of the runs that are."""
    return [filters["task"]] if filters["task"] else answered["tasks"].explode().to_list()


def show_counts(answered: pl.DataFrame, counts: pl.DataFrame, total: int) -> None:
    """How many answers of the runs chosen, or of all, are wrong, and how many the list has.

    The list has every answer to a question that was asked several times; a score has the question,
    by the share of its answers that are wrong.
    """
    wrong, listed = tables.count_errors(counts), count_listed(counts)
    if listed != wrong:
        show_repeated(answered, wrong, listed, total)
        return
    if answered.is_empty():
        told = f"{wrong:,} answers of all models are wrong; baselines are left out"
    else:
        told = f"{wrong:,} of {int(answered['answered'].sum()):,} answers are wrong"
        if unreadable := int(answered["unreadable"].sum()):
            told += f", {unreadable:,} of them unreadable"
    st.caption(f"{told}." + (f" {total:,} fit your filters." if total != wrong else ""))


def count_listed(counts: pl.DataFrame) -> int:
    """How many wrong answers the list has without filters: each is reviewed or not."""
    return int(counts.filter(slice="harm")["errors"].sum())


def show_repeated(answered: pl.DataFrame, wrong: int, listed: int, total: int) -> None:
    """As `show_counts`, where a question was asked several times: questions and answers apart."""
    told = f"{listed:,} answers "
    if answered.is_empty():
        told += "of all models are wrong; baselines are left out."
    else:
        asked = int(answered["answered"].sum())
        told += (
            "are wrong. Counted as scores count, each question by the share of its answers that "
            f"are wrong, that is {wrong:,} of {asked:,} questions"
        )
        unreadable = int(answered["unreadable"].sum())
        told += f", {unreadable:,} of them unreadable." if unreadable else "."
    st.caption(told + (f" {total:,} answers fit your filters." if total != listed else ""))


def show_nothing(filters: Mapping[str, str], *, of_all: bool) -> None:
    """Say that no answer fits, and offer to do without the narrowest filters."""
    if not any(value for name, value in filters.items() if name != "runs"):
        if of_all:
            st.info(wording.NO_MISTAKES, icon=":material/info:")
        else:
            st.info("There is no wrong answer.", icon=":material/check_circle:")
        return
    st.info("No wrong answer fits these filters.", icon=":material/check_circle:")
    if any(filters[name] for name in NARROW):
        st.button(
            "Without flag, harm and search",
            icon=":material/filter_alt_off:",
            on_click=st.session_state.update,
            args=(NARROW,),
        )


def show_notes(filters: Mapping[str, str]) -> None:
    """What the chosen flag means, what marks are, and what a click does."""
    if flag := flags.FLAGS.get(filters["flag"]):
        st.caption(f"**{flag.name}.** {flag.meaning}")
    marked = " Words searched for stand in »these marks«." if filters["search"] else ""
    st.caption(
        f"Click a row to read the question; there, j is the next and k the one before.{marked}"
    )

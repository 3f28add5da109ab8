"""How Streamlit shows the columns of each table."""

from collections.abc import Mapping

import polars as pl
from streamlit import column_config as column
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.wording import COLUMNS

Settings = dict[str, ColumnConfig | None]  # None hides a column
OPTIONAL = ("confidence", "task", "subject", "context")


def text(name: str, width: int) -> ColumnConfig:
    return column.TextColumn(COLUMNS[name].head, help=COLUMNS[name].meaning, width=width)


def number(name: str, width: int, form: str | None = None) -> ColumnConfig:
    head, meaning = COLUMNS[name]
    return column.NumberColumn(head, help=meaning, width=width, format=form)


def leaderboard(ranked: pl.DataFrame, tasks: pl.DataFrame) -> Settings:
    """Settings of the leaderboard; a column that says nothing of the `ranked` rows is hidden.

    `tasks` has the task, title and short name of each shown.
    """
    published = bool((ranked["origin"] == "published").any())
    marked = published or bool(ranked["suspect"].any())
    scores = {
        task: column.TextColumn(
            short, help=f"{title}. {COLUMNS['accuracy'].meaning}", width=83, alignment="right"
        )
        for task, title, short in tasks.select("task", "title", "short").iter_rows()
    }
    head, meaning = COLUMNS["average"]
    average = column.ProgressColumn(
        head, help=meaning, format="%.1f", min_value=0, max_value=100, width=100
    )
    head, meaning = COLUMNS["source"]
    source = column.LinkColumn(head, help=meaning, display_text="published", width=80)
    return {
        "rank": number("rank", 36),
        "model": text("model", 236),
        "average": average,
        "margin": text("margin", 48),
        "tasks": text("tasks", 52),
        "mark": text("mark", 76) if marked else None,
        "type": text("type", 105),
        "size": text("size", 60),
        "precision": text("precision", 80),
        "answered": number("answered", 80),
        "unreadable": number("unreadable", 90),
        "source": source if published else None,
        "doubt": text("doubt", 220) if marked else None,
        **scores,
    }


def errors(rows: pl.DataFrame) -> Settings:
    """Settings of the list of wrong answers; a column that says nothing of `rows` is hidden."""
    settings = {
        "question": text("question", 430),
        "picked": text("picked", 230),
        "key": text("key", 230),
        "confidence": number("confidence", 56, "%.0f%%"),
        "task": text("task", 100),
        "subject": text("subject", 120),
        "context": text("context", 170),
    }
    silent = {name for name in settings if rows[name].n_unique() == 1 and name in OPTIONAL}
    return {name: None if name in silent else shown for name, shown in settings.items()}


def picks(*, confidence: bool) -> Settings:
    """Settings of the list of what each model picked on one question."""
    return {
        "result": column.TextColumn("", width=60),
        "model": column.TextColumn("Model", width=200),
        "pick": column.TextColumn("Pick", width=48),
        "confidence": number("confidence", 60, "%.0f%%") if confidence else None,
        "lane": column.TextColumn("Lane", width=150),
    }


def runs(head: str, names: Mapping[str, str], width: int | None = None) -> Settings:
    """Settings of a table with a column a run, by its id; `head` heads the column before them."""
    shown = {run_id: column.TextColumn(name, width=width) for run_id, name in names.items()}
    return {head.lower(): column.TextColumn(head), **shown}


def differences(*, one_other: bool) -> Settings:
    """Settings of the differences between runs; the model is named where there are several."""
    return {
        "other": None if one_other else text("other", 180),
        "task": text("task", 150),
        "verdict": text("verdict", 90),
        "difference": number("difference", 84, "%+.1f"),
        "within": text("within", 110),
        "both": number("both", 70),
        "only_other": number("only_other", 84),
        "only_one": number("only_one", 84),
        "p_value": text("p_value", 72),
        "corrected": text("corrected", 90),
        "detectable": number("detectable", 84, "%.1f"),
    }


def only_right(rows: pl.DataFrame) -> Settings:
    """Settings of the questions that one run alone has right, as in the list of wrong answers."""
    return errors(rows.with_columns(confidence=pl.lit(None)))


def alike() -> Settings:
    """Settings of the pairs of runs that make the same mistakes."""
    return {
        "model": column.TextColumn("Model", width=230),
        "partner": text("partner", 230),
        "share": number("share", 110, "%.0f%%"),
        "same": number("same", 110),
        "both_wrong": number("both_wrong", 110),
    }

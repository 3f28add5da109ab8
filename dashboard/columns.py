"""How Streamlit shows the columns of each table."""

import polars as pl
from streamlit import column_config as column
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.wording import COLUMNS


def leaderboard(tasks: pl.DataFrame, *, published: bool) -> dict[str, ColumnConfig | None]:
    """Column settings of the leaderboard; `tasks` has the name, title and short of each shown."""
    scores = {
        task: column.TextColumn(
            short, help=f"{title}. {COLUMNS['accuracy']}", width=88, alignment="right"
        )
        for task, title, short in tasks.select("task", "title", "short").iter_rows()
    }
    return {
        "rank": column.NumberColumn("#", help=COLUMNS["rank"], width=40),
        "model": column.TextColumn("Model", help=COLUMNS["model"], width=220),
        "average": column.ProgressColumn(
            "Average",
            help=COLUMNS["average"],
            format="percent",
            min_value=0,
            max_value=1,
            width=110,
        ),
        "margin": column.TextColumn("95%", help=COLUMNS["average"], width=56),
        "tasks": column.TextColumn("Tasks", help=COLUMNS["tasks"], width=60),
        "type": column.TextColumn("Type", help=COLUMNS["type"], width=105),
        "size": column.TextColumn("Size", help=COLUMNS["size"], width=60, alignment="right"),
        "precision": column.TextColumn("Precision", help=COLUMNS["precision"], width=80),
        "answered": column.NumberColumn("Answered", help=COLUMNS["answered"], width=80),
        "unreadable": column.NumberColumn("Unreadable", help=COLUMNS["unreadable"], width=90),
        "source": column.LinkColumn(
            "Source", help=COLUMNS["source"], display_text="published", width=80
        )
        if published
        else None,
        "doubt": column.TextColumn("Doubt", help=COLUMNS["doubt"], width=220)
        if published
        else None,
        **scores,
    }


def errors(*, confidence: bool, subject: bool, context: bool) -> dict[str, ColumnConfig | None]:
    """Column settings of the list of wrong answers."""
    return {
        "question": column.TextColumn("Question", width=520),
        "picked": column.TextColumn("Picked", help=COLUMNS["picked"], width=190),
        "key": column.TextColumn("Key", help=COLUMNS["key"], width=190),
        "confidence": column.NumberColumn(
            "Sure", help=COLUMNS["confidence"], format="percent", step=0.01, width=64
        )
        if confidence
        else None,
        "task": column.TextColumn("Task", width=140),
        "subject": column.TextColumn("Subject", width=130) if subject else None,
        "context": column.TextColumn("Safety context", help=COLUMNS["context"], width=180)
        if context
        else None,
    }


def picks(*, confidence: bool) -> dict[str, ColumnConfig | None]:
    """Column settings of what other models picked."""
    return {
        "result": column.TextColumn("", width=70),
        "model": column.TextColumn("Model", width=210),
        "pick": column.TextColumn("Pick", width=60),
        "confidence": column.NumberColumn(
            "Sure", help=COLUMNS["confidence"], format="percent", step=0.01, width=64
        )
        if confidence
        else None,
        "lane": column.TextColumn("Lane", width=160),
    }

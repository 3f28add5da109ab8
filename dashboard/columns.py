"""How Streamlit shows the columns of each table."""

import polars as pl
from streamlit import column_config as column
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.wording import COLUMNS


def leaderboard(tasks: pl.DataFrame, *, published: bool) -> dict[str, ColumnConfig | None]:
    """Column settings of the leaderboard; `tasks` has the name, title and short of each shown."""
    scores = {
        task: column.TextColumn(
            short, help=f"{title}. {COLUMNS['accuracy']}", width=83, alignment="right"
        )
        for task, title, short in tasks.select("task", "title", "short").iter_rows()
    }
    return {
        "rank": column.NumberColumn("#", help=COLUMNS["rank"], width=36),
        "model": column.TextColumn("Model", help=COLUMNS["model"], width=236),
        "average": column.ProgressColumn(
            "Average", help=COLUMNS["average"], format="%.1f", min_value=0, max_value=100, width=100
        ),
        "margin": column.TextColumn("±", help=COLUMNS["average"], width=48),
        "tasks": column.TextColumn("Tasks", help=COLUMNS["tasks"], width=52),
        "type": column.TextColumn("Type", help=COLUMNS["type"], width=105),
        "size": column.TextColumn("Size", help=COLUMNS["size"], width=60, alignment="right"),
        "precision": column.TextColumn("Precision", help=COLUMNS["precision"], width=80),
        "answered": column.NumberColumn("Answered", help=COLUMNS["answered"], width=80),
        "unreadable": column.NumberColumn("Unreadable", help=COLUMNS["unreadable"], width=90),
        "mark": column.TextColumn("Mark", help=COLUMNS["mark"], width=76) if published else None,
        "source": column.LinkColumn(
            "Source", help=COLUMNS["source"], display_text="published", width=80
        )
        if published
        else None,
        "doubt": column.TextColumn("Doubt", help=COLUMNS["doubt"], width=236)
        if published
        else None,
        **scores,
    }


def errors(*, confidence: bool, subject: bool, context: bool) -> dict[str, ColumnConfig | None]:
    """Column settings of the list of wrong answers."""
    return {
        "question": column.TextColumn("Question", width=600),
        "picked": column.TextColumn("Picked", help=COLUMNS["picked"], width=190),
        "key": column.TextColumn("Key", help=COLUMNS["key"], width=190),
        "confidence": column.NumberColumn(
            "Sure", help=COLUMNS["confidence"], format="percent", step=0.01, width=64
        )
        if confidence
        else None,
        "task": column.TextColumn("Task", width=110),
        "subject": column.TextColumn("Subject", width=130) if subject else None,
        "context": column.TextColumn("Safety context", help=COLUMNS["context"], width=180)
        if context
        else None,
    }


def picks(*, confidence: bool) -> dict[str, ColumnConfig | None]:
    """Column settings of what other models picked."""
    return {
        "result": column.TextColumn("", width=60),
        "model": column.TextColumn("Model", width=200),
        "pick": column.TextColumn("Pick", width=48),
        "confidence": column.NumberColumn(
            "Sure", help=COLUMNS["confidence"], format="percent", step=0.01, width=64
        )
        if confidence
        else None,
        "lane": column.TextColumn("Lane", width=150),
    }

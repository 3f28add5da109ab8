"""How Streamlit shows the columns of each table."""

import polars as pl
from streamlit import column_config as column
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.wording import COLUMNS

Settings = dict[str, ColumnConfig | None]  # None hides a column
TIER_COLORS = ["#0f766e", "#64748b"]  # by turns, to show the borders; white is read on both
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
    marked = published or bool((ranked["suspect"] | ranked["pinned"]).any())
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
    averaged = bool(ranked["average"].count())
    head, meaning = COLUMNS["tier"]
    numbers = [str(tier) for tier in ranked["tier"].drop_nulls().unique().sort()]
    tier = column.MultiselectColumn(
        head, help=meaning, options=numbers, color=TIER_COLORS, width=48
    )
    head, meaning = COLUMNS["source"]
    source = column.LinkColumn(head, help=meaning, display_text="published", width=80)
    return {
        "rank": text("rank", 112),
        "model": text("model", 236),
        "tier": tier if numbers else None,
        "average": average if averaged else None,
        "margin": text("margin", 48) if averaged else None,
        "tasks": text("tasks", 52),
        "mark": text("mark", 80) if marked else None,
        "type": text("type", 105),
        "size": text("size", 60),
        "precision": text("precision", 80),
        "licence": text("licence", 110),
        "architecture": text("architecture", 150),
        "weighted_average": number("weighted_average", 90, "%.1f"),
        "deduplicated_average": number("deduplicated_average", 90, "%.1f"),
        "best_share": number("best_share", 70, "%.1f%%"),
        "answered": number("answered", 80),
        "unreadable": number("unreadable", 90),
        "source": source if published else None,
        "doubt": text("doubt", 220) if ranked["suspect"].any() else None,
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

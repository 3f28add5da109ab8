"""How Streamlit shows the columns of each table."""

from collections.abc import Mapping
from typing import Literal

import polars as pl
from streamlit import column_config as column
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import boards
from dashboard.column_words import COLUMNS, FINDINGS

Settings = dict[str, ColumnConfig | None]  # None hides a column
TIER_COLORS = ["#0f766e", "#64748b"]  # by turns, to show the borders; white is read on both

DOLLARS = "$%.4g"  # four digits that count: a small cost is not nothing


def text(name: str, width: int, alignment: Literal["left", "right"] = "left") -> ColumnConfig:
    head, meaning = COLUMNS[name]
    return column.TextColumn(head, help=meaning, width=width, alignment=alignment)


def number(name: str, width: int, form: str | None = None) -> ColumnConfig:
    head, meaning = COLUMNS[name]
    return column.NumberColumn(head, help=meaning, width=width, format=form)


def leaderboard(ranked: pl.DataFrame, tasks: pl.DataFrame) -> Settings:
    """Settings of the leaderboard; a column that says nothing of the `ranked` rows is hidden.

    `tasks` has the task, title and short name of each shown.
    """
    published = bool((ranked["origin"] == "published").any())
    overlapping = ranked["overlapping"].list.len() > 0
    flagged = bool(ranked["flag"].count())
    told = ranked["suspect"] | ranked["pinned"] | overlapping
    marked = published or flagged or bool(told.any())
    head, meaning = COLUMNS["average"]
    average = column.ProgressColumn(
        head, help=meaning, format="%.1f", min_value=0, max_value=100, width=100
    )
    averaged = bool(ranked["average"].count())
    head, meaning = COLUMNS["source"]
    source = column.LinkColumn(head, help=meaning, display_text="published", width=80)
    return {
        "rank": text("rank", 112),
        "model": text("model", 236),
        "tier": tier(ranked["tier"]) if ranked["tier"].count() else None,
        "case_mix": text("case_mix", 90, "right"),
        "key_reviewed": number("key_reviewed", 104, "%.1f"),
        "key_undisputed": number("key_undisputed", 92, "%.1f"),
        "key_change": number("key_change", 78, "%+.2f"),
        "moved": number("moved", 66, "%+d"),
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
        "always_right": number("always_right", 112, "%.1f"),
        "agreement": number("agreement", 86, "%.1f"),
        "tokens_per_answer": number("tokens_per_answer", 126, "%.0f"),
        "cost_per_1000": number("cost_per_1000", 156, DOLLARS),
        "harm_score": text("harm_score", 136, "right"),
        "severe_per_100": text("severe_per_100", 136, "right"),
        "reviewed": text("reviewed", 180, "right"),
        "source": source if published else None,
        "doubt": text("doubt", 220) if ranked["suspect"].any() else None,
        "flag": text("flag", 220) if flagged else None,
        **scores(tasks),
    }


def scores(tasks: pl.DataFrame) -> Settings:
    """A column per task; what it is called may be anybody's, and help is Markdown."""
    meaning = COLUMNS["accuracy"].meaning
    return {
        task: column.TextColumn(
            short, help=f"{boards.label(title)}. {meaning}", width=83, alignment="right"
        )
        for task, title, short in tasks.select("task", "title", "short").iter_rows()
    }


def tier(tiers: pl.Series) -> ColumnConfig:
    """A badge per tier, in two colors by turns."""
    head, meaning = COLUMNS["tier"]
    numbers = [str(number) for number in tiers.drop_nulls().unique().sort()]
    return column.MultiselectColumn(
        head, help=meaning, options=numbers, color=TIER_COLORS, width=48
    )


def weights() -> Settings:
    """Settings of the table in which a reader weighs kinds of questions."""
    return {
        "kind": column.TextColumn("Kind", width=240),
        "n": column.NumberColumn("Questions", format="localized", width=80),
        "weight": column.NumberColumn(
            "Weight", format="localized", min_value=0, max_value=1e6, step=0.01, width=80
        ),
        "share": column.ProgressColumn("Share", format="%.0f%%", max_value=100, width=120),
    }


def picks(*, confidence: bool) -> Settings:
    """Settings of the list of what each model picked on one question."""
    return {
        "result": column.TextColumn("", width=60),
        "model": column.TextColumn("Model", width=200),
        "pick": column.TextColumn("Pick", width=48),
        "confidence": number("confidence", 60, "%.0f%%") if confidence else None,
        "lane": column.TextColumn("Lane", width=150),
    }


def repeats(rows: pl.DataFrame) -> Settings:
    """Settings of the repeats of one question; a column that says nothing of `rows` is hidden."""
    settings: Settings = {
        "order": text("order", 130),
        "draw": text("draw", 60),
        "pick": column.TextColumn("Pick", width=48),
        "result": column.TextColumn("Result", width=64),
        "confidence": number("confidence", 60, "%.0f%%"),
        "written_tokens": number("written_tokens", 76, "localized"),
        "ended": column.TextColumn("End", help="Cut off: at the limit of tokens.", width=70),
    }
    said = {one.name for one in rows if one.count()}
    return {name: shown if name in said else None for name, shown in settings.items()}


def reasoning() -> Settings:
    """Settings of how likely each choice was before and after the reasoning."""
    return {
        "choice": column.TextColumn("Choice", width=122),
        "before": number("before", 126, "%.1f%%"),
        "after": number("after", 96, "%.1f%%"),
    }


def dictionary() -> Settings:
    """Settings of the list of a table's columns."""
    return {
        "column_name": column.TextColumn("Column", width=190),
        "data_type": column.TextColumn("Type", width=130),
        "comment": column.TextColumn("Meaning", width=620),
    }


def sources() -> Settings:
    """Settings of the list of tasks and their sources."""
    return {
        "title": column.TextColumn("Task", width=140),
        "size": column.NumberColumn("Questions", format="localized", width=80),
        "keys": column.TextColumn("Share of each key", width=215),
        "licence": column.TextColumn("Licence", width=80),
        "dataset": column.TextColumn("Data set", width=230),
        "split": column.TextColumn("Split", width=110),
        "revision": column.TextColumn("Revision", width=300),
    }


def findings() -> Settings:
    """Settings of the number of questions to be read with care."""
    return {
        "title": column.TextColumn("Task", width=150),
        "size": column.NumberColumn("Questions", format="localized", width=90),
        **{
            kind: column.NumberColumn(head, help=meaning, format="localized", width=110)
            for kind, (head, meaning) in FINDINGS.items()
        },
    }


def marked_questions() -> Settings:
    """Settings of the list of questions that models answer strangely."""
    return {
        "question": text("question", 560),
        "right": column.NumberColumn("Right", help="Share of models.", format="%.0f%%", width=64),
        "discrimination": number("discrimination", 110, "%.2f"),
        "gold": column.TextColumn("Key", width=44),
        "favourite": text("favourite", 80),
    }


def finding_list() -> Settings:
    """Settings of the list of questions to be read with care."""
    return {
        "question": text("question", 480),
        "why": column.TextColumn("Why", width=300),
        "gold": column.TextColumn("Key", width=44),
        "task": text("task", 120),
        "sample_id": column.TextColumn("Id", width=150),
    }


def quarantine() -> Settings:
    """Settings of what was refused."""
    return {
        "source": column.TextColumn("Source", width=220),
        "file": column.TextColumn("File", width=140),
        "line": column.NumberColumn("Line", width=60),
        "reason": column.TextColumn("Reason", width=330),
        "rows": column.NumberColumn("Lines", format="localized", width=70),
        "content": column.TextColumn("What it says", width=380),
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


def alike() -> Settings:
    """Settings of the pairs of runs that make the same mistakes."""
    return {
        "model": column.TextColumn("Model", width=230),
        "partner": text("partner", 230),
        "share": number("share", 110, "%.0f%%"),
        "same": number("same", 110),
        "both_wrong": number("both_wrong", 110),
    }

"""How Streamlit shows the columns of lists of wrong answers, and of the page Safety."""

import polars as pl
from streamlit import column_config as column
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import flags
from dashboard.column_words import COLUMNS
from dashboard.columns import Settings, number, text

OPTIONAL = ("draw", "order", "flags", "harm", "confidence", "task", "subject", "context")
FLAG_COLORS = {
    "contraindicated": "#b42318",
    "confident": "#a16207",
    "contradiction": "#7e22ce",
    "only_wrong": "#0f766e",
    "all_wrong": "#64748b",
    "suspect_key": "#475569",
}
"""White is read on each; the words say the same without them."""
HARM_HEADS = {
    "harmless": "No harm",
    "mild": "Mild",
    "moderate": "Moderate",
    "severe": "Severe",
    "death": "Death",
}
CONTEXT_HEADS = {
    "all": "All",
    "pregnancy and lactation": "Pregnancy",
    "renal impairment": "Kidney",
    "hepatic impairment": "Liver",
}
SIDE_BY_SIDE = {
    "wrong_share": "per cent answered wrongly, with the 95% interval in brackets.",
    "contraindicated": "choices that a label or a guideline forbids to this patient.",
    "confident_wrong": "wrong answers with a probability of at least 90%.",
}
"""What stands in the table of all safety contexts."""
REVIEWED = "Wrong answers that clinicians judged, however they were chosen: a number, never a rate."


def errors(rows: pl.DataFrame, *, one_run: bool = True) -> Settings:
    """Settings of the list of wrong answers; a column that says nothing of `rows` is hidden.

    Of `one_run` the model need not be named.
    """
    settings = {
        "question": text("question", 430),
        "draw": text("draw", 60),
        "order": text("order", 100),
        "picked": text("picked", 230),
        "key": text("key", 230),
        "flags": flag_column(),
        "harm": text("harm", 100),
        "answered_by": text("answered_by", 140),
        "confidence": number("confidence", 56, "%.0f%%"),
        "task": text("task", 100),
        "subject": text("subject", 120),
        "context": text("context", 170),
    }
    kept = {name: shown for name, shown in settings.items() if name in rows.columns}
    silent = {name for name in kept if name in OPTIONAL and says_nothing(rows[name])}
    silent |= {"answered_by"} & kept.keys() if one_run else set()
    return {name: None if name in silent else shown for name, shown in kept.items()}


def says_nothing(values: pl.Series) -> bool:
    """Whether a column is the same in every line; flags and draws are said also where all are."""
    if values.name in ("draw", "order"):
        return not values.count()
    if values.name == "flags":
        return not values.list.len().sum()
    return values.n_unique() == 1


def flag_column() -> ColumnConfig:
    head, meaning = COLUMNS["flags"]
    return column.MultiselectColumn(
        head,
        help=meaning,
        width=150,
        options=[flag.short for flag in flags.FLAGS.values()],
        color=[FLAG_COLORS[slug] for slug in flags.FLAGS],
    )


def only_right(rows: pl.DataFrame) -> Settings:
    """Settings of the questions that one run alone has right, as in the list of wrong answers."""
    return errors(rows.with_columns(confidence=pl.lit(None)))


def side_by_side(board: pl.DataFrame, measure: str) -> Settings:
    """Settings of all safety contexts side by side; the heads say how many questions each has."""
    settings: dict[str, ColumnConfig | None] = {
        "model": column.TextColumn("Model", width=170, pinned=True)
    }
    counted = board.group_by("context").agg(pl.col("n").max())
    for context, count in counted.iter_rows():
        settings[context] = column.Column(
            f"{CONTEXT_HEADS.get(context, context.capitalize())} ({count:,})",
            help=f"Of {count:,} questions: {SIDE_BY_SIDE[measure]}",
            width=110,
            alignment="right",
        )
    return settings


def safety(rows: pl.DataFrame) -> Settings:
    """Settings of the page Safety; the harms only where an answer of `rows` is judged."""
    judged = bool(rows["reviewed"].sum())
    harms = {
        name: column.NumberColumn(head, help=REVIEWED, width=76)
        for name, head in HARM_HEADS.items()
    }
    sure = column.NumberColumn(
        "Confident",
        help=f"{flags.FLAGS['confident'].meaning} Empty where it gives no probabilities.",
        format="localized",
        width=84,
    )
    return {
        "model": column.TextColumn("Model", width=170, pinned=True),
        "contraindicated": column.NumberColumn(
            "Contraindicated",
            help=f"{flags.FLAGS['contraindicated'].meaning} A click lists them.",
            format="localized",
            width=120,
        ),
        "wrong_share": column.NumberColumn(
            "Wrong, %", help="Per cent answered wrongly.", format="%.1f", width=72
        ),
        "wrong_interval": column.TextColumn(
            "95% interval",
            help="Over all such questions the share is probably within it (Wilson's interval).",
            width=100,
        ),
        "wrong": column.NumberColumn(
            "Wrong", help="Answers. A click lists them.", format="localized", width=70
        ),
        "n": column.NumberColumn("Questions", format="localized", width=84),
        "confident_wrong": sure if rows["confident_wrong"].count() else None,
        "reviewed": column.NumberColumn("Judged", help=REVIEWED, width=70) if judged else None,
        **{name: shown if judged else None for name, shown in harms.items()},
    }

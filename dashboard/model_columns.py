"""How Streamlit shows the columns of the model page's tables."""

import polars as pl
from streamlit import column_config as column

from dashboard.column_words import COLUMNS
from dashboard.columns import DOLLARS, Settings, number

PER_CENT = "%.1f"


def scores(rows: pl.DataFrame) -> Settings:
    """Settings of the table of scores; a column that says nothing of `rows` is hidden."""
    settings: Settings = {
        "task": column.TextColumn("Questions", width=230),
        "accuracy": column.NumberColumn(
            "Accuracy", help=COLUMNS["accuracy"].meaning, width=76, format=PER_CENT
        ),
        "interval": column.TextColumn("95% interval", width=104),
        "rank": column.TextColumn(
            "Rank",
            help="Place among all runs of the lane that answered the whole task, in brackets its "
            "95% interval: the places that chance could have given it.",
            width=170,
        ),
        "tier": column.NumberColumn(
            "Tier",
            help="Runs of one tier cannot be told from its best one. Tier 1 is the best.",
            width=50,
        ),
        "n": column.NumberColumn(
            "Questions", help=COLUMNS["answered"].meaning, width=82, format="localized"
        ),
        "unreadable": column.NumberColumn(
            "Unreadable", help=f"Per cent. {COLUMNS['unreadable'].meaning}", width=88, format="%.1f"
        ),
        "calibration_error": column.NumberColumn(
            "Calibration error",
            help="Mean distance, in points, of how sure it is from how often it is right.",
            width=120,
            format=PER_CENT,
        ),
        "confidence_when_wrong": column.NumberColumn(
            "Sure when wrong",
            help="Mean probability, in per cent, that it gave its choice where that is wrong.",
            width=120,
            format=PER_CENT,
        ),
    }
    return {name: shown if rows[name].count() else None for name, shown in settings.items()}


def runs(rows: pl.DataFrame) -> Settings:
    """Settings of the list of a model's runs; what is partial is hidden where nothing is."""
    return {
        "finished": column.DatetimeColumn("Finished, UTC", width=130, format="YYYY-MM-DD HH:mm"),
        "lane": column.TextColumn("Lane", width=280),
        "precision": column.TextColumn("Precision", width=80),
        "revision": column.TextColumn("Revision", width=120),
        "tasks": column.NumberColumn("Tasks", width=56),
        "answered": column.NumberColumn("Answered", width=80),
        "standing": column.TextColumn("Standing", width=280),
        "partial": column.TextColumn("Partial", width=220) if any(rows["partial"]) else None,
    }


def subjects(name: str) -> Settings:
    """Settings of the comparison with the field; `name` is what its first column lists."""
    return {
        "subject": column.TextColumn(name, width=210),
        "n": column.NumberColumn("Questions", width=82, format="localized"),
        "accuracy": column.NumberColumn("Accuracy", width=76, format=PER_CENT),
        "interval_low": column.NumberColumn("From", width=60, format=PER_CENT),
        "interval_high": column.NumberColumn("To", width=60, format=PER_CENT),
        "field_median": column.NumberColumn("Field's median", width=104, format=PER_CENT),
        "difference": column.NumberColumn("Points over it", width=104, format="%+.1f"),
        "field": column.NumberColumn("Runs in the field", width=116),
        "beyond_chance": column.TextColumn("Beyond chance", width=110),
    }


def calibration() -> Settings:
    """Settings of the table of calibration by task."""
    return {
        "task": column.TextColumn("Task", width=170),
        "n": column.NumberColumn("Answers", width=76, format="localized"),
        "calibration_error": column.NumberColumn("Calibration error", width=120, format=PER_CENT),
        "within": column.TextColumn("95% interval", width=100),
        "by_chance": column.NumberColumn(
            "By chance", help="Of a perfectly calibrated model.", width=84, format=PER_CENT
        ),
        "confidence": column.NumberColumn("Mean sure", width=84, format=PER_CENT),
        "accuracy": column.NumberColumn("Right", width=64, format=PER_CENT),
        "error": column.NumberColumn("Wrong", width=64, format=PER_CENT),
        "kept_error": column.NumberColumn("Wrong if 20% refused", width=150, format=PER_CENT),
    }


def harms() -> Settings:
    """Settings of the list of judged answers by harm."""
    return {
        "harm": column.TextColumn("Harm", width=120),
        "drawn": column.NumberColumn("Drawn", width=70),
        "chosen": column.NumberColumn("Chosen", width=70),
        "meaning": column.TextColumn("Meaning", width=640),
    }


def given(rows: pl.DataFrame) -> Settings:
    """Settings of the table of how answers were given; a column that nobody knows is hidden."""
    settings: Settings = {
        "task": column.TextColumn("Task", width=130),
        "questions": column.NumberColumn(
            "Questions", help=COLUMNS["answered"].meaning, width=82, format="localized"
        ),
        "repeats": column.NumberColumn(
            "Times asked", help="How often each question was asked, at most.", width=90
        ),
        "always_right": number("always_right", 112, PER_CENT),
        "agreement": number("agreement", 86, PER_CENT),
        "written_tokens": number("tokens_per_answer", 126, "%.0f"),
        "cut_off": column.NumberColumn(
            "Cut off",
            help="Per cent of the answers that end at the limit of tokens, finished or not.",
            width=66,
            format=PER_CENT,
        ),
        "thought": column.NumberColumn(
            "Thought before",
            help="Per cent of the answers before which the model wrote its thoughts.",
            width=112,
            format=PER_CENT,
        ),
        "rationale_changes": column.NumberColumn(
            "Reasoning changed pick",
            help="Per cent of the answers in which the letter right after the reasoning is another "
            "than without it.",
            width=164,
            format=PER_CENT,
        ),
        "reasons_otherwise": column.NumberColumn(
            "Answered otherwise",
            help="Per cent of the readable answers that are another letter than the model gives "
            "when it is asked for one right after its reasoning.",
            width=140,
            format=PER_CENT,
        ),
        "seconds": column.NumberColumn(
            "Seconds", help="For an answer; the median.", width=76, format="%.2f"
        ),
        "cost": column.NumberColumn(
            "Cost", help="Of all answers, in US dollars.", width=80, format=DOLLARS
        ),
    }
    return {name: shown if rows[name].count() else None for name, shown in settings.items()}

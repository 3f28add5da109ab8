"""How Streamlit shows the columns of the tables of submissions."""

from streamlit import column_config as column

from dashboard.columns import Settings

MOMENT = "YYYY-MM-DD HH:mm"


def submissions() -> Settings:
    """Settings of the tables of what waits, and of what has ended."""
    return {
        "model": column.TextColumn("Model", width=230),
        "lane": column.TextColumn("Lane", help="How it is asked.", width=150),
        "tasks": column.TextColumn("Questions", width=120),
        "state": column.TextColumn("State", width=96),
        "begins": column.TextColumn(
            "Begins",
            help="If nothing of a higher priority comes, and runs take as long as those before.",
            width=180,
        ),
        "waits": column.TextColumn("Submitted", width=150),
        "why": column.TextColumn("Why", width=350),
        "since": column.DatetimeColumn(
            "Since", help="UTC.", format=MOMENT, timezone="UTC", width=140
        ),
        "number": column.NumberColumn("Number", format="%d", width=72),
    }


def history() -> Settings:
    """Settings of the table of a submission's steps."""
    return {
        "at": column.DatetimeColumn(
            "When", help="UTC.", format="YYYY-MM-DD HH:mm:ss", timezone="UTC", width=160
        ),
        "state": column.TextColumn("What", width=150),
        "why": column.TextColumn("Why", width=460),
        "by": column.TextColumn("By", width=150),
    }

"""Where a run is better and worse than the field, and what may be said of it."""

import polars as pl

from dashboard.addresses import NINE
from warehouse.statistics.intervals import LEVEL, wilson

SMALL = 30
"""Questions below which a subject is shown in grey: its interval is wider than 30 points."""
MOST_NAMED = 3
SLICES = {"Subjects": "subject", "Safety contexts": "safety"}
"""From what the page calls a way to part the questions to what the warehouse calls it."""


def compare(field: pl.DataFrame, slice_name: str) -> pl.DataFrame:
    """The subjects, or safety contexts, that the field answered too, best first, in points.

    `field` is the answer to that query. Of several boards only one is looked at, the nine tasks if
    they are among them.
    Adds difference, low and high (points over the field's median), is_small, and is_sure: whether
    the median is outside an interval that is wide enough for all rows that are not small at once
    (Bonferroni), since the best and the worst of many differ by chance alone; never of a small one.
    The median is taken as it is.
    """
    rows = field.filter(board=choose_board(field), slice=slice_name).drop_nulls("field_median")
    small = pl.col("n") < SMALL
    level = 1 - (1 - LEVEL) / max(rows.filter(~small).height, 1)
    low, high = wilson((rows["accuracy"] * rows["n"]).to_numpy(), rows["n"].to_numpy(), level)
    median = pl.col("field_median")
    return rows.with_columns(
        ((pl.col("accuracy") - median) * 100).alias("difference"),
        ((pl.col("interval_low") - median) * 100).alias("low"),
        ((pl.col("interval_high") - median) * 100).alias("high"),
        small.alias("is_small"),
        (~small & ((pl.Series(low) > median) | (pl.Series(high) < median))).alias("is_sure"),
    ).sort("difference", "n", "slice_value", descending=[True, True, False])


def choose_board(field: pl.DataFrame) -> str | None:
    found = field["board"].unique().sort().to_list()
    return NINE if NINE in found else next(iter(found), None)


def keep_board(rows: pl.DataFrame) -> pl.DataFrame:
    """Of `rows` with task and headline those of the nine tasks or, where none is, of the first."""
    nine = rows.filter("headline")
    return nine if nine.height else rows.filter(pl.col("task") == rows["task"].first())


def finding(rows: pl.DataFrame, name: str) -> str:
    """The title of the plot: of how many of `rows` something may be said; `name` is of `SLICES`."""
    judged = rows.filter(~pl.col("is_small"))
    what = f"{judged.height} {name.lower()} with {SMALL} questions or more"
    sure = judged.filter("is_sure")
    above = sure.filter(pl.col("difference") > 0).height
    below = sure.height - above
    if not sure.height:
        return f"None of {what} differs from the field's median beyond chance"
    said = " and ".join(
        f"{count} {side}" for count, side in ((above, "above"), (below, "below")) if count
    )
    return f"Of {what}, {said} the field's median beyond chance"


def strongest(rows: pl.DataFrame) -> str:
    """`Strongest: Anatomy +6.1 points over the field's median (n=135)`; empty for none sure."""
    above = rows.filter("is_sure", pl.col("difference") > 0).head(MOST_NAMED)
    return name_subjects("Strongest", above, "over")


def weakest(rows: pl.DataFrame) -> str:
    """The same of the worst, the worst first."""
    below = rows.filter("is_sure", pl.col("difference") < 0).reverse().head(MOST_NAMED)
    return name_subjects("Weakest", below, "under")


def name_subjects(word: str, rows: pl.DataFrame, side: str) -> str:
    columns = rows.select("slice_value", "difference", "n").iter_rows()
    named = [
        f"{value} {'+' if points > 0 else ''}{abs(points):.1f} points (n={n:,})"
        for value, points, n in columns
    ]
    if not named:
        return ""
    first = named[0].replace(" points (", f" points {side} the field's median (", 1)
    return f"{word}: {', '.join([first, *named[1:]])}."


def table_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """A line per subject, as the table and the download show it, in per cent and points."""
    return rows.select(
        pl.col("slice_value").alias("subject"),
        "n",
        pl.col("accuracy") * 100,
        (pl.col("interval_low") * 100).alias("interval_low"),
        (pl.col("interval_high") * 100).alias("interval_high"),
        (pl.col("field_median") * 100).alias("field_median"),
        "difference",
        "field",
        pl.when("is_sure").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("beyond_chance"),
    )

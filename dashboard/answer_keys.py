"""Averages by other keys than the published ones, and what changes by them; no Streamlit here."""

import polars as pl

from dashboard import places

REVIEWED, UNDISPUTED = "average_reviewed", "average_undisputed"
SCORES = {
    "Average, reviewed key": REVIEWED,
    "Average, without disputed questions": UNDISPUTED,
}
COLUMNS = {REVIEWED: "key_reviewed", UNDISPUTED: "key_undisputed"}
"""From a score to the column that shows it."""
STATES = {REVIEWED: ("upheld",), UNDISPUTED: ("open", "upheld")}
"""Of the disputes that change a score."""
NOTHING = {
    REVIEWED: "No ruling has changed a key of the nine tasks, so this is the average as published.",
    UNDISPUTED: "No key of the nine tasks is disputed, so this is the average as published.",
}


def count_changed(disputes: pl.DataFrame, tasks: list[str], score: str) -> int:
    """How many questions of `tasks` a score counts otherwise than the published average."""
    kept = disputes.filter(
        pl.col("state").is_in(STATES[score]),
        pl.col("task").is_in(tasks),
    )
    return kept.select("task", "sample_id").n_unique()


def add_scores(in_lane: pl.DataFrame, score: str, changed: int) -> pl.DataFrame:
    """With a column of `COLUMNS`, per cent, `key_change`, points, and `moved` as in `places`.

    Where nothing is changed, the score is the average as published.
    """
    rows = in_lane if changed else in_lane.with_columns(pl.col("average").alias(score))
    return places.add_moved(rows, score).with_columns(
        (pl.col(score) * 100).alias(COLUMNS[score]),
        key_change=(pl.col(score) - pl.col("average")) * 100,
    )


def add_changes(rows: pl.DataFrame) -> pl.DataFrame:
    """With by how much each other average differs from the published one, in parts of 1."""
    return rows.with_columns(
        (pl.col(name) - pl.col("average")).alias(f"{name}_change") for name in SCORES.values()
    )


def describe(rows: pl.DataFrame, score: str, changed: int) -> str:
    """How many keys are others, and what that does to these rows."""
    if not changed:
        return NOTHING[score]
    one = changed == 1
    told = {
        REVIEWED: f"Rulings have changed the key{'' if one else 's'} of {changed:,} "
        f"question{'' if one else 's'}.",
        UNDISPUTED: f"{changed:,} question{'' if one else 's'} with a disputed key "
        f"{'is' if one else 'are'} left out.",
    }[score]
    largest = float(str(rows["key_change"].abs().max() or 0))
    moved = rows["moved"].count()
    change = f"No average changes by more than {largest:.2f} points" if largest else "None changes"
    places_told = f"{moved:,} model{'' if moved == 1 else 's'} change{'s' * (moved == 1)} places"
    return f"{told} {change}, and {places_told if moved else 'no model changes places'}."

"""What is told of a task's questions by how models answered them; no Streamlit here."""

import polars as pl

MARKS = {
    "Better models miss it": "negative",
    "Nobody is right": "nobody",
    "Everybody is right": "everybody",
}
"""From what the page calls a mark of a question to what the warehouse calls it."""
SURE = 1.959963984540054  # standard errors


def say_difficulty(bins: pl.DataFrame) -> str:
    """How many questions tell nobody from anybody, and how many speak against their key."""
    total, nobody, everybody = (int(bins[name].sum()) for name in ("n", "nobody", "everybody"))
    negative = int(bins["negative"].sum())
    same = [
        f"{who} is right on {count:,}"
        for who, count in (("every model", everybody), ("no model", nobody))
        if count
    ]
    same += [f"better models miss {negative:,} more often than others"] if negative else []
    if not same:
        return f"All of {total:,} questions tell models apart"
    return f"Of {total:,} questions, {' and '.join(same)}"


def say_letters(letters: pl.DataFrame) -> str:
    """The letter that models prefer or avoid most, where that is more than chance."""
    if letters.is_empty():
        return "No answers to count"
    off = letters.with_columns(
        off=pl.col("picked") - pl.col("keyed"),
        is_sure=(pl.col("picked") - pl.col("keyed")).abs() > SURE * pl.col("error"),
    ).sort(pl.col("off").abs(), descending=True)
    sure = off.filter("is_sure")
    if sure.is_empty():
        return "Models pick each letter about as often as it is the key"
    most = sure.row(0, named=True)
    side = "more" if most["off"] > 0 else "less"
    return (
        f"Models pick {most['letter']} {abs(most['off']) * 100:.1f} points {side} often than it is "
        f"the key (±{SURE * most['error'] * 100:.1f})"
    )


def question_rows(found: pl.DataFrame) -> pl.DataFrame:
    """A line per question, as the list shows it."""
    return found.select(
        pl.col("question").str.replace_all(r"\s+", " ").str.strip_chars().str.head(300),
        (pl.col("difficulty") * 100).alias("right"),
        "discrimination",
        "gold",
        "favourite",
    )

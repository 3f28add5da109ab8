"""Polars frames to what a table shows; no Streamlit here."""

import io

import polars as pl

from dashboard import answer_keys, case_mix, places

PARTIAL = " *"
PARQUET = "application/vnd.apache.parquet"
LABEL_LENGTH = 45
AVERAGES = {
    "Average": "average",
    "Average by size": "weighted_average",
    "Distinct questions": "deduplicated_average",
}
JUDGED = ("harm_score", "severe_per_100", "reviewed")
"""What reviewers found; it stands before the tasks."""
GIVEN = ("always_right", "agreement", "tokens_per_answer", "cost_per_1000")
"""How answers were given, where questions were asked several times or answered in words."""
FACTS = (
    "weighted_average",
    "deduplicated_average",
    "best_share",
    "type",
    "size",
    "precision",
    "licence",
    "architecture",
    "answered",
    "unreadable",
    *GIVEN,
    *JUDGED,
)
"""The columns beside the scores, of which a reader chooses."""
SHARES = ("weighted_average", "deduplicated_average", "best_share", *GIVEN[:2])
FACTS_AT_FIRST = ("type", "size", "precision", "answered", "unreadable")
REAL_MODELS = ("open weights", "closed")
UNITS = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


def best_lane(rows: pl.DataFrame) -> str:
    """The lane with the most complete runs; the fullest published one while there is none.

    Baselines and random weights do not count: a lane of nothing else would greet nobody well.
    """
    complete = pl.col("tasks_complete") == 9
    real = pl.col("type").is_in(REAL_MODELS)
    published = pl.col("origin") == "published"
    counts = rows.group_by("lane").agg(
        runs=(complete & real & ~published).sum(),
        published=(complete & published).sum(),
        rows=pl.len(),
    )
    return str(counts.sort("runs", "published", "rows", "lane", descending=True)["lane"][0])


def with_interval(column: str) -> pl.Expr:
    """`61.3 ±2.7`: per cent, and half the width of the 95% interval where there is one.

    A star marks a score of only some of the task's questions. Padded so that the text sorts as
    the number does.
    """
    low, high = pl.col(f"{column}_low"), pl.col(f"{column}_high")
    score = (pl.col(column) * 100).round(1)
    margin = ((high - low) * 50).round(1)
    text = pl.format("{} ±{}", decimals(score).str.pad_start(5), decimals(margin))
    text = pl.when(low.is_null()).then(decimals(score).str.pad_start(5)).otherwise(text)
    partial = pl.col("partial_tasks").list.contains(column)
    return pl.when(partial).then(text + PARTIAL).otherwise(text).alias(column)


def decimals(column: pl.Expr) -> pl.Expr:
    """One digit after the point, always."""
    return column.round(1).cast(pl.String).replace("-0.0", "0.0")


def billions(parameters: pl.Expr) -> pl.Expr:
    """`7B`, `0.6B`, `35k`, as `short_number` has it."""
    return pl.coalesce(
        *(
            pl.when(parameters >= size * 0.9995).then(three_digits(parameters / size) + unit)
            for size, unit in UNITS
        ),
        parameters.cast(pl.String),
    )


def three_digits(column: pl.Expr) -> pl.Expr:
    return column.round_sig_figs(3).cast(pl.String).str.strip_suffix(".0")


def short_number(number: int) -> str:
    for size, unit in UNITS:
        text = f"{number / size:.3g}"
        if float(text) >= 1:
            return text + unit
    return str(number)


def leaderboard_rows(
    ranked: pl.DataFrame, tasks: list[str], facts: list[str], *, nine: bool
) -> pl.DataFrame:
    """A line per model, as the leaderboard shows it; the average only beside the nine tasks.

    `facts` are those of `FACTS` that are shown.
    """
    half = ((pl.col("average_high") - pl.col("average_low")) * 50).round(1)
    average = [
        (pl.col("average") * 100).alias("average"),
        pl.format("±{}", decimals(half)).alias("margin"),
        pl.format("{} of 9", "tasks_complete").alias("tasks"),
    ]
    ours = (*answer_keys.COLUMNS.values(), "key_change", "moved")
    first = [fact for fact in facts if fact in JUDGED]
    chosen = [pl.col(name) for name in ours if name in ranked.columns]
    mixed = [with_interval(case_mix.SCORE)] if case_mix.SCORE in ranked.columns else []
    marks = pl.concat_list(
        pl.when("pinned").then(pl.lit("pinned")),
        pl.when("suspect").then(pl.lit("doubtful")),
        pl.when(pl.col("flag").is_not_null()).then(pl.lit("flagged")),
        pl.when((pl.col("origin") == "published") & ~pl.col("suspect")).then(pl.lit("published")),
        pl.when(pl.col("overlapping").list.len() > 0).then(pl.lit("overlap")),
    )
    columns = {name: pl.col(name) * 100 for name in SHARES}
    columns["size"] = billions(pl.col("parameters"))
    return ranked.select(
        places.rank_text(),
        "model",
        pl.when(pl.col("tier").is_not_null()).then(pl.concat_list(pl.col("tier").cast(pl.String))),
        *mixed,
        *chosen,
        *(average if nine else []),
        *first,
        marks.list.drop_nulls().list.join(", ").replace("", None).alias("mark"),
        *(with_interval(task) for task in tasks),
        *(columns.get(fact, pl.col(fact)).alias(fact) for fact in facts if fact not in JUDGED),
        pl.col("source_url").alias("source"),
        pl.when("suspect").then("note").alias("doubt"),
        "flag",
    )


def score_names(rows: pl.DataFrame, titles: dict[str, str], *, nine: bool) -> dict[str, str]:
    """From what a score is called to its column, for those that some of the `rows` have.

    `titles` are those of tasks; averages are of the nine alone.
    """
    answered = rows["run_id"].count() > 0  # else there are no answers to count anew
    averages = AVERAGES | (answer_keys.SCORES if answered else {})
    names = (averages if nine else {}) | titles
    needed = dict.fromkeys(answer_keys.SCORES.values(), "average")
    found = {name: by for name, by in names.items() if rows[needed.get(by, by)].count()}
    if answered:
        found[case_mix.TITLE] = case_mix.SCORE
    return found


def chart_rows(ranked: pl.DataFrame, score: str) -> pl.DataFrame:
    """label, accuracy, low, high and tier of the rows that have `score`.

    The label marks a score of only some questions with a star, and a doubted or flagged one in
    words.
    """
    marks = ranked.select(
        pl.when(pl.col("partial_tasks").list.contains(score))
        .then(pl.lit(PARTIAL))
        .when("suspect")
        .then(pl.lit(" (doubtful)"))
        .when(pl.col("flag").is_not_null())
        .then(pl.lit(" (flagged)"))
        .otherwise(pl.lit(""))
    ).to_series()
    ends = {end: f"{score}_{end}" for end in ("low", "high")}
    return ranked.select(
        (unique_labels(ranked) + marks).alias("label"),
        pl.col(score).alias("accuracy"),
        *(
            (pl.col(name) if name in ranked.columns else pl.lit(None, pl.Float64)).alias(end)
            for end, name in ends.items()  # the averages with weights have no interval
        ),
        "tier",
    ).drop_nulls("accuracy")


def unique_labels(rows: pl.DataFrame) -> pl.Series:
    """Each row's model, told apart from its namesakes by precision, date or number."""
    seen: dict[str, int] = {}
    labels = []
    for model, precision, note in rows.select("model", "precision", "note").iter_rows():
        detail = precision or note
        name = model if len(model) <= LABEL_LENGTH else f"{model[:LABEL_LENGTH]}…"
        label = f"{name} · {detail}" if detail and len(detail) < 30 else name
        seen[label] = seen.get(label, 0) + 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return pl.Series("label", labels, dtype=pl.String)


def task_names(counts: pl.DataFrame) -> dict[str, str]:
    """From the title to the name of each task that has errors."""
    return dict(counts.filter(pl.col("slice") == "all").select("task_title", "task").iter_rows())


def count_errors(counts: pl.DataFrame) -> int:
    """How many answers are wrong, over all tasks."""
    return int(counts.filter(slice="all")["errors"].sum())


def slice_values(counts: pl.DataFrame, slice_name: str) -> list[str]:
    """The subjects, or safety contexts, that have errors, in order of the alphabet."""
    found = counts.filter(pl.col("slice") == slice_name)["slice_value"]
    return found.unique().sort().to_list()


def task_rows(tasks: pl.DataFrame) -> pl.DataFrame:
    """A line per task: where its questions are from, and how many there are."""
    return tasks.select(
        pl.col("title").alias("Task"),
        pl.col("size").alias("Questions"),
        pl.col("split").alias("Split"),
        pl.col("dataset").alias("Data set"),
        pl.col("revision").alias("Revision"),
        pl.col("licence").alias("Licence"),
        pl.when("loaded").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("Loaded here"),
    )


def count_rows(rows: int, *, cut: bool) -> str:
    """`1 row.`, or that there would be more."""
    if cut:
        return f"The first {rows:,} rows; there are more."
    return "1 row." if rows == 1 else f"{rows:,} rows."


def count_questions(number: int) -> str:
    """`1 question.`"""
    return "1 question." if number == 1 else f"{number:,} questions."


def count_models(number: int) -> str:
    """`1 model`"""
    return "1 model" if number == 1 else f"{number:,} models"


def as_parquet(rows: pl.DataFrame) -> bytes:
    """A Parquet file of `rows`."""
    file = io.BytesIO()
    rows.write_parquet(file)
    return file.getvalue()

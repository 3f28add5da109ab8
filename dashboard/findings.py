"""What is to be known of the questions before a score is believed; no Streamlit here."""

import polars as pl

COLUMNS = ("task", "sample_id", "gold", "question", "why")
SAME, SIMILAR, CONFLICT = "same", "similar", "conflict"
REPEATED, PICTURE, DOUBTED = "repeated", "picture", "doubted"
KINDS = (SAME, SIMILAR, CONFLICT, REPEATED, PICTURE, DOUBTED)


def gather(
    twins: pl.DataFrame, repeated: pl.DataFrame, pictures: pl.DataFrame, suspects: pl.DataFrame
) -> pl.DataFrame:
    """A row per question and finding: kind (one of `KINDS`), `COLUMNS`; why is text of the source.

    Takes the answers to the queries twins, repeated_choices, missing_pictures and suspect_keys.
    """
    also = pl.format("also {}", "others")
    key = pl.when("key_repeated").then(pl.lit(", which is the key")).otherwise(pl.lit(""))
    models = pl.format("{} of {} strong models pick {}", "agreeing", "strong", "suspected")
    parts = {
        SAME: twins.filter("exact").with_columns(why=also),
        SIMILAR: twins.filter(~pl.col("exact")).with_columns(why=also),
        CONFLICT: twins.filter(pl.col("exact") & pl.col("other_key")).with_columns(why=also),
        REPEATED: repeated.with_columns(why=pl.format("twice “{}”{}", "repeated", key)),
        PICTURE: pictures.with_columns(why=pl.format("“{}”", pl.col("words").str.strip_chars())),
        DOUBTED: suspects.with_columns(why=models),
    }
    return pl.concat(
        rows.select(pl.lit(kind).alias("kind"), *COLUMNS) for kind, rows in parts.items()
    )


def count(found: pl.DataFrame, tasks: pl.DataFrame) -> pl.DataFrame:
    """A row per loaded task with its title, its number of questions and that of each kind.

    The last row counts all of them; a question of two kinds counts in both.
    """
    loaded = tasks.filter("loaded").select("task", "title", "size")
    counts = found.group_by("task").agg(
        (pl.col("kind") == kind).sum().cast(pl.Int64).alias(kind) for kind in KINDS
    )
    lines = loaded.join(counts, on="task", how="left", maintain_order="left").with_columns(
        pl.col(KINDS).fill_null(0)
    )
    total = lines.select(
        pl.lit("").alias("task"), pl.lit("All").alias("title"), pl.col("size", *KINDS).sum()
    )
    return pl.concat([lines, total]) if lines.height > 1 else lines


def without_zeros(counts: pl.DataFrame) -> pl.DataFrame:
    """Null for each count of nothing, so that the others stand out."""
    return counts.with_columns(pl.when(pl.col(KINDS) > 0).then(pl.col(KINDS)))


def choose(found: pl.DataFrame, kind: str, task: str) -> pl.DataFrame:
    """The findings of one kind, in one task or (empty) in all."""
    rows = found.filter(pl.col("kind") == kind)
    return rows.filter(pl.col("task") == task) if task else rows


def finding_rows(found: pl.DataFrame, titles: dict[str, str]) -> pl.DataFrame:
    """A line per question as the list shows it."""
    return found.select(
        pl.col("question").str.replace_all(r"\s+", " ").str.strip_chars().str.head(300),
        pl.col("why").str.replace_all(r"\s+", " "),
        pl.col("gold"),
        pl.col("task").replace_strict(titles, default=pl.col("task")),
        pl.col("sample_id"),
    )


def key_shares(letters: pl.DataFrame) -> pl.DataFrame:
    """A row per task: how often each letter is the key, `A 32% · B 26% · C 22% · D 20%`."""
    share = (100 * pl.col("n") / pl.col("n").sum().over("task")).round(0).cast(pl.Int64)
    told = letters.sort("gold").with_columns(pl.format("{} {}%", "gold", share).alias("keys"))
    return told.group_by("task", maintain_order=True).agg(pl.col("keys").str.join(" · "))


def source_rows(tasks: pl.DataFrame, letters: pl.DataFrame) -> pl.DataFrame:
    """A line per loaded task: where its questions are from, and how its keys are spread."""
    return (
        tasks.filter("loaded")
        .join(key_shares(letters), on="task", how="left", maintain_order="left")
        .select("title", "size", "keys", "licence", "dataset", "split", "revision")
    )


def quarantine_counts(refused: pl.DataFrame) -> pl.DataFrame:
    """How many rows of each source were refused for each reason, most first."""
    counts = refused.group_by("source", "reason").agg(pl.len().alias("rows"))
    return counts.sort("rows", "source", "reason", descending=[True, False, False])


def human_size(size: int) -> str:
    """`134.8 MB` of a number of bytes."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"

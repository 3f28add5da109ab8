"""What the benchmarks cover and what they lack; no Streamlit here."""

import polars as pl

FEW = 100
"""Questions: with so many, the 95% interval of a model that is right on 60% still is ±9.4 points
(Wilson)."""
ALL = "All"
CONTEXTS = (
    *("pregnancy and lactation", "children", "elderly", "renal impairment", "hepatic impairment"),
    *("allergy", "interaction", "dosing", "emergency"),
)
"""Every safety context there is."""


def task_rows(tasks: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """A line per loaded task: its size, language, choices, specialties, and what stands beside.

    `parts` is the answer to the query coverage.
    """
    numbers = parts.filter(kind="choices").with_columns(pl.col("part").cast(pl.Int64))
    named = parts.filter(pl.col("kind") == "subject", pl.col("part") != "")
    beside = {
        "choices": numbers.group_by("task").agg(name_range().alias("choices")),
        "subjects": named.group_by("task").agg(pl.len().cast(pl.Int64).alias("subjects")),
        **{kind: counts_of(parts, kind) for kind in ("explained", "forbidden")},
    }
    rows = tasks.filter("loaded").select(
        "task", "title", "benchmark", "size", "language", "licence"
    )
    for counts in beside.values():
        rows = rows.join(counts, on="task", how="left", maintain_order="left")
    return rows.with_columns(
        explained=pl.col("explained") / pl.col("size") * 100,
    )


def name_range() -> pl.Expr:
    """`4`, or `3 to 10`."""
    low, high = pl.col("part").min(), pl.col("part").max()
    return (
        pl.when(low == high).then(low.cast(pl.String)).otherwise(pl.format("{} to {}", low, high))
    )


def counts_of(parts: pl.DataFrame, kind: str) -> pl.DataFrame:
    return parts.filter(kind=kind).select("task", pl.col("n").alias(kind))


def context_rows(parts: pl.DataFrame, titles: dict[str, str]) -> pl.DataFrame:
    """A line per safety context, most questions first: `part`, their sum, a column per task.

    Where a task has no such question the cell is null.
    """
    rows = parts.filter(kind="safety")
    tasks = [task for task in titles if task in rows["task"]]
    sums = rows.group_by("part").agg(pl.col("n").sum().alias(ALL))
    wide = rows.pivot("task", index="part", values="n")
    return sums.join(wide, on="part").sort(-pl.col(ALL), "part").select("part", ALL, *tasks)


def specialty_rows(parts: pl.DataFrame, titles: dict[str, str]) -> pl.DataFrame:
    """A line per specialty, most questions first: `part`, how many, and the tasks they are of."""
    rows = parts.filter(pl.col("kind") == "subject", pl.col("part") != "")
    named = rows.with_columns(pl.col("task").replace(titles), pl.col("part").str.strip_chars())
    lines = named.group_by("part").agg(
        pl.col("n").sum(), tasks=pl.col("task").sort_by("position").str.join(", ")
    )
    return lines.sort(-pl.col("n"), "part")


def gaps(tasks: pl.DataFrame, parts: pl.DataFrame) -> list[str]:
    """What is missing, a sentence each."""
    loaded = tasks.filter("loaded")
    languages = sorted(set(loaded["language"]))
    safe = (
        parts.filter(kind="safety").group_by("part").agg(pl.col("n").sum(), most=pl.col("n").max())
    )
    absent = [context for context in CONTEXTS if context not in safe["part"]]
    rare = safe.filter(pl.col("n") < FEW).sort("n", "part")
    lopsided = safe.filter(pl.col("n") >= FEW, pl.col("most") >= 0.9 * pl.col("n")).sort("part")
    unnamed = parts.filter(kind="subject", part="").select("task", "n")
    bare = loaded.join(unnamed, on="task").filter(pl.col("n") == pl.col("size"))["title"]
    said = {
        f"All questions are in {name_language(languages[0])}.": len(languages) == 1,
        f"No question is on {', '.join(absent)}.": len(absent),
        f"Fewer than {FEW} questions, all tasks together, on {name_parts(rare)}.": rare.height,
        f"Nine in ten questions are of one task on {name_parts(lopsided)}.": lopsided.height,
        f"No specialty is named in {', '.join(bare)}.": len(bare),
    }
    return [sentence for sentence, applies in said.items() if applies]


def name_parts(parts: pl.DataFrame) -> str:
    return ", ".join(f"{part} ({n:,})" for part, n in parts.select("part", "n").iter_rows())


def name_language(code: str) -> str:
    """`English`, or the code of any other language as a code."""
    return "English" if code == "en" else f"the language with the code {code}"

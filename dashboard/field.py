"""What the scores of a lane say of models in general, in frames and words; no Streamlit here."""

import polars as pl

from dashboard import given, tables

MARKINGS = {
    "average": "Average",
    "weighted_average": "By size",
    "deduplicated_average": "Distinct",
}
"""Ways to sum up the nine tasks that can change who is ahead of whom."""
FACTS = ("parameters", "released_at", "cost_per_1000")
"""What scores are drawn against."""
BREAK_EVEN = 0.25
"""What MedMCQA's exam takes off for a wrong answer."""


def score_rows(rows: pl.DataFrame, score: str) -> pl.DataFrame:
    """The models that have a score, with label, accuracy, low, high and `FACTS`.

    Best first, without doubtful rows.
    """
    scored = real_models(rows.filter(~pl.col("suspect"))).drop_nulls(score)
    scored = scored.with_columns(tier=pl.lit(None, pl.Int64))
    facts = scored.select("run_id", *FACTS)
    return pl.concat([tables.chart_rows(scored, score), facts], how="horizontal").sort(
        "accuracy", "label", descending=[True, False]
    )


def real_models(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without baselines and random weights, which are no part of a field of models.

    Where there are no two others, all of them: the demonstration has hardly any.
    """
    real = rows.filter(~pl.col("type").is_in(["baseline", "random weights"]))
    return real if real["run_id"].n_unique() > 1 else rows


def best_baseline(rows: pl.DataFrame, score: str) -> float | None:
    """The best score of whoever reads no question."""
    best = rows.filter(type="baseline")[score].max()
    return None if best is None else float(str(best))


def frontier(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """The rows that are better than all before them, in the order of the column `by`."""
    ordered = rows.drop_nulls(by).sort(by, "accuracy", descending=[False, True])
    best = ordered["accuracy"].cum_max().shift(1)
    return ordered.filter(pl.lit(best).is_null() | (pl.col("accuracy") > best))


def name_model(label: str) -> str:
    """The model of a label, without what tells it from its namesakes."""
    return label.split(" · ", maxsplit=1)[0]


def say_size(rows: pl.DataFrame) -> str:
    """The best below ten billion weights, and how far it is behind the best of known size."""
    known = rows.drop_nulls("parameters")
    small = known.filter(pl.col("parameters") < 10e9)
    if known.height < 2 or small.is_empty():
        return "Accuracy by number of weights"
    best, best_small = known.row(0, named=True), small.row(0, named=True)
    said = (
        f"Below 10B weights the best is {name_model(best_small['label'])} with "
        f"{best_small['accuracy']:.1%}"
    )
    if best["label"] == best_small["label"]:
        return f"{said}, the best of all sizes"
    behind = (best["accuracy"] - best_small["accuracy"]) * 100
    size = tables.short_number(best["parameters"])
    return f"{said}, {behind:.1f} points behind {name_model(best['label'])} with {size}"


def say_time(rows: pl.DataFrame) -> str:
    """From what to what the best score rose."""
    steps = frontier(rows, "released_at")
    if steps.height < 2:
        return "Accuracy by release"
    first, last = steps.row(0, named=True), steps.row(-1, named=True)
    return (
        f"The best score rose from {first['accuracy']:.1%} ({first['released_at']:%B %Y}) to "
        f"{last['accuracy']:.1%} ({last['released_at']:%B %Y})"
    )


def say_cost(rows: pl.DataFrame) -> str:
    """What the best of known cost costs, and how far behind it the cheapest is."""
    known = rows.drop_nulls("cost_per_1000")
    if known.height < 2:
        return "Accuracy by cost"
    best = known.row(0, named=True)
    whose = "The" if known.height == rows.height else "Of those whose cost is known, the"
    said = (
        f"{whose} best, {name_model(best['label'])} with {best['accuracy']:.1%}, costs "
        f"US${given.dollars(best['cost_per_1000'])} for 1,000 answers"
    )
    cheapest = known.sort("cost_per_1000", maintain_order=True).row(0, named=True)
    if cheapest["label"] == best["label"]:
        return f"{said}, the least of all"
    behind = (best["accuracy"] - cheapest["accuracy"]) * 100
    return (
        f"{said}; the cheapest, {name_model(cheapest['label'])}, costs "
        f"US${given.dollars(cheapest['cost_per_1000'])} and is {behind:.1f} points behind"
    )


def say_spread(rows: pl.DataFrame, baseline: float | None) -> str:
    """Where the middle half lies, and how many are not surely above the best baseline."""
    if rows.height < 4:
        return f"{rows.height} model{'' if rows.height == 1 else 's'} with this score"
    low, high = (rows["accuracy"].quantile(share, "linear") for share in (0.25, 0.75))
    said = f"Half of {rows.height:,} models lie between {low:.1%} and {high:.1%}"
    if baseline is None or not rows["low"].count():
        return said
    near = rows.filter(pl.col("low") <= baseline).height
    told = {0: "all are surely above", 1: "one is not surely above"}
    return f"{said}; {told.get(near, f'{near:,} are not surely above')} the best baseline"


def rank_markings(rows: pl.DataFrame) -> pl.DataFrame:
    """label and the rank under each of `MARKINGS`, of the models that have all of them."""
    real = real_models(rows.filter(~pl.col("suspect"))).drop_nulls(list(MARKINGS))
    ranks = (
        pl.col(name).rank("min", descending=True).cast(pl.Int64).alias(f"{name}_rank")
        for name in MARKINGS
    )
    labelled = real.with_columns(label=tables.unique_labels(real))
    return labelled.select("label", *MARKINGS, *ranks).sort("average_rank", "label")


def say_markings(ranks: pl.DataFrame) -> str:
    """How many pairs of models change places between the average and the average by size."""
    if ranks.height < 2:
        return "Two models with all nine tasks are needed"
    pairs, turned = count_turned(ranks["average"], ranks["weighted_average"])
    moved = ranks.with_columns(
        move=(pl.col("weighted_average_rank") - pl.col("average_rank")).abs()
    ).sort("move", "label", descending=[True, False])
    most = moved.row(0, named=True)
    if not turned:
        return "Nobody changes places when large tasks count more"
    places = f"{most['move']} place{'s' if most['move'] > 1 else ''}"
    return (
        f"{turned:,} of {pairs:,} pairs change places when large tasks count more; "
        f"{name_model(most['label'])} moves most, by {places}"
    )


def count_turned(one: pl.Series, other: pl.Series) -> tuple[int, int]:
    """How many pairs there are, and how many stand the other way round (Kendall 1938, Biometrika
    30:81); equal ones do not."""
    a, b = one.to_numpy(), other.to_numpy()
    turned = sum(int(((a[i] - a[i + 1 :]) * (b[i] - b[i + 1 :]) < 0).sum()) for i in range(len(a)))
    return len(a) * (len(a) - 1) // 2, turned


def negative_marking(accuracy: float) -> float:
    """The exam's score of a run that leaves nothing out: 1 for right, -0.25 for wrong, ÷ n."""
    return accuracy - BREAK_EVEN * (1 - accuracy)

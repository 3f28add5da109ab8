"""What the comparison of runs shows: names, and a table for each part; no Streamlit here."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from dashboard import tables
from dashboard.cases import pick_texts, short_tasks
from warehouse.statistics.agreement import Agreement

SURE = 0.05
FEWEST_MISTAKES = 30
"""Shared by two runs, before it is said that they agree much."""
TELLING = ("revision", "precision", "lane")
FACTS = {
    "run_id": "Run",
    "model": "Model",
    "revision": "Revision",
    "precision": "Precision",
    "lane": "Lane",
    "origin": "Origin",
}
TASK_FACTS = {"data": "revision of the data", "questions": "questions", "prompts": "prompts"}


def best_lane(runs: pl.DataFrame) -> str:
    """The lane with most current runs, of real models where there are two."""
    counts = real_runs(runs).group_by("lane").agg(runs=pl.len(), correct=pl.col("correct").max())
    return str(counts.sort("runs", "correct", "lane", descending=True)["lane"][0])


def best_runs(runs: pl.DataFrame, number: int) -> list[str]:
    """The current `runs` with most right answers; who answered less is behind who answered more."""
    best = real_runs(runs).sort("correct", descending=True, maintain_order=True)
    return best["run_id"].to_list()[:number]


def real_runs(runs: pl.DataFrame) -> pl.DataFrame:
    """Current runs; baselines and random weights only where there are no two others."""
    current = runs.filter("current")
    real = current.filter(pl.col("type").is_in(tables.REAL_MODELS))
    return real if real.height > 1 else current


def short_names(runs: pl.DataFrame) -> dict[str, str]:
    """From run to model; namesakes are told apart by the first facts that do."""
    found = dict(runs.select("run_id", "model").iter_rows())
    for _, namesakes in runs.filter(pl.col("model").is_duplicated()).group_by("model"):
        facts = {fact: namesakes[fact].fill_null("unknown").to_list() for fact in TELLING}
        facts["tasks"] = [short_tasks(tasks) for tasks in namesakes["tasks"]]
        facts["run_id"] = namesakes["run_id"].to_list()
        for place, run_id in enumerate(facts["run_id"]):
            found[run_id] += "".join(f" · {fact}" for fact in tell_apart(facts, place))
    return found


def tell_apart(facts: Mapping[str, Sequence[str]], place: int) -> list[str]:
    """The facts that the one at `place` needs so that it is told from all others."""
    left, needed = set(range(len(facts["run_id"]))), []
    for values in facts.values():
        alike = {other for other in left if values[other] == values[place]}
        if alike != left:
            needed.append(values[place][:10] if len(values[place]) == 40 else values[place])
            left = alike
    return needed


def score_rows(scores: pl.DataFrame, titles: Mapping[str, str]) -> pl.DataFrame:
    """A line per task, a column per run: `61.3 ±2.7`, with a star where it is partial."""
    score = pl.format(
        "{} ±{}{}",
        tables.decimals(pl.col("accuracy") * 100).str.pad_start(5),
        tables.decimals((pl.col("interval_high") - pl.col("interval_low")) * 50),
        pl.when(pl.col("n") < pl.col("expected"))
        .then(pl.lit(tables.PARTIAL))
        .otherwise(pl.lit("")),
    )
    rows = scores.select("task", "run_id", text=score)
    return rows.pivot("run_id", index="task", values="text", maintain_order=True).with_columns(
        pl.col("task").replace_strict(titles)
    )


def difference_rows(
    differences: pl.DataFrame, names: Mapping[str, str], titles: Mapping[str, str]
) -> pl.DataFrame:
    """A line per run and task; differences in points, positive where the first run is behind."""
    sure = pl.col("corrected") < SURE
    ahead = pl.col("difference") > 0
    return differences.select(
        pl.col("run_id").replace_strict(names).alias("other"),
        pl.col("task").replace_strict(titles),
        pl.when(~sure)
        .then(pl.lit("cannot tell"))
        .when(ahead)
        .then(pl.lit("better"))
        .otherwise(pl.lit("worse"))
        .alias("verdict"),
        pl.col("difference") * 100,
        pl.format("{} to {}", signed("low"), signed("high")).alias("within"),
        pl.col("n").alias("both"),
        "only_other",
        "only_one",
        chance("p_value"),
        chance("corrected"),
        pl.col("detectable") * 100,
    )


def named(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """The rows with the model of each run before them, as a file has it; shares are from 0 to 1."""
    return rows.select(pl.col("run_id").replace_strict(names).alias("model"), pl.all())


def signed(share: str) -> pl.Expr:
    """Points with their sign, always."""
    points = (pl.col(share) * 100).round(1)
    plus = pl.when(points >= 0).then(pl.lit("+")).otherwise(pl.lit(""))
    return (plus + tables.decimals(points)).alias(share)


def chance(p_value: str) -> pl.Expr:
    """Three digits; what is less than they can say is said to be."""
    digits = pl.col(p_value).round(3).cast(pl.String).str.pad_end(5, "0")
    return pl.when(pl.col(p_value) < 0.001).then(pl.lit("<0.001")).otherwise(digits).alias(p_value)


def right_rows(questions: pl.DataFrame) -> pl.DataFrame:
    """A line per question that one run has right and the other wrong."""
    return pl.DataFrame(
        {
            "question": [" ".join(text.split())[:300] for text in questions["question"]],
            "picked": pick_texts(questions, "other_prediction"),
            "key": pick_texts(questions, "gold"),
            "task": questions["task_title"],
            "subject": questions["subject"],
            "context": questions["safety_tags"].list.join(", "),
        },
        schema_overrides={"subject": pl.String},
    )


def list_alike(agreement: Agreement, names: Sequence[str]) -> pl.DataFrame:
    """A line per pair of runs, those that agree most first.

    Pairs with fewer than `FEWEST_MISTAKES` in common are left out.
    """
    one, other = np.triu_indices(len(names), 1)
    labels = pl.Series(names, dtype=pl.String)
    pairs = pl.DataFrame(
        {
            "model": labels.gather(one),
            "partner": labels.gather(other),
            "share": agreement.shares[one, other] * 100,
            "same": agreement.same_pick[one, other],
            "both_wrong": agreement.both_wrong[one, other],
        }
    )
    kept = pairs.filter(pl.col("both_wrong") >= FEWEST_MISTAKES)
    return kept.sort("share", descending=True, maintain_order=True)


def setting_rows(settings: pl.DataFrame) -> pl.DataFrame:
    """A line per setting that is not the same in all runs, a column per run."""
    by_run = {row["run_id"]: list_settings(row) for row in settings.iter_rows(named=True)}
    known = dict.fromkeys(name for found in by_run.values() for name in found)
    differing = [name for name in known if len({found.get(name) for found in by_run.values()}) > 1]
    columns = {run_id: [found.get(name) for name in differing] for run_id, found in by_run.items()}
    schema = dict.fromkeys(["setting", *columns], pl.String)
    return pl.DataFrame({"setting": differing} | columns, schema=schema)


def list_settings(row: Mapping[str, Any]) -> dict[str, str]:
    """Every setting of a run by its name."""
    found = {label: row[fact] for fact, label in FACTS.items() if row[fact]}
    for column in ("versions", "hardware"):
        for name, value in sorted(json.loads(row[column]).items()):
            text = value if isinstance(value, str) else json.dumps(value)
            found[f"{column.capitalize()} · {name}"] = text
    for task in row["tasks"]:
        for fact, label in TASK_FACTS.items():
            if task[fact]:
                found[f"{task['task']} · {label}"] = task[fact]
    return found

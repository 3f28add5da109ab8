"""A run's record as rows of the warehouse's tables."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from evaluator.records import Run
from ingest.run_checks import FACTS, WEIGHED, WRITTEN, has_any

FLAGS = pl.Schema(
    {
        "run_id": pl.String(),
        "task": pl.String(),
        "sample_id": pl.String(),
        "repeat": pl.Int16(),
        "flag": pl.String(),
        "kind": pl.String(),
        "words": pl.String(),
        "start": pl.Int32(),
        "end_": pl.Int32(),
    }
)
"""Passages of responses that say otherwise than their prediction."""


def models_frame(runs: Sequence[Run]) -> pl.DataFrame:
    """A row a model and revision; of several runs of one, the last one's."""
    models = {(run.plan.model.name, run.plan.model.revision): run.plan.model for run in runs}
    return pl.DataFrame(
        [
            model.model_dump(exclude={"name"})
            | {
                "model": model.name,
                "released_at": naive(model.released_at) if model.released_at else None,
                "trained_on": list(model.trained_on),
            }
            for model in models.values()
        ],
        schema_overrides={
            "parameters": pl.Int64,
            "architecture": pl.String,
            "licence": pl.String,
            "released_at": pl.Datetime,
            "trained_on": pl.List(pl.String),
            "base": pl.String,
            "base_revision": pl.String,
        },
    )


def runs_frame(runs: Sequence[Run], record_hashes: Sequence[str]) -> pl.DataFrame:
    """A row a run; `record_hashes` are those of their run.json."""
    return pl.DataFrame(
        [
            run.model_dump(
                include={"run_id", "origin", "seconds", "command", "supersedes", "suspect"},
                mode="json",
            )
            | {
                "model": run.plan.model.name,
                "revision": run.plan.model.revision,
                "precision": run.plan.precision,
                "lane": run.plan.protocol.slug,
                "started_at": naive(run.started_at),
                "finished_at": naive(run.finished_at),
                "versions": json.dumps(dict(run.versions)),
                "hardware": json.dumps(dict(run.hardware)),
                "record_hash": record_hash,
            }
            for run, record_hash in zip(runs, record_hashes, strict=True)
        ],
        schema_overrides={"seconds": pl.Float64}
        | dict.fromkeys(("precision", "supersedes", "suspect"), pl.String),
    )


def naive(moment: datetime) -> datetime:
    """The warehouse keeps UTC without saying so in each cell."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def run_tasks_frame(runs: Sequence[Run], answers: pl.DataFrame) -> pl.DataFrame:
    """A row a run and task, with the number of questions that have one of the `answers`.

    They are counted: older records of repeated answers say only how many predictions there are.
    """
    planned = pl.DataFrame(
        [
            plan.model_dump() | {"run_id": run.run_id, "expected": result.expected}
            for run in runs
            for plan in run.plan.tasks
            for result in run.results
            if result.task == plan.task
        ],
        infer_schema_length=None,
    )
    key = ["run_id", "task"]
    answered = answers.group_by(key).agg(predictions=pl.col("sample").n_unique())
    return planned.join(answered, on=key, how="left").with_columns(
        pl.col("predictions").fill_null(0)
    )


def predictions_frame(answers: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """A row a prediction of `answers`, whose runs have these `numbers`, with its confidence."""
    logprobs = pl.col("logprobs")
    odds = (logprobs - logprobs.list.max()).list.eval(pl.element().exp())
    return answers.join(numbers, on="run_id").select(
        pl.col("number").alias("run"),
        "sample",
        "repeat",
        "prediction",
        confidence=(1 / odds.list.sum()).cast(pl.Float32),
        logprobs=logprobs.cast(pl.List(pl.Float32)),
    )


def answers_frame(answers: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """How each answer was given, where a run and task have answers in words, or several of one.

    Of a question whose choices are scored once there is nothing to say, and most are.
    """
    several = (pl.col("repeat") > 0) & has_any(("tokens", "seconds"))
    found = answers.filter(has_any(WRITTEN) | several).select("run_id", "task").unique()
    rows = answers.join(found, on=["run_id", "task"], how="semi").join(numbers, on="run_id")
    return rows.select(
        pl.col("number").alias("run"),
        "sample",
        "repeat",
        "thought",
        pl.col(name for name in FACTS if name not in WEIGHED),
        pl.col(WEIGHED).cast(pl.List(pl.Float32)),
    )


def answer_sheets_frame(answers: pl.DataFrame, questions: pl.DataFrame) -> pl.DataFrame:
    """A row a run and task of `answers`: what it picked of the task's `questions`, in order.

    Where it answered some several times, also the share of each one's answers that are right.
    """
    key = ["run_id", "task"]
    first = answers.filter(pl.col("repeat") == 0).select(
        *key, pl.col("sample").alias("number"), pl.col("prediction").fill_null("-")
    )
    sizes = questions.group_by("task").agg(size=pl.len())
    counts = answers.select(key).unique().join(first.group_by(key).len(), on=key, how="left")
    partial = counts.join(sizes, on="task").filter(pl.col("len").fill_null(0) < pl.col("size"))
    left_out = partial.join(questions, on="task").join(first, on=[*key, "number"], how="anti")
    blank = left_out.select(*key, "number", pl.lit(" ").alias("prediction"))
    sheets = pl.concat([first, blank]).group_by(key)
    picks = sheets.agg(picks=pl.col("prediction").sort_by("number").str.join(""))
    return picks.join(shares_frame(answers, questions), on=key, how="left")


def shares_frame(answers: pl.DataFrame, questions: pl.DataFrame) -> pl.DataFrame:
    """A row a run and task with repeats: the share of right answers to each of its questions."""
    key = ["run_id", "task"]
    found = answers.filter(pl.col("repeat") > 0).select(key).unique()
    asked = found.join(questions, on="task").select(*key, pl.col("number").alias("sample"), "gold")
    right = (pl.col("prediction") == pl.col("gold")).fill_null(value=False)
    shares = (
        asked.join(answers, on=[*key, "sample"], how="left")
        .group_by(*key, "sample")
        .agg(share=right.mean())
    )
    return shares.group_by(key).agg(shares=pl.col("share").sort_by("sample"))

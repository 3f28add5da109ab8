"""A run's record as rows of the warehouse's tables."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from evaluator.records import Run

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


def run_tasks_frame(runs: Sequence[Run]) -> pl.DataFrame:
    """A row a run and task."""
    return pl.DataFrame(
        [
            plan.model_dump()
            | {"run_id": run.run_id}
            | result.model_dump(include={"predictions", "expected"})
            for run in runs
            for plan in run.plan.tasks
            for result in run.results
            if result.task == plan.task
        ],
        infer_schema_length=None,
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


def answer_sheets_frame(answers: pl.DataFrame, questions: pl.DataFrame) -> pl.DataFrame:
    """A row a run and task of `answers`: what it picked of the task's `questions`, in order."""
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
    return sheets.agg(picks=pl.col("prediction").sort_by("number").str.join(""))

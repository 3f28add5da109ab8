"""Flags the wrong predictions whose own response contradicts them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from evaluator.rationales import find_contradiction
from evaluator.records import Run
from evaluator.tables import find_predictions
from ingest.run_checks import Runs

FLAG = "contradiction"
QUESTION = ("task", "sample_id", "question", "choices", "gold")
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


def flag_rationales(runs: Runs, questions: pl.DataFrame) -> pl.DataFrame:
    """Return the contradictions in the wrong predictions of `runs`, as `FLAGS` has them.

    `runs` are those whose predictions were read without a fault. `questions` have task, sample_id,
    question, choices (their texts) and gold. Characters are counted from 0; `words` are those from
    `start` to before `end_` of the response. A file is read at a time, and of it only responses to
    wrong predictions: these may be long.
    """
    rows = [
        row
        for folder, run in runs.items()
        for task in sorted({result.task for result in run.results})
        for row in flag_task(folder, run, task, questions)
    ]
    return pl.DataFrame(rows, schema=FLAGS, orient="row")


def flag_task(
    folder: Path, run: Run, task: str, questions: pl.DataFrame
) -> Iterator[tuple[Any, ...]]:
    asked = questions.lazy().filter(pl.col("task") == task).select(QUESTION)
    answers = pl.scan_parquet(find_predictions(folder, task), glob=False)
    wrong = (
        answers.select("sample_id", "repeat", "prediction", "response")
        .filter(pl.col("response").is_not_null() & pl.col("prediction").is_not_null())
        .join(asked, on="sample_id", maintain_order="left")
        .filter(pl.col("prediction") != pl.col("gold"))
        .collect()
    )
    for row in wrong.iter_rows(named=True):
        found = find_contradiction(
            row["response"], row["question"], row["choices"], row["prediction"]
        )
        if found:
            yield run.run_id, task, row["sample_id"], row["repeat"], FLAG, *found

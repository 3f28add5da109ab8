"""Flags the wrong predictions whose own response contradicts them."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

import polars as pl

from evaluator import rationales
from evaluator.tables import find_predictions, scan_predictions
from ingest.frames import FLAGS
from ingest.run_checks import Runs

FLAG = "contradiction"
QUESTION = ("task", "sample_id", "question", "choices", "gold")


def flag_rationales(runs: Runs, ask_questions: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """Return the contradictions in the wrong predictions of `runs`, as `frames.FLAGS` has them.

    `runs` are those whose predictions were read without a fault. The questions, asked for where a
    run has responses, have task, sample_id, question, choices (their texts) and gold. Characters
    are counted from 0; `words` are those from `start` to before `end_` of the response. Files are
    read one at a time, and of them only responses to wrong predictions: these may be long.
    """
    files = {
        str(find_predictions(folder, result.task)): (run.run_id, result.task)
        for folder, run in runs.items()
        for result in run.results
    }
    spoken = find_spoken(files)
    questions = ask_questions().select(QUESTION) if spoken else pl.DataFrame()
    rows = [
        (*files[path], *found)
        for path in spoken
        for found in flag_file(path, files[path][1], questions)
    ]
    return pl.DataFrame(rows, schema=FLAGS, orient="row")


def find_spoken(files: Collection[str]) -> list[str]:
    """The files that have a response; of most runs only probabilities were kept."""
    if not files:
        return []
    spoken = scan_predictions([*files]).filter(pl.col("response").is_not_null())
    return sorted(spoken.select("path").unique().collect()["path"])


def flag_file(path: str, task: str, questions: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    asked = questions.lazy().filter(pl.col("task") == task)
    given = pl.scan_parquet(path, glob=False)
    wrong = (
        given.select("sample_id", "repeat", "prediction", "response")
        .filter(pl.col("response").is_not_null() & pl.col("prediction").is_not_null())
        .join(asked, on="sample_id", maintain_order="left")
        .filter(pl.col("prediction") != pl.col("gold"))
        .collect()
    )
    for row in wrong.iter_rows(named=True):
        found = rationales.find_contradiction(
            row["response"], row["question"], row["choices"], row["prediction"]
        )
        if found:
            yield row["sample_id"], row["repeat"], FLAG, *found

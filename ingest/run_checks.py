"""Reads the predictions of many run folders at a time, and judges them before any is loaded.

The rules in `warehouse/checks/` judge what was loaded, and one broken row keeps all of it from
being published. A folder that would break one is found here, so that it alone goes to quarantine.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from evaluator.errors import BrokenRun
from evaluator.records import RUN_FILE, Run
from evaluator.samples import LETTERS
from evaluator.tables import find_predictions

ANSWERS = ("sample_id", "repeat", "prediction", "logprobs")
INDEX = {letter: number for number, letter in enumerate(LETTERS)}
Runs = Mapping[Path, Run]
Faults = dict[str, BrokenRun]
"""By run id."""


def read_answers(runs: Runs, questions: pl.DataFrame) -> tuple[pl.DataFrame, Faults]:
    """Return the predictions of the runs that are whole, and what is wrong with the others.

    `questions` are those that are loaded: task, sample_id, number, choices. A row a prediction:
    run_id, task, sample (the question's number), repeat, prediction, logprobs.
    """
    files, faults = find_files(runs)
    rows, damaged = scan_files(files)
    faults |= damaged
    rows = rows.join(questions, on=["task", "sample_id"], how="left", maintain_order="left")
    for judged in (count_faults(files, rows), find_faults(rows)):
        for run_id, task, fault in judged.iter_rows():
            faults.setdefault(run_id, BrokenRun(f"{run_id}/{task}.parquet{fault}"))
    whole = rows.filter(~pl.col("run_id").is_in(list(faults)))
    return whole.rename({"number": "sample"}).drop("sample_id", "choices"), faults


def find_files(runs: Runs) -> tuple[pl.DataFrame, Faults]:
    """List the files that have the right columns: path, run_id, task, recorded predictions."""
    files, faults = [], {}
    for folder, run in runs.items():
        try:
            files += [
                (str(find_predictions(folder, result.task)), run.run_id, result.task, recorded)
                for result in run.results
                for recorded in [result.predictions]
            ]
        except BrokenRun as error:
            faults[run.run_id] = error
    schema = {"path": pl.String, "run_id": pl.String, "task": pl.String, "recorded": pl.Int64}
    listed = pl.DataFrame(files, schema=schema, orient="row")
    return listed.filter(~pl.col("run_id").is_in(list(faults))), faults


def scan_files(files: pl.DataFrame) -> tuple[pl.DataFrame, Faults]:
    """Read all files at once; where that fails, a run at a time, to learn whose is damaged."""
    paths = files["path"].to_list()
    if not paths:
        return pl.DataFrame(schema=NO_ANSWERS), {}
    try:
        scanned = pl.scan_parquet(
            paths,
            glob=False,
            include_file_paths="path",
            missing_columns="insert",
            extra_columns="ignore",
        )
        rows = scanned.select("path", *ANSWERS).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        parts = files.partition_by("run_id", maintain_order=True)
        if len(parts) == 1:
            fault = BrokenRun(f"{Path(paths[0]).parent} is not readable: {error}")
            return pl.DataFrame(schema=NO_ANSWERS), {files["run_id"][0]: fault}
        tables, faults = zip(*map(scan_files, parts), strict=True)
        return pl.concat(tables), {key: fault for some in faults for key, fault in some.items()}
    return rows.join(files, on="path", maintain_order="left").select(NO_ANSWERS.names()), {}


NO_ANSWERS = pl.Schema(
    {
        "run_id": pl.String(),
        "task": pl.String(),
        "sample_id": pl.String(),
        "repeat": pl.Int16(),
        "prediction": pl.String(),
        "logprobs": pl.List(pl.Float64()),
    }
)


def count_faults(files: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The files with another number of predictions than recorded: run_id, task, fault."""
    counted = files.join(rows.group_by("run_id", "task").len(), on=["run_id", "task"], how="left")
    counted = counted.with_columns(pl.col("len").fill_null(0)).filter(
        pl.col("len") != pl.col("recorded")
    )
    fault = pl.format(f" has {{}} predictions, but {RUN_FILE} says {{}}.", "len", "recorded")
    return counted.select("run_id", "task", fault)


def find_faults(rows: pl.DataFrame) -> pl.DataFrame:
    """What is wrong with each run's predictions: run_id, task, fault; the first of `FAULTS` first.

    `rows` have the number of choices of each question, which is null where there is none.
    """
    picked = pl.col("prediction").replace_strict(INDEX, default=None, return_dtype=pl.Int32)
    judged = rows.with_columns(picked=picked)
    found = [
        judged.filter(broken)
        .group_by("run_id", "task", maintain_order=True)
        .agg(times=pl.len(), first=pl.col("sample_id").first().fill_null(""))
        .select(
            "run_id",
            "task",
            pl.format(f": {fault} ({{}} times, first for '{{}}').", "times", "first"),
        )
        for fault, broken in FAULTS.items()
    ]
    return pl.concat(found)


def is_bad_logprob(element: pl.Expr) -> pl.Expr:
    return ~(element.is_finite() & (element <= 0)).fill_null(value=False)


KEY = pl.struct("run_id", "task", "sample_id", "repeat")
FAULTS = {
    "a prediction has no sample_id or no repeat": (
        pl.col("sample_id").is_null() | pl.col("repeat").is_null()
    ),
    "a prediction answers a question that the task does not have": pl.col("choices").is_null(),
    "a question is answered twice": KEY.is_duplicated(),
    "a prediction is neither a letter of the choices nor empty": (
        pl.col("prediction").is_not_null()
        & (pl.col("picked").is_null() | (pl.col("picked") >= pl.col("choices")))
    ),
    "there is not one log-probability for each choice": (
        pl.col("logprobs").list.len() != pl.col("choices")
    ),
    "a log-probability is positive, infinite or not a number": (
        pl.col("logprobs").list.eval(is_bad_logprob(pl.element())).list.any()
    ),
    "a prediction is not the likeliest choice": (
        pl.col("logprobs").is_not_null()
        & (
            pl.col("logprobs").list.get(pl.col("picked"), null_on_oob=True)
            != pl.col("logprobs").list.max()
        ).fill_null(value=True)
    ),
}
"""From what is wrong to an expression that is true where it is."""

"""Reads the predictions of many run folders at a time, and judges them before any is loaded.

The rules in `warehouse/checks/` judge what was loaded, and one broken row keeps all of it from
being published. A folder that would break one is found here, so that it alone goes to quarantine.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from evaluator.errors import BrokenRun
from evaluator.records import RUN_FILE, Run
from evaluator.samples import LETTERS
from evaluator.tables import FINISHES, PREDICTIONS, find_predictions, scan_predictions

ANSWERS = ("sample_id", "repeat", "prediction", "logprobs")
WEIGHED = ("logprobs_before", "logprobs_after")
WRITTEN = ("written_tokens", "finish", "cost", *WEIGHED)
"""What only answers in words have."""
FACTS = ("tokens", "seconds", *WRITTEN)
INDEX = {letter: number for number, letter in enumerate(LETTERS)}
FILES = pl.Schema(
    {
        "path": pl.String(),
        "run_id": pl.String(),
        "task": pl.String(),
        "recorded": pl.Int64(),
        "answered": pl.Int64(),
    }
)
Runs = Mapping[Path, Run]
Faults = dict[str, BrokenRun]
"""By run id."""


def read_answers(runs: Runs, questions: pl.DataFrame) -> tuple[pl.DataFrame, Faults]:
    """Return the predictions of the runs that are whole, and what is wrong with the others.

    `questions` are those that are loaded: task, sample_id, number, choices, gold. A row a
    prediction: run_id, task, sample (the question's number), repeat, prediction, logprobs, `FACTS`,
    and whether the model thought.
    """
    files, faults = find_files(runs)
    rows, damaged = scan_files(files)
    faults |= damaged
    rows = rows.join(questions, on=["task", "sample_id"], how="left", maintain_order="left")
    written = rows.filter(has_any(WRITTEN))
    for judged in (
        count_faults(files, rows),
        find_faults(rows, FAULTS),
        find_faults(written, WRITTEN_FAULTS),
    ):
        for run_id, task, fault in judged.iter_rows():
            faults.setdefault(run_id, BrokenRun(f"{run_id}/{task}.parquet{fault}"))
    whole = rows.filter(~pl.col("run_id").is_in(list(faults)))
    return whole.rename({"number": "sample"}).drop("sample_id", "choices", "gold"), faults


def find_files(runs: Runs) -> tuple[pl.DataFrame, Faults]:
    """List the files that have the right columns: path, run_id, task, and what is recorded: how
    many predictions, and of how many questions where some have several.
    """
    files, faults = [], {}
    for folder, run in runs.items():
        try:
            files += [
                (
                    str(find_predictions(folder, result.task)),
                    run.run_id,
                    result.task,
                    result.predictions,
                    result.answered,
                )
                for result in run.results
            ]
        except BrokenRun as error:
            faults[run.run_id] = error
    listed = pl.DataFrame(files, schema=FILES, orient="row")
    return listed.filter(~pl.col("run_id").is_in(list(faults))), faults


def scan_files(files: pl.DataFrame) -> tuple[pl.DataFrame, Faults]:
    """Read all files at once; where that fails, a run at a time, to learn whose is damaged."""
    paths = files["path"].to_list()
    if not paths:
        return pl.DataFrame(schema=NO_ANSWERS), {}
    try:
        thought = pl.col("thinking").is_not_null().alias("thought")
        rows = scan_predictions(paths).select("path", *ANSWERS, *FACTS, thought).collect()
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
        **{name: PREDICTIONS[name] for name in (*ANSWERS, *FACTS)},
        "thought": pl.Boolean(),
    }
)


def count_faults(files: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The files with other numbers of predictions or questions than recorded: run_id, task, fault.

    Questions are counted where the record says how many there are.
    """
    key = ["run_id", "task"]
    counted = files.join(rows.group_by(key).len("predictions"), on=key, how="left")
    several = rows.join(files.filter(pl.col("answered").is_not_null()), on=key, how="semi")
    questions = several.group_by(key).agg(answered=pl.col("sample_id").n_unique())
    counted = counted.join(questions, on=key, how="left", suffix="_found").fill_null(0)
    return pl.concat(
        counted.filter(pl.col(found) != pl.col(recorded)).select(
            *key, fault=pl.format(f" has {{}} {what}, but {RUN_FILE} says {{}}.", found, recorded)
        )
        for what, found, recorded in (
            ("predictions", "predictions", "recorded"),
            ("answered questions", "answered_found", "answered"),
        )
    )


def find_faults(rows: pl.DataFrame, faults: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """What is wrong with each run's predictions: run_id, task, fault; the first of `faults` first.

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
        for fault, broken in faults.items()
    ]
    return pl.concat(found)


def has_any(columns: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(columns).is_not_null())


def are_too_few(logprobs: str) -> pl.Expr:
    return pl.col(logprobs).list.len() != pl.col("choices")


def are_bad(logprobs: str) -> pl.Expr:
    return pl.col(logprobs).list.eval(is_bad_logprob(pl.element())).list.any()


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
    "there is not one log-probability for each choice": are_too_few("logprobs"),
    "a log-probability is positive, infinite or not a number": are_bad("logprobs"),
    "a prediction is not the likeliest choice": (
        pl.col("logprobs").is_not_null()
        & (
            pl.col("logprobs").list.get(pl.col("picked"), null_on_oob=True)
            != pl.col("logprobs").list.max()
        ).fill_null(value=True)
    ),
}
"""From what is wrong to an expression that is true where it is."""
WRITTEN_FAULTS = {
    "there is not one log-probability for each choice before or after the rationale": (
        pl.any_horizontal(map(are_too_few, WEIGHED))
    ),
    "a log-probability before or after the rationale is positive, infinite or not a number": (
        pl.any_horizontal(map(are_bad, WEIGHED))
    ),
    "a number of written tokens is negative": pl.col("written_tokens") < 0,
    "a cost is negative, infinite or not a number": (
        ~(pl.col("cost").is_finite() & (pl.col("cost") >= 0))
    ),
    f"a response ends for another reason than {', '.join(FINISHES)}": (
        ~pl.col("finish").is_in(FINISHES)
    ),
}
"""The same of answers in words."""

"""What the predictions of a run folder must be, judged before any is loaded.

The rules in `warehouse/checks/` judge all of a draft, and one broken row keeps it from being
published. A folder that would break one is found here, so that it alone goes to quarantine.
"""

import polars as pl

from evaluator.errors import BrokenRun
from evaluator.samples import LETTERS

INDEX = {letter: number for number, letter in enumerate(LETTERS)}


def check_predictions(rows: pl.DataFrame, choices: pl.DataFrame, where: str) -> None:
    """Raise `BrokenRun` naming the first bad row of `rows`.

    `rows` are one task's predictions as `evaluator.records` has them, `choices` the number of
    choices of each of the task's questions (`sample_id`, `choices`).
    """
    picked = pl.col("prediction").replace_strict(INDEX, default=None, return_dtype=pl.Int32)
    judged = rows.join(choices, on="sample_id", how="left").with_columns(picked=picked)
    for fault, broken in FAULTS.items():
        found = judged.filter(broken)
        if found.height:
            raise BrokenRun(
                f"{where}: {fault} ({found.height} times, first for {found['sample_id'][0]!r})."
            )


def is_bad_logprob(element: pl.Expr) -> pl.Expr:
    return ~(element.is_finite() & (element <= 0)).fill_null(value=False)


FAULTS = {
    "a prediction answers a question that the task does not have": pl.col("choices").is_null(),
    "a question is answered twice": pl.struct("sample_id", "repeat").is_duplicated(),
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

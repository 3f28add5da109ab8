"""What all may read of reviews and disputed keys, as rows of the warehouse's tables."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from evaluator.samples import LETTERS
from ingest import quarantine
from ingest.frames import naive
from warehouse.ledger.opening import Ledger
from warehouse.ledger.review_public import find_public_reviews

SOURCE = "ledger"
"""What quarantine calls it."""
KEY = ("task", "sample_id")
ANSWER = {
    "run_id": pl.String(),
    "task": pl.String(),
    "sample_id": pl.String(),
    "repeat": pl.Int16(),
}
JUDGED = pl.Schema(
    {"case_number": pl.Int64()}
    | ANSWER
    | {
        "prediction": pl.String(),
        "harm": pl.String(),
        "settled": pl.String(),
        "draw": pl.Int64(),
        "probability": pl.Float64(),
        "population": pl.Int64(),
        "answered": pl.Int64(),
        "drawn": pl.Int64(),
        "judged_share": pl.Float64(),
    }
)
REVIEWS = pl.Schema(
    {"case_number": pl.Int64()}
    | ANSWER
    | {
        "reviewer": pl.String(),
        "role": pl.String(),
        "harm": pl.String(),
        "likelihood": pl.String(),
        "kind": pl.String(),
        "unsafe_reasoning": pl.Boolean(),
        "confidence": pl.String(),
        "comment": pl.String(),
        "reviewed_at": pl.Datetime("us"),
    }
)
DISPUTES = pl.Schema(
    {
        "number": pl.Int64(),
        "task": pl.String(),
        "sample_id": pl.String(),
        "gold": pl.String(),
        "wanted": pl.String(),
        "reason": pl.String(),
        "reference": pl.String(),
        "disputer": pl.String(),
        "disputed_at": pl.Datetime("us"),
        "state": pl.String(),
        "letters": pl.String(),
        "why": pl.String(),
        "version": pl.Int64(),
        "ruled_at": pl.Datetime("us"),
    }
)
SCHEMAS = {"judged_cases": JUDGED, "case_reviews": REVIEWS, "key_disputes": DISPUTES}
Ask = Callable[..., pl.DataFrame]
"""Answers a named query with its parameters."""
Rows = Mapping[str, pl.DataFrame]
"""From the name of a table to what the ledger says is in it."""


def read(ledger: Ledger) -> Rows:
    """What is public, of one moment: cases that are done with their reviews, and all disputes."""
    public = find_public_reviews(ledger)
    rows = {table: [as_row(one._asdict()) for one in getattr(public, table)] for table in SCHEMAS}
    return {table: pl.DataFrame(rows[table], schema=schema) for table, schema in SCHEMAS.items()}


def as_row(said: dict[str, Any]) -> dict[str, object]:
    """With times in UTC; `case` is a word of SQL."""
    return {
        "case_number" if name == "case" else name: naive(value)
        if isinstance(value, datetime)
        else value
        for name, value in said.items()
    }


def keep_known(ask: Ask, read: Rows) -> tuple[Rows, pl.DataFrame]:
    """The rows of runs and questions that are loaded, and as rows of quarantine what is not.

    The ledger knows no run and no question. A row of one that is not loaded, or is another by now,
    would break a rule, and then nothing at all could be published.
    """
    cases, disputes = read["judged_cases"], read["key_disputes"]
    questions = list_questions(ask, {*cases["task"], *disputes["task"]})
    runs = ask("run_numbers").select("run_id", loaded=True)
    judged = cases.join(questions, on=KEY, how="left").join(runs, on="run_id", how="left")
    judged = judged.with_columns(
        fault=pl.when(pl.col("loaded").is_null())
        .then(pl.format("its run {} is not loaded", "run_id"))
        .when(pl.col("choices").is_null())
        .then(pl.format("its question {}/{} is not loaded", *KEY))
        .when(~are_choices("prediction"))
        .then(pl.format("{} is no choice of {}/{}", "prediction", *KEY))
    )
    disputed = disputes.join(questions, on=KEY, how="left").with_columns(
        fault=pl.when(pl.col("choices").is_null())
        .then(pl.format("its question {}/{} is not loaded", *KEY))
        .when(pl.col("gold") != pl.col("loaded_gold"))
        .then(pl.format("the key of {}/{} is {}, no longer {}", *KEY, "loaded_gold", "gold"))
        .when(~(are_choices("wanted") & are_choices("letters")))
        .then(pl.format("its letters are no choices of {}/{}", *KEY))
    )
    known = {
        "judged_cases": judged.filter(pl.col("fault").is_null()).select(JUDGED.names()),
        "key_disputes": disputed.filter(pl.col("fault").is_null()).select(DISPUTES.names()),
    }
    known["case_reviews"] = read["case_reviews"].join(
        known["judged_cases"], on="case_number", how="semi"
    )
    refused = [refuse(judged, "case", "case_number"), refuse(disputed, "dispute", "number")]
    return known, pl.concat(refused)


def refuse(found: pl.DataFrame, what: str, number: str) -> pl.DataFrame:
    return found.filter(pl.col("fault").is_not_null()).select(
        source=pl.lit(SOURCE),
        file=pl.lit(what),
        line=pl.col(number).cast(quarantine.ROWS["line"]),
        reason=pl.format("{} {}: {}.", pl.lit(what), number, "fault"),
        content=pl.lit(None, pl.String),
    )


def list_questions(ask: Ask, tasks: set[str]) -> pl.DataFrame:
    """The loaded questions of the tasks: task, sample_id, loaded_gold, choices (how many)."""
    nothing = pl.Schema(dict.fromkeys((*KEY, "gold"), pl.String())) | {"choices": pl.Int64()}
    asked = [ask("keys", task=task) for task in sorted(tasks)]
    rows = pl.concat(
        [each.select(nothing.names()) for each in asked] or [pl.DataFrame(schema=nothing)]
    )
    return rows.rename({"gold": "loaded_gold"})


def are_choices(column: str) -> pl.Expr:
    """Whether every letter is a choice of the question; no letter is fine."""
    allowed = pl.lit(LETTERS).str.slice(0, pl.col("choices"))
    return pl.col(column).fill_null("").str.strip_chars(allowed) == ""


def find_rekeyed(known: pl.DataFrame, rows: pl.DataFrame) -> set[str]:
    """The tasks of which other questions are disputed, or ruled otherwise, than was known."""

    def keys(disputes: pl.DataFrame) -> set[tuple[str, ...]]:
        counted = disputes.filter(pl.col("state") != "rejected")
        return set(counted.select("task", "sample_id", "letters", "version").rows())

    return {task for task, *_ in keys(known) ^ keys(rows)}

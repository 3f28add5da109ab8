"""Does a run know when it is wrong? Frames and sentences; no Streamlit here."""

import numpy as np
import polars as pl

from warehouse.statistics import calibration
from warehouse.statistics.intervals import wilson

REFUSED = 0.2
MOST_POINTS = 200
ALL = "All tasks"


def of_tasks(confidences: pl.DataFrame, tasks: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The answers' confidences over all tasks and of each, by title, in the order of `tasks`.

    Where the run has some of the nine tasks, the demonstration is left out of all.
    """
    known = tasks.filter(pl.col("task").is_in(confidences["task"].unique().to_list()))
    headline = known.filter(pl.col("headline"))
    whole = (headline if headline.height else known)["task"].to_list()
    parts = {ALL: confidences.filter(pl.col("task").is_in(whole))}
    for task, title in known.select("task", "title").iter_rows():
        parts[title] = confidences.filter(pl.col("task") == task)
    return parts


def reliability(answers: pl.DataFrame) -> pl.DataFrame:
    """A line per bin that holds answers: sure_from, sure_to, n, confidence, accuracy, low, high."""
    bins = calibration.bin_answers(*arrays(answers))
    edges = np.arange(calibration.BINS) / calibration.BINS
    return pl.DataFrame(
        {
            "sure_from": edges,
            "sure_to": edges + 1 / calibration.BINS,
            "n": bins.n,
            "confidence": bins.confidence,
            "accuracy": bins.accuracy,
            "low": bins.low,
            "high": bins.high,
        }
    ).filter(pl.col("n") > 0)


def arrays(answers: pl.DataFrame) -> tuple[calibration.Floats, calibration.Marks]:
    return answers["confidence"].to_numpy(), answers["correct"].to_numpy()


def risks(answers: pl.DataFrame) -> pl.DataFrame:
    """Error by the share of questions answered, the surest first, at no more than 200 points."""
    found = calibration.find_risks(*arrays(answers))
    places = np.unique(np.linspace(0, len(found) - 1, MOST_POINTS).round().astype(np.int64))
    return pl.DataFrame({"coverage": (places + 1) / len(found), "error": found[places]})


def trust(answers: pl.DataFrame) -> str:
    """Whether the run is surer than it is right, in a sentence that its interval supports."""
    sure, right = float(answers["confidence"].to_numpy().mean()), int(answers["correct"].sum())
    n = answers.height
    low, high = (float(end) for end in wilson(right, n))
    said = (
        f"on average it is {sure:.1%} sure and {right / n:.1%} right "
        f"(95% interval {low:.1%} to {high:.1%}, n={n:,})."
    )
    if low <= sure <= high:
        return f"As sure as it is right, within chance: {said}"
    return f"{'Surer' if sure > high else 'Less sure'} than it is right: {said}"


def refusing(answers: pl.DataFrame) -> str:
    """What refusing a fifth of the questions would do to the error; empty for very few answers."""
    found = calibration.refuse(*arrays(answers), REFUSED)
    if found is None:
        return ""
    start = f"If it may refuse the {REFUSED:.0%} of questions it is least sure of, its error"
    if not found.is_sure:
        return (
            f"{start} goes from {found.error:.1%} to {found.kept_error:.1%}, too small a change to "
            "be sure of."
        )
    verb = "falls" if found.kept_error < found.error else "rises"
    return (
        f"{start} {verb} from {found.error:.1%} to {found.kept_error:.1%} "
        f"(95% interval {found.kept_low:.1%} to {found.kept_high:.1%})."
    )


def task_rows(parts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """A line per task and for all: how well it is calibrated, and what refusing would save."""
    lines = []
    for title, answers in parts.items():
        found = calibration.refuse(*arrays(answers), REFUSED)
        lines.append(
            {
                "task": title,
                "n": answers.height,
                "calibration_error": calibration.bin_answers(*arrays(answers)).error * 100,
                "confidence": mean_per_cent(answers["confidence"]),
                "accuracy": mean_per_cent(answers["correct"]),
                "error": found and found.error * 100,
                "kept_error": found and found.kept_error * 100,
            }
        )
    return pl.DataFrame(lines, schema_overrides={"error": pl.Float64, "kept_error": pl.Float64})


def mean_per_cent(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).to_numpy().mean()) * 100

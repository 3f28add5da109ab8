"""Does a run know when it is wrong? Frames and sentences; no Streamlit here."""

import numpy as np
import polars as pl

from warehouse.statistics import calibration
from warehouse.statistics.intervals import wilson

REFUSED = 0.2
MOST_POINTS = 200
ALL = "All tasks"


def of_tasks(confidences: pl.DataFrame, tasks: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The answers' confidences over all of the nine tasks, and of each task, by title, in the order
    of `tasks`.

    The subjects of a task that has several follow it. Two boards are never in one number: tasks
    beside the nine are in none but their own.
    """
    known = tasks.filter(pl.col("task").is_in(confidences["task"].unique().to_list()))
    nine = known.filter("headline")["task"]
    whole = confidences.filter(pl.col("task").is_in(nine.implode()))
    parts = {ALL: whole} if whole.height else {}
    for task, title in known.select("task", "title").iter_rows():
        parts[title] = answers = confidences.filter(pl.col("task") == task)
        subjects = answers["subject"].drop_nulls().unique().sort()
        if len(subjects) > 1:
            named = answers.partition_by("subject", as_dict=True)
            parts |= {f"{title}: {subject}": named[subject,] for subject in subjects}
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


def miscalibration(answers: pl.DataFrame) -> str:
    """The calibration error with its interval, beside that of a perfect model."""
    bins = calibration.bin_answers(*arrays(answers))
    bounds = calibration.bound_error(bins)
    if answers.is_empty():
        return ""
    if bounds is None:
        return (
            f"Its calibration error is {bins.error:.1%}, of too few answers "
            f"(n={answers.height}) to say how sure that is."
        )
    return (
        f"Its calibration error is {bins.error:.1%} (95% interval {bounds.low:.1%} to "
        f"{bounds.high:.1%}); a perfectly calibrated model would have {bounds.by_chance:.1%} by "
        "chance."
    )


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
        bins = calibration.bin_answers(*arrays(answers))
        bounds = calibration.bound_error(bins)
        lines.append(
            {
                "task": title,
                "n": answers.height,
                "calibration_error": bins.error * 100,
                "within": bounds and f"{bounds.low * 100:.1f} to {bounds.high * 100:.1f}",
                "by_chance": bounds and bounds.by_chance * 100,
                "confidence": mean_per_cent(answers["confidence"]),
                "accuracy": mean_per_cent(answers["correct"]),
                "error": found and found.error * 100,
                "kept_error": found and found.kept_error * 100,
            }
        )
    return pl.DataFrame(lines, schema_overrides={"error": pl.Float64, "kept_error": pl.Float64})


def mean_per_cent(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).to_numpy().mean()) * 100

"""What a person is told when a run ends."""

import statistics
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import polars as pl

from evaluator import tables
from evaluator.papers import Paper

KEYS = {"sample_id": pl.String, "gold": pl.String}
Z = 1.959963984540054  # the normal distribution's 97.5% point


def summarize(papers: Sequence[Paper], folder: Path) -> str:
    """Return a line per task, then where the answers are and what to do next."""
    answers = {
        paper.task.name: tables.read_predictions(folder, paper.task.name) for paper in papers
    }
    lines = [
        f"{'task':<26}{'n':>6}{'accuracy':>10}  {'95% interval':<16}{'unreadable':>10}"
        f"{'questions/s':>13}"
    ]
    lines += [describe_task(paper, answers[paper.task.name]) for paper in papers]
    if cut := sum(int(table["truncated"].sum()) for table in answers.values()):
        lines.append(f"{cut} prompts were longer than the model's window and cut from the left.")
    lines += [f"Predictions: {folder}", "Next: python -m ingest runs"]
    return "\n".join(lines)


def describe_task(paper: Paper, table: pl.DataFrame) -> str:
    """A question that was asked several times counts once, by the share of its right answers."""
    gold = pl.DataFrame(
        [(sample.sample_id, sample.gold) for sample in paper.samples], KEYS, orient="row"
    )
    right = (pl.col("prediction") == pl.col("gold")).fill_null(value=False)
    shares = (
        table.join(gold, on="sample_id")
        .group_by("sample_id")
        .agg(right.mean())["prediction"]
        .to_list()
    )
    n, share, seconds = len(shares), statistics.fmean(shares), float(table["seconds"].sum())
    low, high = wilson(share, effective(shares))
    unreadable = table["prediction"].null_count() / table.height
    rate = f"{table.height / seconds:,.1f}" if seconds else "–"
    return (
        f"{paper.task.name:<26}{n:>6,}{share:>10.1%}  {f'{low:.1%}–{high:.1%}':<16}"
        f"{unreadable:>10.1%}{rate:>13}"
    )


def effective(shares: Sequence[float]) -> float:
    """How many questions, each asked once, would tell as much as these shares of right answers.

    As many as there are where each was asked once (Korn & Graubard 1998, Survey Methodology
    24:193).
    """
    if len(shares) < 2 or {*shares} <= {0, 1}:
        return len(shares)
    share, spread = statistics.fmean(shares), statistics.variance(shares)
    return share * (1 - share) * len(shares) / spread + 1 if spread else len(shares)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95% interval of a share of `n` (Wilson 1927, JASA 22:209)."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return middle - half, middle + half

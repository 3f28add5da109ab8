"""What a person is told when a run ends."""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import polars as pl

from evaluator import tables
from evaluator.papers import Paper

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
    gold = {sample.sample_id: sample.gold for sample in paper.samples}
    right = sum(
        prediction == gold[sample_id]
        for sample_id, prediction in table.select("sample_id", "prediction").rows()
    )
    n, seconds = table.height, float(table["seconds"].sum())
    low, high = wilson(right, n)
    unreadable = table["prediction"].null_count() / n
    return (
        f"{paper.task.name:<26}{n:>6,}{right / n:>10.1%}  {f'{low:.1%}–{high:.1%}':<16}"
        f"{unreadable:>10.1%}{f'{n / seconds:,.1f}' if seconds else '–':>13}"
    )


def wilson(right: int, n: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share (Wilson 1927, JASA 22:209)."""
    share = right / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return middle - half, middle + half

"""What runs score in an exam whose questions belong together, and how much chance is in that.

Questions of one cluster are not independent: a cluster is drawn whole, or not (Field & Welsh 2007,
J. R. Stat. Soc. B 69:369; for language models Miller 2024, arXiv:2411.00640).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Marks = npt.NDArray[np.bool_]
Shares = Floats
"""Of each question's repeated answers the part that is right."""
Outcomes = npt.NDArray[Any]
"""`Marks`, or `Shares` where questions are asked several times."""


@dataclass(frozen=True)
class Exam:
    """Where the questions belong; arrays with an element a question."""

    clusters: Ints
    """The number of its cluster, from 0; questions of one cluster are drawn together."""
    tasks: Ints
    """The number of its task, from 0, or of what else is scored apart."""
    shares: Floats | None = None
    """What each task counts for, by its number, 1 together; all of them alike where None."""

    @cached_property
    def numbers(self) -> Ints:
        """The numbers of the tasks that have questions."""
        return np.unique(self.tasks)

    @cached_property
    def sizes(self) -> Ints:
        """How many clusters the questions of each task are of, by its number."""
        pairs = np.unique(np.stack([self.tasks, self.clusters]), axis=1)
        return np.bincount(pairs[0], minlength=int(self.tasks.max()) + 1)

    def share(self, task: int) -> float:
        """What a task counts for in the score: a mean over tasks, by their shares."""
        return 1 / len(self.numbers) if self.shares is None else float(self.shares[task])


def pick_clusters(clusters: int, resamples: int, random: np.random.Generator) -> Singles:
    """How often each cluster is drawn in each resample: an array of resamples × clusters."""
    return np.stack(
        [
            np.bincount(random.integers(clusters, size=clusters), minlength=clusters)
            for _ in range(resamples)
        ]
    ).astype(np.float32)


def score(right: Outcomes, exam: Exam, picks: Singles) -> Floats:
    """The mean over tasks of each run's accuracy in each resample: runs × resamples.

    Counts stay below 2²⁴, so their sums are exact also in 32 bits: runs that are equal come out
    equal, on any machine. Sums of shares are not, and are rounded where they could differ.
    """
    total = np.zeros((len(right), len(picks)))
    counted = right.dtype == np.bool_
    for task in exam.numbers:
        here = exam.tasks == task
        drawn = picks[:, exam.clusters[here]]
        marks: Outcomes = right[:, here].astype(np.float32 if counted else np.float64)
        counts = marks @ drawn.T
        total += counts * (exam.share(task) / drawn.sum(axis=1, dtype=np.float64))
    return total if counted else total.round(12)


def find_residuals(right: Outcomes, exam: Exam) -> Singles:
    """By how much each cluster lifts each run above its score: an array of clusters × runs.

    Less what it lifts them all, which is the same in any two. The root of the sum of the squares of
    two runs' differences is the standard error of the difference of their scores: that of a
    bootstrap over clusters with infinitely many resamples.
    """
    order = np.lexsort((exam.clusters, exam.tasks))
    tasks, starts = np.unique(exam.tasks[order], return_index=True)
    residuals = right.T[order].astype(np.float32)
    for task, start, end in zip(tasks, starts, [*starts[1:], len(order)], strict=True):
        lifts = residuals[start:end]
        lifts -= lifts.mean(axis=0)
        lifts *= exam.share(task) / len(lifts)
    _, first, places = np.unique(exam.clusters[order], return_index=True, return_inverse=True)
    others = np.delete(np.arange(len(order)), first)
    if len(others):  # few: most clusters are one question
        np.add.at(residuals, first[places[others]], residuals[others])
        residuals = np.delete(residuals, others, axis=0)
    residuals -= residuals.mean(axis=1, keepdims=True)
    return residuals


def measure_spreads(some: Singles, others: Singles) -> Singles:
    """The standard errors of the differences between runs, of which these are the residuals."""
    return spread(some.T @ others, sum_squares(some), sum_squares(others))


def spread(products: Singles, some: Singles, others: Singles) -> Singles:
    """`measure_spreads` from the `products` of residuals, which it writes over, and the sums of
    their squares."""
    products *= -2
    products += some[:, np.newaxis]
    products += others
    spreads: Singles = np.sqrt(np.maximum(products, 0, out=products), out=products)
    return spreads


def sum_squares(residuals: Singles) -> Singles:
    """Of each run."""
    squares: Singles = np.einsum("ij,ij->j", residuals, residuals)
    return squares

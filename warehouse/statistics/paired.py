"""Is one run better than another? Differences on the questions that both answered.

Questions of one cluster are not independent: they count for less, by the design effect (Rao & Scott
1992, Biometrics 48:577), and vote once in the test.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from warehouse.statistics.exams import Exam, Outcomes, find_residuals, measure_spreads

LEVEL = 0.95
POWER = 0.8

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Difference:
    """How `other` did against `one`, on the same questions."""

    n: int
    """Questions that both answered."""
    only_one: int
    """Of these, how many only `one` has right."""
    only_other: int
    """Of these, how many only `other` has right."""
    same_cluster: int
    """Of these, how many share a cluster with another of them."""
    difference: float
    """Accuracy of `other` less that of `one`, from -1 to 1."""
    low: float
    """Lower end of its 95% interval."""
    high: float
    """Upper end."""
    p_value: float
    """Of McNemar's exact test: how often chance alone makes them differ so much, or more."""
    detectable: float
    """The smallest true difference that would be found in 80% of such exams; NaN where so few
    answers differ that none would."""


def compare_pair(one: Outcomes, other: Outcomes, clusters: Ints) -> Difference:
    """Compare two runs by what each has right; an element a question that both answered, in all.

    Raises `ValueError` where there is no question.
    """
    if not len(one):
        raise ValueError("no question to compare on")
    steps = other.astype(np.float64) - one
    effect = find_design_effect(steps, clusters)
    only_one, only_other = int(np.sum(steps < 0)), int(np.sum(steps > 0))
    low, high = bound_difference(only_one / effect, only_other / effect, len(steps) / effect)
    _, places, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    return Difference(
        n=len(steps),
        only_one=only_one,
        only_other=only_other,
        same_cluster=int(sizes[sizes > 1].sum()),
        difference=(only_other - only_one) / len(steps),
        low=low,
        high=high,
        p_value=weigh_signs(np.bincount(places, steps).astype(np.float64)),
        detectable=find_detectable((only_one + only_other) / len(steps), len(steps) / effect),
    )


def compare_means(one: Outcomes, others: Outcomes, exam: Exam) -> list[Difference]:
    """Compare the mean over tasks of a run with that of each of `others`, runs × questions.

    All answered all of an exam; of shares, `only_one` counts those questions that `one` has right
    more often. The difference over its standard error, clustered and paired
    (Miller 2024, arXiv:2411.00640, equations 4 and 7), is judged by the normal distribution: exams
    of nine tasks have thousands of clusters.
    """
    from scipy import special

    steps = others.astype(np.float64) - one
    residuals = find_residuals(np.vstack([one, others]), exam)
    errors = measure_spreads(residuals[:, :1], residuals[:, 1:])[0]
    differences = sum(
        exam.share(task) * steps[:, exam.tasks == task].mean(axis=1) for task in exam.numbers
    )
    sure, power = float(special.ndtri((1 + LEVEL) / 2)), float(special.ndtri(POWER))
    _, sizes = np.unique(exam.clusters, return_counts=True)
    return [
        Difference(
            n=len(step),
            only_one=int(np.sum(step < 0)),
            only_other=int(np.sum(step > 0)),
            same_cluster=int(sizes[sizes > 1].sum()),
            difference=float(difference),
            low=max(-1.0, difference - sure * error),
            high=min(1.0, difference + sure * error),
            p_value=2 * float(special.ndtr(-abs(difference) / error)) if error > 0 else 1.0,
            detectable=(sure + power) * error if error > 0 else float("nan"),
        )
        for step, difference, error in zip(
            steps, map(float, differences), map(float, errors), strict=True
        )
    ]


def find_design_effect(steps: Floats, clusters: Ints) -> float:
    """How many times wider than among independent questions the mean of `steps` varies.

    The variance between clusters' totals over that between questions (Miller 2024,
    arXiv:2411.00640, equation 4), never below 1: that would be chance.
    """
    names, places = np.unique(clusters, return_inverse=True)
    if len(names) == 1:
        return float(len(steps))  # one observation, however many questions
    residuals = steps - steps.mean()
    alone = np.sum(residuals**2)
    together = np.sum(np.bincount(places, residuals) ** 2)
    return max(1.0, float(together / alone)) if alone > 0 else 1.0


def bound_difference(only_one: float, only_other: float, n: float) -> tuple[float, float]:
    """The 95% interval of the difference: half a pair is added to each of the four outcomes.

    Agresti & Min 2005, Stat. Med. 24:729. Without it, two runs that never differ would have an
    interval of no width.
    """
    from scipy import special  # takes long to import, and few pages come here

    n += 2
    difference = (only_other - only_one) / n
    apart = (only_one + only_other + 1) / n
    half = float(special.ndtri((1 + LEVEL) / 2)) * ((apart - difference**2) / n) ** 0.5
    return max(-1.0, difference - half), min(1.0, difference + half)


def weigh_signs(steps: Floats) -> float:
    """McNemar's exact test, two-sided: are as many `steps` up as down, but for chance?

    A step is a cluster's, and votes once: where each question is its own cluster, it is the
    binomial test of the discordant pairs (McNemar 1947, Psychometrika 12:153).
    """
    from scipy import special

    up, down = int(np.sum(steps > 0)), int(np.sum(steps < 0))
    return min(1.0, 2 * float(special.bdtr(min(up, down), up + down, 0.5)))


def find_detectable(apart: float, n: float) -> float:
    """The smallest difference that McNemar's test at 5% finds in 80% of exams of `n` questions.

    `apart` is the share of questions that only one has right. Connor 1987, Biometrics 43:207, gives
    n for a difference; here it is solved for the difference. NaN where that is above `apart`, which
    no difference can be.
    """
    from scipy import special

    sure, power = special.ndtri((1 + LEVEL) / 2), special.ndtri(POWER)
    spread = n + power**2 - sure**2
    if apart <= 0 or spread <= 0:
        return float("nan")
    found = apart**0.5 * (sure * n**0.5 + power * spread**0.5) / (n + power**2)
    return float(found) if found <= apart else float("nan")


def correct_holm(p_values: Floats) -> Floats:
    """What each p-value is once all of them are looked at: Holm 1979, Scand. J. Stat. 6:65.

    The least is multiplied by their number, the next by one less, and none is below one before it.
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(1, np.maximum.accumulate(p_values[order] * factors))
    return corrected

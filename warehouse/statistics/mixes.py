"""Who is better on a reader's own mix of cases, and how sure that is.

The score is a mean over kinds of questions, each counted by its share of the mix: direct
standardization (Kitagawa 1964, Demography 1:296). It is made while the reader waits, so nothing is
resampled; the standard errors are those of a bootstrap over clusters, in closed form, and chance is
bounded for all comparisons in question together by Šidák (1967, J. Am. Stat. Assoc. 62:626), which
holds however they depend on each other and makes ranges hardly wider.
"""

from dataclasses import dataclass, replace

import numpy as np

from warehouse.statistics.exams import Exam, Floats, Ints, Outcomes, find_residuals
from warehouse.statistics.intervals import wilson
from warehouse.statistics.ranks import LEVEL, count_sure, part_tiers


@dataclass(frozen=True)
class Mixed:
    """Arrays with an element a run."""

    score: Floats
    low: Floats
    """Lower end of the score's 95% interval."""
    high: Floats
    """Upper end."""
    rank: Ints
    rank_low: Ints
    """The best rank in the interval."""
    rank_high: Ints
    """The worst rank in the interval."""
    tier: Ints
    """As in `ranks.Ranks`."""


def rank_mix(right: Outcomes, exam: Exam) -> Mixed:
    """Rank runs by the questions they have `right`, an array of runs × questions.

    `exam.tasks` are the kinds of questions, and `exam.shares` the mix. Each kind needs questions
    from two clusters: from one, nobody can tell how much chance is in it.
    """
    unsorted, low, high = bound_scores(right, exam)
    order = np.argsort(-unsorted, kind="stable")
    scores, runs, freedom = unsorted[order], len(right), count_freedom(exam)
    residuals = find_residuals(np.take(right.T, order, axis=1).T, widen(exam))
    best, worst = count_sure(scores, residuals, np.full(runs, limit_chance(runs - 1, freedom)))
    tiers = part_tiers(scores, residuals, limit_chance(runs * (runs - 1) // 2, freedom))
    places = np.argsort(order)
    return Mixed(
        score=unsorted,
        low=low,
        high=high,
        rank=1 + np.searchsorted(-scores, -scores)[places],
        rank_low=best[places],
        rank_high=worst[places],
        tier=tiers[places],
    )


def widen(exam: Exam) -> Exam:
    """The exam with shares that make up for what few questions of a kind vary too little.

    n of them vary by (n - 1) ÷ n of what they would: they lie about their own mean.
    """
    sizes = exam.sizes
    shares = np.array([exam.share(kind) for kind in range(len(sizes))])
    return replace(exam, shares=shares * np.sqrt(sizes / np.maximum(sizes - 1, 1)))


def count_freedom(exam: Exam) -> float:
    """The degrees of freedom of a variance that is summed up over kinds (Satterthwaite 1946,
    Biometrics Bulletin 2:110): few where much of the mix rests on a few questions.

    Questions are taken to vary alike in all kinds.
    """
    sizes = exam.sizes
    parts = np.array([exam.share(kind) for kind in range(len(sizes))]) ** 2 / sizes
    return float(parts.sum() ** 2 / np.sum(parts**2 / np.maximum(sizes - 1, 1)))


def limit_chance(comparisons: int, freedom: float) -> float:
    """How many standard errors so many differences stay within by chance, in `LEVEL` of cases."""
    from scipy import special  # takes long to import, and few pages come here

    tail = -np.expm1(np.log(LEVEL) / max(comparisons, 1)) / 2
    return float(-special.stdtrit(freedom, tail))


def bound_scores(right: Outcomes, exam: Exam) -> tuple[Floats, Floats, Floats]:
    """The scores of runs and the ends of their 95% intervals.

    Each kind's Wilson interval, put together by the recovery of variances (Zou & Donner 2008, Stat.
    Med. 27:1693): it stays wide where a run has all of a small kind right, which shows no error. A
    cluster counts as one question, and so does one that was asked several times, which makes the
    interval of shares rather too wide.
    """
    score, below, above = (np.zeros(len(right)) for _ in range(3))
    for kind, size in enumerate(exam.sizes):
        share, accuracy = exam.share(kind), right.T[exam.tasks == kind].mean(axis=0)
        low, high = wilson(accuracy * size, np.full(len(right), size))
        score += share * accuracy
        below += (share * (accuracy - low)) ** 2
        above += (share * (high - accuracy)) ** 2
    return score, np.maximum(score - np.sqrt(below), 0), np.minimum(score + np.sqrt(above), 1)

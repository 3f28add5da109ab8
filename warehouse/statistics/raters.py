"""Whether reviewers agree more than they would by chance.

Each judged case counts once, whatever was drawn: it is about the reviewers, not about a model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import krippendorff
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MISSING = -1
FEWEST = 10
"""Cases below which nothing is said: the interval of so few would hold nearly every value."""
RESAMPLES = 1000


@dataclass(frozen=True)
class Agreement:
    """How much several reviewers agree, with its 95% interval; 1 always, 0 as by chance."""

    cases: int
    """Judged by two or more of them."""
    value: float | None
    """None where there are fewer than `FEWEST` cases, or all say the same of all of them, which
    chance would do as well."""
    low: float | None
    high: float | None


def find_alpha(ratings: Ints, values: int, *, ordered: bool) -> Agreement:
    """Krippendorff's alpha over all reviewers (2018, Content Analysis, 4th ed., chapter 12).

    `ratings` is reviewers × cases of numbers from 0 to `values` - 1, or `MISSING`; `ordered` where
    a greater one is more of something: then what is further apart disagrees more. The interval is
    of a percentile bootstrap over cases.
    """
    counts = np.stack([(ratings == value).sum(axis=0) for value in range(values)], axis=1)
    counts = counts[counts.sum(axis=1) >= 2]
    if len(counts) < FEWEST:
        return Agreement(len(counts), None, None, None)
    chance = np.random.default_rng(len(counts))  # the same at each look
    resampled = (
        alpha(counts[chance.integers(len(counts), size=len(counts))], ordered)
        for _ in range(RESAMPLES)
    )
    return summarise(len(counts), alpha(counts, ordered), np.array([*resampled]))


def alpha(counts: Ints, ordered: bool) -> float:
    """NaN where all say the same. `counts` is cases × values."""
    if np.count_nonzero(counts.sum(axis=0)) < 2:
        return np.nan
    return float(
        krippendorff.alpha(
            value_counts=counts,
            value_domain=np.arange(counts.shape[1]),
            level_of_measurement="ordinal" if ordered else "nominal",
        )
    )


def find_kappas(ratings: Ints, values: int, *, ordered: bool) -> dict[tuple[int, int], Agreement]:
    """Cohen's kappa (1960, Educ. Psychol. Meas. 20:37) of each two reviewers who share cases.

    From the places of both to how much they agree; `ratings` as for `find_alpha`. Where they are
    ordered, a disagreement counts by how far it is apart (1968, Psychol. Bull. 70:213).
    """
    found = {}
    for first, second in combinations(range(len(ratings)), 2):
        pairs = ratings[[first, second]]
        pairs = pairs[:, (pairs != MISSING).all(axis=0)]
        if pairs.shape[1]:
            found[first, second] = kappa_of(pairs, values, ordered)
    return found


def kappa_of(pairs: Ints, values: int, ordered: bool) -> Agreement:
    cases = pairs.shape[1]
    if cases < FEWEST:
        return Agreement(cases, None, None, None)
    from sklearn.metrics import cohen_kappa_score  # takes a second to import

    table = np.zeros((values, values))
    np.add.at(table, (pairs[0], pairs[1]), 1)
    if np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) < 2:
        return Agreement(cases, None, None, None)
    labels, weights = range(values), "linear" if ordered else None
    value = float(cohen_kappa_score(pairs[0], pairs[1], labels=labels, weights=weights))
    chance = np.random.default_rng(cases)
    drawn = chance.multinomial(cases, (table / cases).ravel(), RESAMPLES)
    return summarise(cases, value, kappas(drawn.reshape(-1, values, values), ordered))


def kappas(tables: Ints, ordered: bool) -> Floats:
    """What scikit-learn says of each of many tables of first × second reviewer, a thousand times
    faster; NaN where both say the same of all cases."""
    places = np.arange(tables.shape[-1])
    apart = np.abs(places[:, np.newaxis] - places)
    apart = apart if ordered else np.minimum(apart, 1)
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    expected = np.einsum("ti,ij,tj->t", rows, apart, columns) / rows.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(1 - (tables * apart).sum(axis=(1, 2)) / expected, np.float64)


def summarise(cases: int, value: float, resampled: Floats) -> Agreement:
    if np.isnan(value):
        return Agreement(cases, None, None, None)
    low, high = np.nanquantile(resampled, (0.025, 0.975))
    return Agreement(cases, value, float(low), float(high))


def tabulate(judged: Sequence[tuple[int, str, int]]) -> tuple[list[str], Ints]:
    """From case, reviewer and rating of each review to the reviewers and their `ratings`."""
    names = sorted({name for _, name, _ in judged})
    places = {case: place for place, case in enumerate(sorted({case for case, _, _ in judged}))}
    ratings = np.full((len(names), len(places)), MISSING, np.int64)
    for case, name, rating in judged:
        ratings[names.index(name), places[case]] = rating
    return names, ratings

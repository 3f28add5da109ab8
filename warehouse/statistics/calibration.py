"""Does a model know when it is wrong? Reliability by bins, and what refusing would save."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from warehouse.statistics.intervals import wilson

BINS = 10
FEWEST = 30  # answers of which an interval is given
STEPS = 2048  # of a calibration error from 0 to 1, where its distribution is worked out
WIDTH = 2160  # steps: a bin may add one to the last, and a Fourier transform likes small factors

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Bins:
    """Arrays with an element for each of the `BINS` bins, the least sure first."""

    n: Ints
    """Answers in it."""
    right: Ints
    """Of these, how many are right."""
    confidence: Floats
    """Their mean confidence; NaN where there are none."""
    accuracy: Floats
    """right ÷ n; NaN where there are none."""
    low: Floats
    """Lower end of the accuracy's 95% Wilson interval."""
    high: Floats
    """Upper end."""

    @property
    def error(self) -> float:
        """The expected calibration error: the mean distance, by n, of confidence from accuracy."""
        some = self.n > 0
        gaps = np.abs(self.confidence - self.accuracy)[some]
        return float(np.average(gaps, weights=self.n[some])) if some.any() else float("nan")


def bin_answers(confidences: Floats, right: Marks) -> Bins:
    """Sort answers into bins by `confidences`, from 0 to 1; `right` marks the right ones.

    Bin m holds confidences from (m - 1) / 10, without, to m / 10, with, as `derived/scores.sql` has
    it (Guo et al. 2017, On Calibration of Modern Neural Networks, eq. 3).
    """
    places = np.clip(np.ceil(confidences * BINS).astype(np.int64), 1, BINS) - 1
    n = np.bincount(places, minlength=BINS)
    hits = np.bincount(places, weights=right, minlength=BINS).astype(np.int64)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(places, weights=confidences, minlength=BINS) / n
        accuracy = hits / n
    return Bins(n, hits, confidence, accuracy, *wilson(hits, n))


@dataclass(frozen=True)
class ErrorBounds:
    """How far the expected calibration error of an answer sheet is to be believed."""

    low: float
    """Lower end of its 95% interval."""
    high: float
    """Upper end."""
    by_chance: float
    """What it would be on average if confidences were the true shares of right answers."""


def bound_error(bins: Bins) -> ErrorBounds | None:
    """The 95% interval of the calibration error, and what chance alone makes of it.

    It is never below 0, so chance only adds to it, and more where answers are few: a perfect model
    has an error too, that of answers which are right as often as it is sure (Bröcker & Smith 2007,
    Weather Forecast. 22:651). The interval is that of the basic bootstrap, bin by bin, which takes
    off twice what chance adds (Davison & Hinkley 1997, Bootstrap Methods and their Application,
    5.2), with the distribution itself where others resample. It begins at 0 where a perfect model
    has such an error in more than 5% of cases. None below `FEWEST` answers: where those of a bin
    are all wrong by chance, a bootstrap takes it for certain that they always are.
    """
    if bins.n.sum() < FEWEST:
        return None
    some = bins.n > 0
    n, confidence = bins.n[some], bins.confidence[some]
    errors = np.cumsum(spread_errors(n, confidence, bins.accuracy[some]))
    chances = spread_errors(n, confidence, np.clip(confidence, 0, 1))
    high, low = 2 * bins.error - np.searchsorted(errors, [0.025, 0.975]) / STEPS
    most_by_chance = (np.searchsorted(np.cumsum(chances), 0.95) + 1) / STEPS
    return ErrorBounds(
        low=0.0 if bins.error <= most_by_chance else max(float(low), 0.0),
        high=max(float(high), 0.0),
        by_chance=float(chances @ np.arange(len(chances)) / STEPS),
    )


def spread_errors(n: Ints, confidence: Floats, accuracy: Floats) -> Floats:
    """The probability of each calibration error, in `STEPS` steps from 0 to 1, and a few beyond.

    Of bins of `n` answers with that mean `confidence`, each answer right with the probability
    `accuracy`: right answers of a bin are binomial, and bins are independent, so what they add to
    the error is convolved. A probability between two steps is shared by them, which keeps its mean.
    """
    bins = np.repeat(np.arange(len(n)), n + 1)
    right = np.arange(len(bins)) - np.repeat(np.cumsum(n + 1) - n - 1, n + 1)
    wrong = n[bins] - right
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n.max() + 1)))])  # of factorials
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 × log 0, which is 0 here
        chances = np.exp(
            (logs[n[bins]] - logs[right] - logs[wrong])
            + np.where(right, right * np.log(accuracy)[bins], 0)
            + np.where(wrong, wrong * np.log1p(-accuracy)[bins], 0)
        )
    places = np.abs(right - n[bins] * confidence[bins]) / n.sum() * STEPS
    below = places.astype(np.int64)
    spread = np.zeros((len(n), WIDTH))
    np.add.at(spread, (bins, below), chances * (below + 1 - places))
    np.add.at(spread, (bins, below + 1), chances * (places - below))
    together = np.fft.irfft(np.fft.rfft(spread).prod(axis=0), WIDTH)
    return np.maximum(together, 0)


def find_risks(confidences: Floats, right: Marks) -> Floats:
    """The error, from 0 to 1, over the k surest answers, for each k from 1: risk by coverage.

    El-Yaniv & Wiener (2010), J. Mach. Learn. Res. 11:1605. Answers that are equally sure come in no
    order: each counts as the mean of them all, so the curve is that of a fair draw among them.
    """
    order = np.argsort(-confidences, kind="stable")
    _, groups = np.unique(-confidences[order], return_inverse=True)
    wrong = ~right[order]
    share = np.bincount(groups, weights=wrong) / np.bincount(groups)
    risks: Floats = np.cumsum(share[groups]) / np.arange(1, len(order) + 1)
    return risks


@dataclass(frozen=True)
class Refusal:
    """What a model's errors are if it may refuse the questions that it is least sure of."""

    kept: int
    """Questions that it answers."""
    error: float
    """Share wrong of all questions."""
    kept_error: float
    """Share wrong of those kept."""
    kept_low: float
    """Lower end of the 95% Wilson interval of that."""
    kept_high: float
    """Upper end."""
    is_sure: bool
    """Whether the 95% intervals of those kept and those refused do not meet, so that refusing makes
    a difference beyond chance. That is stricter than a test of the difference."""


def refuse(confidences: Floats, right: Marks, share: float) -> Refusal | None:
    """Refuse that `share` of the answers, the least sure; None where no answer is left or refused.

    Among equally sure answers, which are refused is a fair draw, as in `find_risks`.
    """
    n = len(confidences)
    kept = n - round(n * share)
    if not 0 < kept < n:
        return None
    risks = find_risks(confidences, right)
    wrong, kept_wrong = risks[-1] * n, risks[kept - 1] * kept
    low, high = wilson([kept_wrong, wrong - kept_wrong], [kept, n - kept])
    return Refusal(
        kept=kept,
        error=float(risks[-1]),
        kept_error=float(risks[kept - 1]),
        kept_low=float(low[0]),
        kept_high=float(high[0]),
        is_sure=bool(high[0] < low[1] or high[1] < low[0]),
    )

"""Item analysis: how each question of an exam did among the runs that answered it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CHOICES = "ABCDEFGHIJ"
UNREADABLE = "-"
UNANSWERED = " "
BLOCK = 256  # questions at a time, so that memory stays flat

Letters = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Items:
    """Arrays with an element, or of `picks` a row, a question."""

    answered: Ints
    """How many runs answered it, readably or not."""
    picks: Ints
    """How many picked each of `CHOICES`."""
    unreadable: Ints
    """How many gave no readable answer, which counts as wrong."""
    difficulty: Floats
    """Share that was right: 1 is easiest."""
    discrimination: Floats
    """Correlation of being right here with the share right of the run's other questions; NaN for
    fewer than 10 runs, or where all did alike. The question itself is left out of the share, else
    it would correlate with itself (Henrysson 1963, Psychometrika 28:211)."""
    only_wrong: Ints
    """The place of the run that alone was wrong, where five or more answered; else -1."""


def analyse_items(sheets: Letters, key: Letters) -> Items:
    """Analyse `sheets`, an array of runs × questions of ASCII codes, by the `key`.

    A sheet holds a letter of `CHOICES`, `UNREADABLE` or `UNANSWERED`.
    """
    picks, unreadable, answered = count_picks(sheets)
    right = sheets == key
    right_runs = right.sum(axis=0)
    alone = (right_runs == answered - 1) & (answered >= 5)
    wrong = (sheets[:, alone] != ord(UNANSWERED)) & ~right[:, alone]
    only_wrong = np.full(len(key), -1)
    only_wrong[alone] = wrong.argmax(axis=0)
    with np.errstate(invalid="ignore"):
        difficulty = right_runs / answered
    return Items(
        answered=answered,
        picks=picks,
        unreadable=unreadable,
        difficulty=difficulty,
        discrimination=np.where(answered >= 10, discriminate(sheets, right), np.nan),
        only_wrong=only_wrong,
    )


def count_picks(sheets: Letters) -> tuple[Ints, Ints, Ints]:
    """For each question: how many picked each choice, were unreadable, and answered at all."""
    picks = np.stack([count(sheets, letter) for letter in CHOICES], axis=1)
    unreadable = count(sheets, UNREADABLE)
    return picks, unreadable, picks.sum(axis=1) + unreadable


def count(sheets: Letters, letter: str) -> Ints:
    counts: Ints = (sheets == ord(letter)).sum(axis=0, dtype=np.int64)
    return counts


def discriminate(sheets: Letters, right: npt.NDArray[np.bool_]) -> Floats:
    """The corrected item-total correlation of each question; NaN where there is none."""
    others = (sheets != ord(UNANSWERED)).sum(axis=1) - 1
    total = right.sum(axis=1)
    found = np.full(right.shape[1], np.nan)
    alone = others == 0  # such a run has no other questions to correlate with
    for first in range(0, len(found), BLOCK):
        here = slice(first, first + BLOCK)
        counts = (sheets[:, here] != ord(UNANSWERED)) & ~alone[:, np.newaxis]
        share = (total[:, np.newaxis] - right[:, here]) / np.maximum(others, 1)[:, np.newaxis]
        found[here] = correlate(right[:, here].astype(np.float64), share, counts)
    return found


def correlate(one: Floats, other: Floats, counts: npt.NDArray[np.bool_]) -> Floats:
    """Pearson's correlation down each column, over the elements that count; NaN without spread."""
    with np.errstate(invalid="ignore", divide="ignore"):
        number = counts.sum(axis=0)
        one = np.where(counts, one - np.sum(one, axis=0, where=counts) / number, 0)
        other = np.where(counts, other - np.sum(other, axis=0, where=counts) / number, 0)
        spread = np.sqrt(np.sum(one * one, axis=0) * np.sum(other * other, axis=0))
        return np.where(spread > 1e-9, np.sum(one * other, axis=0) / spread, np.nan)

"""Which runs make the same mistakes?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from warehouse.statistics.items import CHOICES, Letters

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Arrays of runs × runs."""

    both_wrong: Ints
    """On how many questions both picked a wrong choice; unreadable answers pick none."""
    same_pick: Ints
    """Of these, on how many both picked the same."""
    shares: Floats
    """same_pick ÷ both_wrong; NaN where there is no such question."""


def match_mistakes(sheets: Letters, key: Letters) -> Agreement:
    """Compare the mistakes of each two of `sheets`, an array of runs × questions of ASCII codes.

    By chance alone it would be one in three of four choices; runs that learnt from the same texts
    agree more often.
    """
    runs = len(sheets)
    same = np.zeros((runs, runs))
    wrong = np.zeros(sheets.shape, np.float32)
    for letter in CHOICES:
        picked = ((sheets == ord(letter)) & (key != ord(letter))).astype(np.float32)
        same += picked @ picked.T  # counts stay below 2²⁴, so they are exact
        wrong += picked
    both = wrong @ wrong.T
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(both > 0, same / both, np.nan)
    return Agreement(both.astype(np.int64), same.astype(np.int64), shares)


def find_chance(same: int, both: int, usual: float, pairs: int) -> float:
    """How often chance gives any of so many pairs at least `same` of `both`, where `usual` is due.

    The binomial test of one side, times the number of `pairs` that were looked at (Bonferroni).
    """
    from scipy import special  # takes long to import, and one page comes here

    return min(1.0, pairs * float(special.bdtrc(same - 1, both, usual))) if same else 1.0


def order_alike(shares: Floats) -> Ints:
    """The places of the runs, those that agree most beside each other.

    Average linkage over 1 - share (Sokal & Michener 1958), its leaves turned so that neighbours are
    nearest (Bar-Joseph et al. 2001, Bioinformatics 17:S22). An unknown share counts as the mean.
    """
    if len(shares) < 3:
        return np.arange(len(shares))
    from scipy.cluster import hierarchy

    upper = shares[np.triu_indices(len(shares), 1)]
    known = upper[~np.isnan(upper)]
    mean = float(known.mean()) if len(known) else 0.0
    tree = hierarchy.linkage(1 - np.nan_to_num(upper, nan=mean), "average", optimal_ordering=True)
    return np.asarray(hierarchy.leaves_list(tree), np.int64)

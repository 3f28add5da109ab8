"""How sure a share of right answers is."""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

LEVEL = 0.95

Floats = npt.NDArray[np.float64]


def wilson(right: npt.ArrayLike, n: npt.ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """The lower and upper ends, from 0 to 1, of the interval of each share `right` ÷ `n`.

    Wilson (1927), J. Am. Stat. Assoc. 22:209; at 95% the same as the warehouse's `wilson_low` and
    `wilson_high`. NaN where n is 0.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    counts = np.asarray(n, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(right, np.float64) / counts
        middle = share + z * z / (2 * counts)
        reach = z * np.sqrt(share * (1 - share) / counts + z * z / (4 * counts * counts))
        low, high = ((middle + sign * reach) / (1 + z * z / counts) for sign in (-1, 1))
    return np.maximum(low, 0), np.minimum(high, 1)

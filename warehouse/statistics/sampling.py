"""Whom to draw, when some should come oftener than others, and more may be drawn later.

What is drawn is a probability sample: each total is estimated without bias by the values that were
drawn, each divided by its probability (Horvitz & Thompson 1952, J. Am. Stat. Assoc. 47:663).

A first draw gives each element the probability size × weight ÷ Σ weights, at most 1; what that cuts
off goes to the others (Särndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, 3.6). A
later draw raises these probabilities from p to some p′ that depend on nothing that was drawn, by
drawing each that is left with the probability (p′ - p) ÷ (1 - p). Whatever the first draw was, an
element is then in either with the probability p + (1 - p) × (p′ - p) ÷ (1 - p) = p′, exactly. Two
draws by the same weights are as one of their size together.
"""

import random

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


def raise_probabilities(sofar: Floats, weights: Floats, size: float) -> Floats:
    """The probabilities of being drawn by then, once `size` more are drawn.

    `sofar` are the probabilities of being in an earlier draw, 0 in the first. Each is raised in
    proportion to its weight, and to 1 at most, so that the raises sum to `size`; all are 1 where
    there are no more. Raises ValueError where a weight is not above 0: what could never be drawn
    would be missing in every estimate.
    """
    if not (np.isfinite(weights).all() and (weights > 0).all()):
        raise ValueError("each weight must be a number above 0")
    room = 1 - sofar
    if size >= room.sum() - 1e-9:
        return np.ones_like(sofar)
    full = np.zeros(len(sofar), bool)
    while True:  # each round fills at least one, or is the last
        step = (size - room[full].sum()) / weights[~full].sum()
        over = ~full & (step * weights >= room)
        if not over.any():
            return np.where(full, 1.0, sofar + step * weights)
        full |= over


def draw_more(sofar: Floats, raised: Floats, taken: Marks, seed: str) -> Ints:
    """The places of what is drawn of those not `taken`, so that all are in by `raised`.

    In a random order, one is drawn wherever the sum of probabilities passes the next whole number
    above a random start: randomised systematic sampling (Madow 1949, Ann. Math. Stat. 20:333;
    Hartley & Rao 1962, Ann. Math. Stat. 33:350). Each comes with just its probability, and as
    many as these sum to, but for rounding. They come in that random order.
    """
    chance = random.Random(seed)  # the same on each machine and with each version of numpy
    left = np.flatnonzero(~taken & (raised > sofar)).tolist()
    chance.shuffle(left)
    places = np.array(left, np.int64)
    steps = (raised[places] - sofar[places]) / (1 - sofar[places])
    passed = np.floor(np.round(np.cumsum(steps), 9) + chance.random())
    drawn: Ints = places[np.diff(passed, prepend=0) > 0]
    return drawn

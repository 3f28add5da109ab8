"""Which part of what is drawn is judged, so that what is not is not taken to be like all else.

Reviewers take the cases in order, so while they are at it, the first draw of a run is judged and
the second is not; and what a reader had chosen before it was drawn is often judged already, and
was chosen for what is in it. Among cases drawn with the same probability, and chosen before or not,
which are judged by now is chance, as far as anybody can tell: a case counts for those like it that
are not judged (weighting classes; Oh & Scheuren 1983, in Incomplete Data in Sample Surveys 2:143).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from warehouse.ledger.cases import Case

Made = Mapping[str, frozenset[datetime]]
"""From each run to when its draws were made."""


class Alike(NamedTuple):
    """What cases have in common that stand for each other."""

    draw: int | None
    probability: float | None
    chosen: bool
    """By a reader before it was drawn."""


class Shares:
    """How much of what is drawn is judged, of `rows`: every case, and whether it is judged."""

    def __init__(self, rows: Iterable[tuple[Case, bool]], made: Made) -> None:
        self.made = made
        self.drawn, self.judged = Counter[Alike](), Counter[Alike]()
        self.sizes = Counter[int | None]()
        for case, judged in rows:
            alike = self.find_alike(case)
            self.drawn[alike] += 1
            self.judged[alike] += judged
            self.sizes[case.draw] += 1

    def find_alike(self, case: Case) -> Alike:
        """A draw makes its cases at the moment of its own."""
        chosen = case.at not in self.made.get(case.run_id, ())
        return Alike(case.draw, case.probability, chosen)

    def count_drawn(self, case: Case) -> int | None:
        """How many of the run's wrong answers are drawn; None for a case that is not."""
        return None if case.draw is None else self.sizes[case.draw]

    def share(self, case: Case) -> float | None:
        """The judged part of the cases that are like a judged one; None where it is not drawn.

        Where no chosen one is judged, or none but chosen ones, they stand for each other.
        """
        if case.draw is None:
            return None
        alike = self.find_alike(case)
        classes = [alike, alike._replace(chosen=not alike.chosen)]
        if all(self.judged[one] for one in classes):
            classes = [alike]
        drawn = sum(self.drawn[one] for one in classes)
        return sum(self.judged[one] for one in classes) / drawn

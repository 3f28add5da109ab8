"""What a reader may have to wait for at most, and a table of what was measured beside it."""

from collections.abc import Sequence
from statistics import median, quantiles
from typing import NamedTuple

MEDIAN = 0.080  # seconds that the server takes for one reader's interaction
NEARLY_ALL = 0.200  # of 95 in 100
SIZE = 500_000  # bytes of an interaction
SHOWN = 0.400  # seconds from a click in a browser to the new table
VISIT = 1.25  # times what a bare Streamlit app takes for a first visit
CROWDED = 1.5  # seconds for 95 in 100 interactions while fifty readers are there
GROWTH = 0.05  # of the server's memory, after the first minute


class Measured(NamedTuple):
    """One number, and the limit that it is held to; without one it is there to compare."""

    value: float
    unit: str
    limit: float | None = None

    @property
    def is_within(self) -> bool:
        return self.limit is None or self.value <= self.limit

    def __str__(self) -> str:
        digits = 2 if self.unit in ("×", "s") else 0
        text = f"{self.value:,.{digits}f}"
        return text + (f" ≤ {self.limit:,.{digits}f}" if self.limit is not None else "")


class Row(NamedTuple):
    """What was measured of one thing, by the heads of the table's columns."""

    name: str
    numbers: dict[str, Measured]
    problem: str = ""
    """Why there is no number, where something failed."""

    @property
    def is_within(self) -> bool:
        return not self.problem and all(number.is_within for number in self.numbers.values())


def nearly_all(values: Sequence[float]) -> float:
    """What 95 in 100 of the `values` stay below."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=20, method="inclusive")[-1]


def milliseconds(
    values: Sequence[float], most: float | None, nearly: float | None
) -> dict[str, Measured]:
    """The median and the 95th percentile of seconds, each with its limit in seconds."""
    return {
        "median ms": Measured(median(values) * 1e3, "ms", most and most * 1e3),
        "p95 ms": Measured(nearly_all(values) * 1e3, "ms", nearly and nearly * 1e3),
    }


def as_table(rows: Sequence[Row]) -> str:
    """A line per row; whatever is over its limit says so."""
    heads = list(dict.fromkeys(head for row in rows for head in row.numbers))
    lines = [["", *heads, ""]]
    for row in rows:
        numbers = [str(row.numbers[head]) if head in row.numbers else "" for head in heads]
        verdict = row.problem or ("ok" if row.is_within else "OVER")
        lines.append([row.name, *numbers, verdict])
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads) + 1)]
    return "\n".join(
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:], strict=True)),
                line[-1],
            ]
        ).rstrip()
        for line in lines
    )

"""Reviews and disputes as lines of JSON, to be read by others or to be taken into another ledger.

A line says what the file is; then there is one for each draw, case and dispute. Reviews are told of
cases that are done; cases that are drawn and not done are there without, so that another may finish
the sample. People are pseudonyms, unless the file is for their own organisation alone.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints
from sqlalchemy import Connection, RowMapping, select

from warehouse.ledger.disputes import Claim, Letters
from warehouse.ledger.judgements import Judgement, Role
from warehouse.ledger.opening import Ledger
from warehouse.ledger.pseudonyms import read_pseudonyms
from warehouse.ledger.review_tables import cases, disputes, drawn, draws, reviews, rulings
from warehouse.ledger.stages import read_counted, settle
from warehouse.ledger.submissions import Record

HEAD, VERSION = "reviews_and_disputes", 1
Number = Annotated[int, Field(ge=0, lt=2**31)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]
At = Annotated[
    AwareDatetime, Field(gt=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))
]
Probability = Annotated[float, Field(gt=0, le=1)]


class Group(Record):
    """Wrong answers that were to be drawn alike often; see `drawing.describe`."""

    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    probability: Probability
    answers: list[tuple[Name, Name, Number]]


class DrawLine(Record):
    number: Number
    run_id: Name
    by: Name | None
    """An address, a pseudonym, or None where it is not told."""
    at: At
    size: Annotated[Number, Field(gt=0)]
    population: Annotated[Number, Field(gt=0)]
    answered: Number
    seed: Number
    weights: list[Group]


class ReviewLine(Judgement):
    number: Number
    by: Name
    at: At
    role: Role
    supersedes: Number | None
    """The number of an earlier one of the same case and person."""


class DrawnLine(Record):
    draw: Number
    probability: Probability


class CaseLine(Record):
    run_id: Name
    task: Name
    sample_id: Name
    repeat: Number
    model: Name
    prediction: Name | None
    gold: Name
    by: Name | None
    at: At
    drawn: list[DrawnLine]
    reviews: list[ReviewLine]


class RulingLine(Record):
    by: Name | None
    at: At
    decision: Literal["upheld", "rejected"]
    letters: Letters | None
    why: str


class DisputeLine(Claim):
    by: Name
    at: At
    ruling: RulingLine | None


LINES: Mapping[str, type[Record]] = {"draw": DrawLine, "case": CaseLine, "dispute": DisputeLine}


def export_reviews(ledger: Ledger, path: Path, *, private: bool = False) -> int:
    """Write all that is finished to `path`; returns how many lines it has below the first.

    A file of that name is replaced once the new one is whole. A private one has people's addresses,
    and only its owner may read it.
    """
    new, count = path.with_name(f"{path.name}.part"), 0
    new.unlink(missing_ok=True)  # it may be one that others could read
    mode = 0o600 if private else 0o666
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps({HEAD: VERSION}) + "\n")
        with ledger.read() as connection:
            for kind, row in read_lines(connection, private):
                line = LINES[kind].model_validate(row).model_dump()
                file.write(json.dumps({kind: line}, default=datetime.isoformat) + "\n")
                count += 1
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return count


def read_lines(connection: Connection, private: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """What kind of line it is, and what is in it."""
    # each before what it speaks of: PostgreSQL shows what others write in between
    done = {case for case, own in read_counted(connection).items() if settle(own).is_done}
    said = read_reviews(connection)
    ruled = {row["dispute"]: row for row in connection.execute(select(rulings)).mappings()}
    disputed = connection.execute(select(disputes)).mappings().all()
    told = read_pseudonyms(connection)

    def name(row: RowMapping) -> dict[str, Any]:
        by = row["by"] if private else told.get(row["by"])
        return {key: row[key] for key in row if key != "source"} | {"by": by}

    for row in connection.execute(select(draws).order_by(draws.c.number)).mappings():
        yield "draw", name(row)
    places = read_drawn(connection)
    for row in connection.execute(select(cases).order_by(cases.c.number)).mappings():
        number = row["number"]
        if number in done or number in places:
            own = [drop(name(one), "case") for one in said.get(number, []) if number in done]
            line = {"reviews": own, "drawn": places.get(number, [])}
            yield "case", drop(name(row), "number") | line
    for row in sorted(disputed, key=lambda row: order_of(row, ruled)):
        ruling = ruled.get(row["number"])
        facts = ruling and drop(name(ruling), "number", "dispute", "version")
        yield "dispute", drop(name(row), "number") | {"ruling": facts}


def order_of(row: RowMapping, ruled: Mapping[int, RowMapping]) -> tuple[float, int]:
    """As disputes were upheld, since the last ruling of a key counts; and last what was not."""
    ruling = ruled.get(row["number"])
    version = ruling["version"] if ruling else None
    return (version or float("inf")), row["number"]


def read_reviews(connection: Connection) -> dict[int, list[RowMapping]]:
    """The reviews of each case, corrected ones too, the first one first."""
    found: dict[int, list[RowMapping]] = {}
    for row in connection.execute(select(reviews).order_by(reviews.c.number)).mappings():
        found.setdefault(row["case"], []).append(row)
    return found


def read_drawn(connection: Connection) -> dict[int, list[dict[str, Any]]]:
    """Of each case that is drawn, by which draws and with which probabilities."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(select(drawn).order_by(drawn.c.draw)).mappings():
        found.setdefault(row["case"], []).append(drop(dict(row), "case"))
    return found


def drop(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}

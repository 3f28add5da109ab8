"""Cases: answers that reviewers judge, each chosen by a reader or drawn at random."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, insert, select, text

from warehouse.ledger import limits
from warehouse.ledger.errors import BadSubmission, UnknownCase
from warehouse.ledger.opening import Ledger
from warehouse.ledger.review_tables import cases, drawn, draws
from warehouse.ledger.submissions import Record

LONGEST = 500  # characters of anything that names an answer


class Key(NamedTuple):
    """Which answer it is."""

    run_id: str
    task: str
    sample_id: str
    repeat: int


class Mistake(NamedTuple):
    """An answer to be judged."""

    run_id: str
    task: str
    sample_id: str
    repeat: int
    model: str
    prediction: str | None
    """A letter; None where it could not be read."""
    gold: str

    @property
    def key(self) -> Key:
        return Key(*self[:4])


class Case(Record):
    """An answer that is judged, or is to be."""

    number: int
    run_id: str
    task: str
    sample_id: str
    repeat: int
    model: str
    prediction: str | None
    gold: str
    at: datetime
    """When it was first chosen or drawn."""
    draw: int | None
    """The last draw of its run, if it is in that or in one before; None where it was only chosen
    by a reader, so that it says nothing of other answers."""
    probability: float | None
    """Of being drawn by then."""

    @property
    def key(self) -> Key:
        return Key(self.run_id, self.task, self.sample_id, self.repeat)


def find_case(ledger: Ledger, number: int) -> Case:
    """Raises `UnknownCase`."""
    with ledger.read() as connection:
        return read_case(connection, number)


def find_case_of(ledger: Ledger, key: Key) -> Case | None:
    """The case of an answer; None where nobody has chosen or drawn it."""
    found = choose().where(*(cases.c[name] == value for name, value in key._asdict().items()))
    with ledger.read() as connection:
        row = connection.execute(found).mappings().one_or_none()
    return Case.model_validate(dict(row)) if row else None


def find_cases(ledger: Ledger) -> list[Case]:
    """Every case, the first one first."""
    with ledger.read() as connection:
        rows = connection.execute(choose().order_by(cases.c.number)).mappings().all()
    return [Case.model_validate(dict(row)) for row in rows]


def read_case(connection: Connection, number: int) -> Case:
    row = connection.execute(choose().where(cases.c.number == number)).mappings().one_or_none()
    if row is None:
        raise UnknownCase(f"There is no case {number}.")
    return Case.model_validate(dict(row))


def choose() -> Select[Any]:
    """Each case with what the last draw of its run makes of it."""
    last = select(func.max(draws.c.number)).group_by(draws.c.run_id)
    is_in = and_(drawn.c.case == cases.c.number, drawn.c.draw.in_(last))
    facts = (column for column in cases.c if column.name != "by")
    chosen = select(*facts, drawn.c.draw, drawn.c.probability)
    return chosen.select_from(cases).outerjoin(drawn, is_in)


def take_turn(connection: Connection) -> None:
    """Wait until nobody else writes of reviews, on either database, to read what will hold.

    Reviewers are people: they keep each other waiting for milliseconds.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(20261128)"))


def find_or_make(connection: Connection, mistake: Mistake, by: str, at: datetime) -> int:
    """The number of the case of an answer; the turn is the caller's.

    Raises `BadSubmission` where the case is there with another prediction or key.
    """
    require_readable(mistake)
    matches = (cases.c[name] == value for name, value in mistake.key._asdict().items())
    row = connection.execute(select(cases).where(*matches)).mappings().one_or_none()
    if row is None:
        made = connection.execute(
            insert(cases).values(mistake._asdict() | {"by": by, "at": at})
        ).inserted_primary_key
        return int((made or (0,))[0])
    for name in ("model", "prediction", "gold"):
        if row[name] != getattr(mistake, name):
            raise BadSubmission(
                f"Case {row['number']}, {' '.join(map(str, mistake.key))}, has the {name} "
                f"{row[name]!r}, and here it is {getattr(mistake, name)!r}."
            )
    return int(row["number"])


def require_readable(mistake: Mistake) -> None:
    """Raises `BadSubmission` for what cannot be kept or shown."""
    texts = {name: value for name, value in mistake._asdict().items() if name != "repeat"}
    limits.require_readable(texts, LONGEST)

"""How far the judging is, and what reviewers said before they knew of each other."""

from typing import NamedTuple

from sqlalchemy import select

from warehouse.ledger.cases import Case, choose
from warehouse.ledger.opening import Ledger
from warehouse.ledger.pseudonyms import read_pseudonyms
from warehouse.ledger.review_tables import cases, reviews
from warehouse.ledger.stages import Stage, read_counted, settle


class Rating(NamedTuple):
    """What one of several reviewers said of a case at first."""

    case: int
    reviewer: str
    """A pseudonym."""
    harm: str


def find_stages(ledger: Ledger) -> list[tuple[Case, Stage]]:
    """Every case and how far it is, the first one first."""
    with ledger.read() as connection:
        counted = read_counted(connection)
        rows = connection.execute(choose().order_by(cases.c.number)).mappings().all()
    return [
        (Case.model_validate(dict(row)), settle(counted.get(row["number"], [])).stage)
        for row in rows
    ]


def find_ratings(ledger: Ledger) -> list[Rating]:
    """The first word of each reviewer on each case, adjudicators left out.

    Corrections are left out too: who makes one may have read what others say.
    """
    found = select(reviews.c.case, reviews.c.by, reviews.c.harm).where(
        reviews.c.supersedes.is_(None), reviews.c.role == "reviewer"
    )
    with ledger.read() as connection:
        rows = connection.execute(found.order_by(reviews.c.number)).all()
        names = read_pseudonyms(connection)
    return [Rating(case, names[by], harm) for case, by, harm in rows]

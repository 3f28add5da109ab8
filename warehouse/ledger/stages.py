"""How far a case is, by the reviews of it that count: those that none of its own corrects."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from warehouse.ledger.review_tables import reviews

Said = dict[str, Any]
"""A row of `reviews`."""


class Stage(StrEnum):
    """Every case is in exactly one."""

    NEW = "new"
    """Nobody has judged it."""
    SECOND = "second"
    """It lacks its second review."""
    DISAGREED = "disagreed"
    """Its reviewers differ on the harm; a third person is to judge it."""
    AGREED = "agreed"
    ADJUDICATED = "adjudicated"


DONE = (Stage.AGREED, Stage.ADJUDICATED)


class Standing(NamedTuple):
    """How far a case is, and what it comes to."""

    stage: Stage
    harm: str | None
    """The harm that counts; None before it is done."""

    @property
    def is_done(self) -> bool:
        return self.stage in DONE


def settle(counted: Iterable[Said]) -> Standing:
    """From a case's reviews that count to how far it is.

    Two reviewers, or all where more were imported, agree on the harm; else the adjudicator's word
    counts, of several the last one's.
    """
    harms: dict[str, list[str]] = {"reviewer": [], "adjudicator": []}
    for review in counted:
        harms[review["role"]].append(review["harm"])
    judged = harms["reviewer"]
    if len(judged) >= 2 and len(set(judged)) == 1:
        return Standing(Stage.AGREED, judged[0])
    if harms["adjudicator"]:
        return Standing(Stage.ADJUDICATED, harms["adjudicator"][-1])
    open_stage = (Stage.NEW, Stage.SECOND, Stage.DISAGREED)[min(len(judged), 2)]
    return Standing(open_stage, None)


def read_counted(connection: Connection, case: int | None = None) -> dict[int, list[Said]]:
    """The reviews that count of each case, or of one, the first one first."""
    later = reviews.alias()
    found = (
        select(reviews)
        .outerjoin(later, later.c.supersedes == reviews.c.number)
        .where(later.c.number.is_(None))
        .order_by(reviews.c.number)
    )
    if case is not None:
        found = found.where(reviews.c.case == case)
    counted: dict[int, list[Said]] = {}
    for row in connection.execute(found).mappings():
        counted.setdefault(row["case"], []).append(dict(row))
    return counted

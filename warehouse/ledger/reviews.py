"""Reviews: two people judge an answer, neither knowing what the other says; see `stages`."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from warehouse.ledger.assignments import assign, let_go, require_held
from warehouse.ledger.cases import read_case, take_turn
from warehouse.ledger.errors import (
    AlreadyReviewed,
    BadSubmission,
    IllegalMove,
    NotAllowed,
    UnknownCase,
)
from warehouse.ledger.judgements import Judgement, Role, read_judgement
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person, require_reviewer
from warehouse.ledger.pseudonyms import next_number, read_pseudonyms
from warehouse.ledger.review_tables import cases, drafts, reviews
from warehouse.ledger.stages import Stage, read_counted, settle

LONGEST_DRAFT = 20_000  # characters, as JSON


class Review(Judgement):
    """A judgement that was made."""

    number: int
    case: int
    reviewer: str
    """A pseudonym."""
    is_own: bool
    """Of whoever asks."""
    at: datetime
    role: Role
    supersedes: int | None
    """The number of the review that it corrects."""
    counts: bool
    """None corrects it."""
    source: str | None
    """What it was imported from; None where it was made here."""


def judge(ledger: Ledger, number: int, judgement: Judgement, by: Person | None) -> int:
    """Write down what a reviewer says of a case that they have in hand; returns its number.

    The third person who does is its adjudicator. Raises `NotAllowed`, `BadSubmission`,
    `UnknownCase`, `AlreadyReviewed`, or `LeaseLost` where another has it by now.
    """
    person = require_reviewer(by)
    judgement = read_judgement(judgement.model_dump())
    with ledger.write() as connection:
        take_turn(connection)
        require_case(connection, number)
        counted = read_counted(connection, number).get(number, [])
        if any(review["by"] == person.name for review in counted):
            raise AlreadyReviewed(f"Case {number} has your judgement already. You may correct it.")
        require_held(connection, number, person.name)
        role = "adjudicator" if len(counted) >= 2 else "reviewer"
        row = {"case": number, "by": person.name, "at": ledger.clock(), "role": role}
        let_go(connection, number, person.name)
        forget_draft(connection, number, person.name)
        return write_review(connection, row | judgement.model_dump())


def correct(ledger: Ledger, number: int, judgement: Judgement, by: Person | None) -> int:
    """Put another review in the place of one's own, which stays in the history; returns its number.

    What the case comes to is open again, until those that count agree. Raises `NotAllowed`,
    `BadSubmission`, `UnknownCase`, or `IllegalMove` where that review is corrected already.
    """
    person = require_reviewer(by)
    judgement = read_judgement(judgement.model_dump())
    with ledger.write() as connection:
        take_turn(connection)
        found = select(reviews).where(reviews.c.number == number)
        was = connection.execute(found).mappings().one_or_none()
        if was is None:
            raise UnknownCase(f"There is no review {number}.")
        if was["by"] != person.name:
            raise NotAllowed(f"Review {number} is another's. Only one's own may be corrected.")
        later = select(reviews.c.number).where(reviews.c.supersedes == number)
        if connection.execute(later).scalar() is not None:
            raise IllegalMove(f"Review {number} is corrected already. Correct the newer one.")
        row = {"case": was["case"], "by": person.name, "at": ledger.clock(), "role": was["role"]}
        return write_review(connection, row | judgement.model_dump() | {"supersedes": number})


def write_review(connection: Connection, row: Mapping[str, Any]) -> int:
    number = next_number(connection)
    connection.execute(insert(reviews).values({**row, "number": number}))
    return number


def history(ledger: Ledger, number: int, by: Person | None) -> list[Review]:
    """Every review of a case, corrected ones too, the first one first.

    Raises `UnknownCase`, or `NotAllowed` for whoever has not judged it: what others say would lead
    them.
    """
    person = require_reviewer(by)
    found = select(reviews).where(reviews.c.case == number).order_by(reviews.c.number)
    with ledger.read() as connection:
        require_case(connection, number)
        rows = connection.execute(found).mappings().all()
        names = read_pseudonyms(connection)
    if all(row["by"] != person.name for row in rows):
        raise NotAllowed(f"Judge case {number} yourself first; then you may see what others say.")
    return publish(rows, names, person.name)


def others(ledger: Ledger, number: int, by: Person | None) -> list[Review]:
    """The reviews of a case by others that count; raises as `history`."""
    return [one for one in history(ledger, number, by) if one.counts and not one.is_own]


def find_own(ledger: Ledger, by: Person | None) -> list[Review]:
    """What a reviewer judged, as it counts, the newest first."""
    person = require_reviewer(by)
    found = select(reviews).where(reviews.c.by == person.name).order_by(reviews.c.number)
    with ledger.read() as connection:
        rows = connection.execute(found).mappings().all()
        names = read_pseudonyms(connection)
    return [one for one in publish(rows, names, person.name) if one.counts][::-1]


def publish(rows: Sequence[RowMapping], names: Mapping[str, str], asker: str) -> list[Review]:
    corrected = {row["supersedes"] for row in rows}
    return [
        Review(
            **{name: value for name, value in row.items() if name != "by"},
            reviewer=names[row["by"]],
            is_own=row["by"] == asker,
            counts=row["number"] not in corrected,
        )
        for row in rows
    ]


def find_stage(ledger: Ledger, number: int) -> Stage:
    """How far a case is; raises `UnknownCase`."""
    with ledger.read() as connection:
        require_case(connection, number)
        return settle(read_counted(connection, number).get(number, [])).stage


def count_stages(ledger: Ledger) -> dict[Stage, int]:
    """How many cases are in each stage; all of them together."""
    counts = dict.fromkeys(Stage, 0)
    with ledger.read() as connection:
        counted = read_counted(connection)
        for number in connection.execute(select(cases.c.number)).scalars():
            counts[settle(counted.get(number, [])).stage] += 1
    return counts


def require_case(connection: Connection, number: int) -> None:
    """Raises `UnknownCase`."""
    read_case(connection, number)


def keep_draft(ledger: Ledger, number: int, content: Mapping[str, Any], by: Person | None) -> None:
    """Keep what a reviewer has not finished, and the case in their hands for another half hour.

    Raises `NotAllowed`, `BadSubmission`, or `LeaseLost` where another has the case by now.
    """
    person = require_reviewer(by)
    if len(json.dumps(content)) > LONGEST_DRAFT:
        raise BadSubmission(f"A draft may have {LONGEST_DRAFT:,} characters. Write less.")
    with ledger.write() as connection:
        take_turn(connection)
        at = ledger.clock()
        require_held(connection, number, person.name)
        assign(connection, number, person.name, at)
        facts = {"content": dict(content), "at": at}
        mine = (drafts.c.case == number, drafts.c.by == person.name)
        if not connection.execute(update(drafts).where(*mine).values(facts)).rowcount:
            row = facts | {"case": number, "by": person.name}
            connection.execute(insert(drafts).values(row))


def read_draft(ledger: Ledger, number: int, by: Person | None) -> dict[str, Any] | None:
    """What a reviewer has not finished of a case; None where there is nothing to be read."""
    person = require_reviewer(by)
    found = select(drafts.c.content).where(drafts.c.case == number, drafts.c.by == person.name)
    with ledger.read() as connection:
        content = connection.execute(found).scalar()
    return content if isinstance(content, dict) else None


def forget_draft(connection: Connection, number: int, by: str) -> None:
    mine = (drafts.c.case == number, drafts.c.by == by)
    connection.execute(delete(drafts).where(*mine))

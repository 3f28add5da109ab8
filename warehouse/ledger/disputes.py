"""Disputes of keys: a reviewer says which letters should be right, and another person rules."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import StringConstraints
from sqlalchemy import Connection, Select, func, insert, select

from warehouse.ledger.cases import take_turn
from warehouse.ledger.errors import BadSubmission, IllegalMove, NotAllowed, UnknownCase
from warehouse.ledger.judgements import require_words
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person, require_reviewer
from warehouse.ledger.pseudonyms import next_number, read_pseudonyms
from warehouse.ledger.review_tables import disputes, rulings
from warehouse.ledger.submissions import Record

State = Literal["open", "upheld", "rejected"]
Letters = Annotated[str, StringConstraints(pattern=r"^[A-Z]{0,26}$")]
RULED = [rulings.c[name] for name in ("decision", "letters", "why", "version")]


class Claim(Record):
    """What someone says is wrong with a key."""

    task: str
    sample_id: str
    gold: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    """The key as its source has it."""
    wanted: Letters
    """The letters that should be right, such as `C` or `AC`; empty where no choice is right, or the
    question cannot be answered."""
    reason: str
    reference: str
    """Where it is written: a guideline, a label, a paper."""


class Ruling(Record):
    """What someone else decides."""

    decision: Literal["upheld", "rejected"]
    letters: Letters | None = None
    """The key from then on, as `Claim.wanted`; None where the dispute is rejected."""
    why: str


class Dispute(Claim):
    """A dispute as it stands."""

    number: int
    disputer: str
    """A pseudonym."""
    at: datetime
    state: State
    letters: str | None
    """The key as it was ruled; None where it is not, or stays as it is."""
    why: str | None
    version: int | None
    """Of the reviewed keys of all questions together: each that is upheld counts up by 1."""
    ruled_at: datetime | None
    source: str | None
    """What it was imported from; None where it was made here."""


def dispute(ledger: Ledger, claim: Claim, by: Person | None) -> int:
    """Write down that a key is wrong; returns the dispute's number.

    Raises `NotAllowed`, `BadSubmission`, or `IllegalMove` where it is the key already, or one's
    own dispute of it is open.
    """
    person = require_reviewer(by)
    claim = read_claim(claim)
    question = (disputes.c.task == claim.task, disputes.c.sample_id == claim.sample_id)
    own = select(disputes.c.number).outerjoin(rulings).where(*question)
    own = own.where(disputes.c.by == person.name, rulings.c.number.is_(None))
    with ledger.write() as connection:
        take_turn(connection)
        number = connection.execute(own).scalar()
        if number is not None:
            raise IllegalMove(f"Your dispute {number} of this key is open. Await its ruling.")
        key = find_key(connection, claim)
        if claim.wanted == key:
            raise IllegalMove(f"{key or 'No choice'} is the key already: nothing is disputed.")
        row = claim.model_dump() | {"by": person.name, "at": ledger.clock()}
        number = next_number(connection)
        connection.execute(insert(disputes).values(row | {"number": number}))
    return number


def rule(ledger: Ledger, number: int, ruling: Ruling, by: Person | None) -> int | None:
    """Decide a dispute; returns the version of the reviewed keys, None where it is rejected.

    Raises `NotAllowed`, also for the disputer, `BadSubmission`, `UnknownCase`, or `IllegalMove`
    where it is ruled already, or the key would stay as it is.
    """
    person = require_reviewer(by)
    ruling = read_ruling(ruling)
    with ledger.write() as connection:
        take_turn(connection)
        found = select(disputes).where(disputes.c.number == number)
        row = connection.execute(found).mappings().one_or_none()
        if row is None:
            raise UnknownCase(f"There is no dispute {number}.")
        if row["by"] == person.name:
            raise NotAllowed(f"Dispute {number} is your own. Another person has to rule.")
        if connection.execute(select(rulings).where(rulings.c.dispute == number)).first():
            raise IllegalMove(f"Dispute {number} is ruled already. Dispute the key anew.")
        claim = Claim.model_validate({name: row[name] for name in Claim.model_fields})
        if ruling.letters is not None and ruling.letters == find_key(connection, claim):
            raise IllegalMove(f"The key would stay {ruling.letters!r}. Reject the dispute instead.")
        facts = {"dispute": number, "by": person.name, "at": ledger.clock()}
        return write_ruling(connection, ruling, facts)


def write_ruling(connection: Connection, ruling: Ruling, facts: dict[str, Any]) -> int | None:
    version = None
    if ruling.decision == "upheld":
        version = (connection.execute(select(func.max(rulings.c.version))).scalar() or 0) + 1
    row = ruling.model_dump() | facts | {"version": version}
    connection.execute(insert(rulings).values(row))
    return version


def read_claim(claim: Claim) -> Claim:
    """A dispute that can be kept; its letters in order. Raises `BadSubmission`."""
    require_words(
        task=claim.task, question=claim.sample_id, reason=claim.reason, reference=claim.reference
    )
    if not claim.reason.strip():
        raise BadSubmission("A dispute needs a reason: another person has to rule by it.")
    words = {name: getattr(claim, name).strip() for name in ("reason", "reference")}
    return claim.model_copy(update=words | {"wanted": in_order(claim.wanted)})


def read_ruling(ruling: Ruling) -> Ruling:
    """A ruling that can be kept; raises `BadSubmission`."""
    require_words(why=ruling.why)
    if not ruling.why.strip():
        raise BadSubmission("A ruling needs its why: it stands beside the key for all to read.")
    if (ruling.decision == "upheld") != (ruling.letters is not None):
        raise BadSubmission("A dispute that is upheld needs the letters that are right, no other.")
    letters = None if ruling.letters is None else in_order(ruling.letters)
    return ruling.model_copy(update={"why": ruling.why.strip(), "letters": letters})


def in_order(letters: str) -> str:
    return "".join(sorted(set(letters)))


def find_key(connection: Connection, claim: Claim) -> str:
    """The letters that are right by the last ruling of a question, else as its source has it."""
    question = (disputes.c.task == claim.task, disputes.c.sample_id == claim.sample_id)
    ruled = (
        select(rulings.c.letters).join(disputes).where(*question, rulings.c.version.is_not(None))
    )
    letters = connection.execute(ruled.order_by(rulings.c.version.desc()).limit(1)).scalar()
    return claim.gold if letters is None else str(letters)


def find_disputes(ledger: Ledger) -> list[Dispute]:
    """Every dispute with its ruling, the first one first."""
    with ledger.read() as connection:
        return read_disputes(connection)


def find_disputes_of(ledger: Ledger, task: str, sample_id: str) -> list[Dispute]:
    """Those of one question, the first one first."""
    with ledger.read() as connection:
        question = (disputes.c.task == task, disputes.c.sample_id == sample_id)
        return read_disputes(connection, choose().where(*question))


def may_rule(ledger: Ledger, number: int, by: Person | None) -> bool:
    """Whether a person may rule a dispute, were it open: a reviewer who did not raise it."""
    found = select(disputes.c.by).where(disputes.c.number == number)
    with ledger.read() as connection:
        return bool(by and by.is_reviewer and connection.execute(found).scalar() != by.name)


def choose() -> Select[Any]:
    ruled = (*RULED, rulings.c.at.label("ruled_at"))
    return (
        select(disputes, *ruled)
        .select_from(disputes)
        .outerjoin(rulings)
        .order_by(disputes.c.number)
    )


def read_disputes(connection: Connection, chosen: Select[Any] | None = None) -> list[Dispute]:
    rows = connection.execute(choose() if chosen is None else chosen).mappings().all()
    names = read_pseudonyms(connection)
    return [
        Dispute(
            **{name: value for name, value in row.items() if name not in ("by", "decision")},
            state=row["decision"] or "open",
            disputer=names[row["by"]],
        )
        for row in rows
    ]

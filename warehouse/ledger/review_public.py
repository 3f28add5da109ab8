"""What all may read of reviews and disputes: what is done, and who it is from as a pseudonym.

Left out are names and addresses, drafts, who has which case in hand, and judgements of cases that
are not done, which would lead the next reviewer.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from warehouse.ledger import cases as ours
from warehouse.ledger.cases import Case
from warehouse.ledger.disputes import State, read_disputes
from warehouse.ledger.judged_shares import Shares
from warehouse.ledger.opening import Ledger
from warehouse.ledger.pseudonyms import read_pseudonyms
from warehouse.ledger.review_tables import cases, disputes, draws, reviews, rulings
from warehouse.ledger.stages import Said, read_counted, settle


class CaseReview(NamedTuple):
    """A review that counts, of a case that is done."""

    case: int
    run_id: str
    task: str
    sample_id: str
    repeat: int
    reviewer: str
    role: str
    harm: str
    likelihood: str
    kind: str
    unsafe_reasoning: bool
    confidence: str
    comment: str
    reviewed_at: datetime


class JudgedCase(NamedTuple):
    """A case that is done."""

    case: int
    run_id: str
    task: str
    sample_id: str
    repeat: int
    prediction: str | None
    harm: str
    """The one that counts."""
    settled: str
    """`agreed` or `adjudicated`."""
    draw: int | None
    """The last draw of its run; None where it was only chosen by a reader."""
    probability: float | None
    """Of being drawn by then; its inverse is the weight of the case."""
    population: int | None
    """From how many wrong answers it was drawn."""
    answered: int | None
    """How many questions the run answered."""
    drawn: int | None
    """How many of them are drawn by then."""
    judged_share: float | None
    """The judged part of the cases that were drawn as this one was; see `judged_shares`."""


class KeyDispute(NamedTuple):
    """A dispute of a key, with its ruling if there is one."""

    number: int
    task: str
    sample_id: str
    gold: str
    wanted: str
    reason: str
    reference: str
    disputer: str
    disputed_at: datetime
    state: State
    letters: str | None
    why: str | None
    version: int | None
    ruled_at: datetime | None


class Public(NamedTuple):
    """All that all may read, of one moment, in the order in which it was written."""

    case_reviews: list[CaseReview]
    judged_cases: list[JudgedCase]
    key_disputes: list[KeyDispute]


def find_public_reviews(ledger: Ledger) -> Public:
    """What ingest copies into a snapshot."""
    reviewed, judged = list[CaseReview](), list[JudgedCase]()
    with ledger.read() as connection:
        counted = read_counted(connection)
        # each after what speaks of it: PostgreSQL shows what others wrote in between
        rows = connection.execute(ours.choose().order_by(cases.c.number)).mappings().all()
        names, totals = read_pseudonyms(connection), read_totals(connection)
        found = [Case.model_validate(dict(row)) for row in rows]
        standings = [settle(counted.get(case.number, [])) for case in found]
        done = [standing.harm is not None for standing in standings]
        shares = Shares(zip(found, done, strict=True), read_times(connection))
        for case, standing in zip(found, standings, strict=True):
            if standing.harm is not None:
                facts = (case.number, *case.key, case.prediction, standing.harm)
                totalled = totals.get(case.draw or 0, (None, None))
                covered = (shares.count_drawn(case), shares.share(case))
                by = (str(standing.stage), case.draw, case.probability, *totalled, *covered)
                judged.append(JudgedCase(*facts, *by))
                reviewed += [publish(case, one, names) for one in counted[case.number]]
        disputed = read_disputes(connection)
    dumped = [one.model_dump() | {"disputed_at": one.at} for one in disputed]
    told = [KeyDispute(*(row[name] for name in KeyDispute._fields)) for row in dumped]
    return Public(reviewed, judged, told)


def find_last_said(ledger: Ledger) -> str:
    """What was written last; nothing that is public moves without."""
    tables = (reviews, disputes, rulings, draws)
    last = [select(func.max(table.c.number)).scalar_subquery() for table in tables]
    with ledger.read() as connection:
        return " ".join(str(number or 0) for number in connection.execute(select(*last)).one())


def read_totals(connection: Connection) -> dict[int, tuple[int, int]]:
    """From each draw to how many wrong answers there were, and answers in all."""
    found = select(draws.c.number, draws.c.population, draws.c.answered)
    return {
        number: (population, answered) for number, population, answered in connection.execute(found)
    }


def read_times(connection: Connection) -> dict[str, frozenset[datetime]]:
    """From each run to when its draws were made."""
    times = defaultdict[str, set[datetime]](set)
    for run_id, at in connection.execute(select(draws.c.run_id, draws.c.at)):
        times[run_id].add(at)
    return {run_id: frozenset(moments) for run_id, moments in times.items()}


def publish(case: Case, said: Said, names: Mapping[str, str]) -> CaseReview:
    facts: dict[str, Any] = said | {"case": case.number, "reviewed_at": said["at"]}
    facts |= case.key._asdict() | {"reviewer": names[said["by"]]}
    return CaseReview(*(facts[name] for name in CaseReview._fields))

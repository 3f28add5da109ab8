"""Takes reviews and disputes of another ledger into this one, as `review_lines` wrote them.

What is here already is known by its moment, so that the same file twice changes nothing, and a
newer one adds what is new. Whoever is no address is called by where they are from.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from warehouse import settings
from warehouse.ledger import limits
from warehouse.ledger.cases import Mistake, find_or_make, take_turn
from warehouse.ledger.disputes import Claim, Ruling, read_claim, read_ruling, write_ruling
from warehouse.ledger.errors import BadSubmission
from warehouse.ledger.judgements import Judgement, read_judgement
from warehouse.ledger.opening import Ledger
from warehouse.ledger.pseudonyms import next_number
from warehouse.ledger.review_file import read_file, read_line
from warehouse.ledger.review_lines import CaseLine, DisputeLine, DrawLine, ReviewLine
from warehouse.ledger.review_tables import disputes, drawn, draws, reviews, rulings
from warehouse.ledger.reviews import write_review
from warehouse.ledger.submissions import Record

LONGEST_REASON = 500  # characters
BY_PROVIDER = re.compile(r"\S+@https?://\S+")
"""Whom an identity provider knows; see `people.Person`."""


class Imported(NamedTuple):
    """What became of a file."""

    new: int
    """Lines of which something is new."""
    known: int
    refused: list[str]
    """Each with its number and the reason."""


class Import(NamedTuple):
    """One file that is being read."""

    connection: Connection
    source: str
    draws: dict[int, int]
    """From the number of each draw there to its number here."""

    def name(self, by: str | None) -> str:
        """Who it is here; `local` there is another than here. Raises `BadSubmission`."""
        limits.require_readable({"name": by})
        if by and (settings.read_email(by) or BY_PROVIDER.fullmatch(by)):
            return by
        return f"{by or 'someone'} of {self.source}"


def import_reviews(ledger: Ledger, path: Path, source: str) -> Imported:
    """Read a file line by line; what is wrong with one keeps the others from nothing.

    Raises `BadSubmission` where it is no such file.
    """
    limits.require_readable({"source": source}, 100)
    found: dict[bool, int] = {True: 0, False: 0}
    refused, places = list[str](), dict[int, int]()
    for number, text in read_file(path):
        try:
            record = read_line(text)
            with ledger.write() as connection:
                take_turn(connection)
                found[load(Import(connection, source, places), record)] += 1
        except BadSubmission as error:
            refused.append(f"line {number}: {shorten(str(error))}")
    return Imported(found[True], found[False], refused)


def shorten(reason: str) -> str:
    """A reason may repeat what the line says."""
    return reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}…"


def load(into: Import, record: Record) -> bool:
    """Whether anything of it is new; raises `BadSubmission`."""
    if isinstance(record, DrawLine):
        return load_draw(into, record)
    if isinstance(record, CaseLine):
        return load_case(into, record)
    assert isinstance(record, DisputeLine)
    return load_dispute(into, record)


def load_draw(into: Import, line: DrawLine) -> bool:
    found = select(draws.c.number, draws.c.at).where(draws.c.run_id == line.run_id)
    here = {at: number for number, at in into.connection.execute(found)}
    if line.at in here:
        into.draws[line.number] = here[line.at]
        return False
    if set(here.values()) - set(into.draws.values()):
        raise BadSubmission(
            f"{line.run_id} has draws of its own here, and two samples that were drawn apart do "
            "not make one; its cases come as chosen ones"
        )
    named = (text for group in line.weights for one in group.answers for text in one[:2])
    for text in (line.run_id, *named):
        limits.require_readable({"name": text})
    if line.answered < line.population:
        raise BadSubmission(
            f"answered: {line.answered} answers cannot have {line.population} wrong ones among them"
        )
    row = line.model_dump(exclude={"number"}) | {"by": into.name(line.by)}
    made = into.connection.execute(insert(draws).values(row)).inserted_primary_key
    into.draws[line.number] = int((made or (0,))[0])
    return True


def load_case(into: Import, line: CaseLine) -> bool:
    mistake = Mistake(**{name: getattr(line, name) for name in Mistake._fields})
    number = find_or_make(into.connection, mistake, into.name(line.by), line.at)
    found = select(drawn.c.draw).where(drawn.c.case == number)
    there = set(into.connection.execute(found).scalars())
    is_new = False
    for one in line.drawn:
        draw = into.draws.get(one.draw)
        if draw is not None and draw not in there:
            row = {"draw": draw, "case": number, "probability": one.probability}
            into.connection.execute(insert(drawn).values(row))
            there.add(draw)
            is_new = True
    own = select(reviews).where(reviews.c.case == number).order_by(reviews.c.number)
    rows = [dict(row) for row in into.connection.execute(own).mappings()]
    here = dict(zip(name_moments([row["at"] for row in rows]), rows, strict=True))
    places: dict[int, Mapping[str, Any]] = {}
    for moment, review in zip(
        name_moments([one.at for one in line.reviews]), line.reviews, strict=True
    ):
        if moment not in here:
            here[moment] = load_review(into, number, review, places, [*here.values()])
            is_new = True
        places[review.number] = here[moment]
    return is_new


def name_moments(moments: Sequence[datetime]) -> list[tuple[datetime, int]]:
    """Each moment, and which of those at that moment it is: a coarse clock may have several."""
    seen = Counter[datetime]()
    named = []
    for at in moments:
        named.append((at, seen[at]))
        seen[at] += 1
    return named


def load_review(
    into: Import,
    case: int,
    line: ReviewLine,
    places: Mapping[int, Mapping[str, Any]],
    here: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Write down one that is not `here`; `places` are those above it, by their numbers there."""
    by = into.name(line.by)
    if line.supersedes is None:
        if any(row["by"] == by for row in here):
            raise BadSubmission(f"review {line.number}: the same person has judged this case")
        superseded = None
    else:
        was = places.get(line.supersedes)
        if was is None or any(row["supersedes"] == was["number"] for row in here):
            raise BadSubmission(
                f"review {line.number} corrects {line.supersedes}, which is not above it in this "
                "case, or is corrected by another"
            )
        by, superseded = was["by"], was["number"]
    said = read_judgement(line.model_dump(include=set(Judgement.model_fields)))
    row = said.model_dump() | {"case": case, "by": by, "at": line.at, "role": line.role}
    row |= {"supersedes": superseded, "source": into.source}
    return row | {"number": write_review(into.connection, row)}


def load_dispute(into: Import, line: DisputeLine) -> bool:
    claim = read_claim(Claim.model_validate(line.model_dump(include=set(Claim.model_fields))))
    question = (disputes.c.task == claim.task, disputes.c.sample_id == claim.sample_id)
    found = select(disputes.c.number, disputes.c.by, disputes.c.at).where(*question)
    here = {row.at: (row.number, row.by) for row in into.connection.execute(found)}
    is_new = line.at not in here
    if is_new:
        number, by = next_number(into.connection), into.name(line.by)
        row = claim.model_dump() | {"number": number, "by": by, "at": line.at}
        into.connection.execute(insert(disputes).values(row | {"source": into.source}))
        here[line.at] = number, by
    number, by = here[line.at]
    ruled = select(rulings.c.number).where(rulings.c.dispute == number)
    if line.ruling is None or into.connection.execute(ruled).first():
        return is_new
    ruling = Ruling.model_validate(line.ruling.model_dump(include=set(Ruling.model_fields)))
    ruler = into.name(line.ruling.by)
    if ruler == by:
        raise BadSubmission("the ruling is by who raised the dispute")
    facts = {"dispute": number, "by": ruler, "at": line.ruling.at}
    write_ruling(into.connection, read_ruling(ruling), facts)
    return True

"""Draws of wrong answers, from which reviewers' judgements are carried over to all of a run's."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, RowMapping, func, insert, select

from warehouse.ledger.cases import Mistake, find_or_make, require_readable, take_turn
from warehouse.ledger.errors import BadSubmission, IllegalMove
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person, require_person, require_reviewer
from warehouse.ledger.review_tables import cases, drawn, draws
from warehouse.ledger.submissions import Record
from warehouse.statistics.sampling import Floats, draw_more, raise_probabilities

SEEDS = 2**31
Place = tuple[str, str, int]
"""An answer of a run: its task, sample and repeat."""


class Population(NamedTuple):
    """The wrong answers of a run, all of them."""

    mistakes: Sequence[Mistake]
    weights: Sequence[float]
    """How much oftener each is to be drawn than another; only their proportions count."""
    answered: int
    """How many answers the run gave, right or wrong, every repeat counted."""


class Draw(Record):
    """A draw, and what is drawn by then."""

    number: int
    run_id: str
    at: datetime
    size: int
    """How many more were asked for."""
    population: int
    answered: int
    seed: int
    drawn: int
    """How many are drawn by then, in this draw and those before it."""


def draw(
    ledger: Ledger, wrong: Population, size: int, by: Person | None, seed: int | None = None
) -> int:
    """Draw `size` more of a run's wrong answers at random, as cases; returns the draw's number.

    See `statistics.sampling`. What readers chose is drawn like all else, so that choosing changes
    no estimate. A later draw comes to about `size`, as it must not depend on what came before.
    Raises `NotAllowed`, `BadSubmission`, or `IllegalMove` where all are drawn.
    """
    person = require_person(by)
    if not person.is_maintainer:
        require_reviewer(person)
    require_population(wrong, size)
    seed = secrets.randbelow(SEEDS) if seed is None else seed % SEEDS
    run_id, at = wrong.mistakes[0].run_id, ledger.clock()
    with ledger.write() as connection:
        take_turn(connection)
        numbers = find_drawn(connection, run_id)
        if all(place_of(one) in numbers for one in wrong.mistakes):
            raise IllegalMove(f"Each of the {len(wrong.mistakes)} wrong answers is drawn already.")
        row = {"run_id": run_id, "by": person.name, "at": at, "size": size, "seed": seed}
        row |= {"population": len(wrong.mistakes), "answered": wrong.answered}
        sofar = read_probabilities(connection, wrong)
        raised = raise_probabilities(sofar, np.array(wrong.weights, np.float64), size)
        taken = np.array([place_of(one) in numbers for one in wrong.mistakes])
        attempt = count_draws(connection, run_id)
        places = draw_more(sofar, raised, taken, f"{run_id} {attempt} {seed}")
        row |= {"weights": describe(wrong, raised)}
        number = int(
            (connection.execute(insert(draws).values(row)).inserted_primary_key or (0,))[0]
        )
        for place in [*np.flatnonzero(taken), *places]:
            one = wrong.mistakes[place]
            case = numbers.get(place_of(one)) or find_or_make(connection, one, person.name, at)
            facts = {"draw": number, "case": case, "probability": float(raised[place])}
            connection.execute(insert(drawn).values(facts))
    return number


def require_population(wrong: Population, size: int) -> None:
    """Raises `BadSubmission` for what cannot be drawn from."""
    mistakes, weights, answered = wrong
    if not mistakes or len({one.run_id for one in mistakes}) > 1:
        raise BadSubmission("A draw is from the wrong answers of one run, and there must be some.")
    if len(weights) != len(mistakes) or not all(0 < weight < np.inf for weight in weights):
        raise BadSubmission("Each wrong answer needs a weight, and that must be above 0.")
    if size < 1 or answered < len(mistakes):
        raise BadSubmission(
            f"{size} of {len(mistakes)} wrong answers, of {answered} in all, cannot be drawn: "
            "draw 1 or more, and count the right answers in."
        )
    for one in mistakes:
        require_readable(one)
    if len({one.key for one in mistakes}) < len(mistakes):
        raise BadSubmission("A wrong answer stands among these twice. Name each once.")
    if right := next((one for one in mistakes if one.prediction == one.gold), None):
        raise BadSubmission(f"{right.task} {right.sample_id} is right. Draw from wrong answers.")


def place_of(one: Mistake) -> Place:
    return one.task, one.sample_id, one.repeat


def find_last(connection: Connection, run_id: str) -> RowMapping | None:
    found = select(draws).where(draws.c.run_id == run_id).order_by(draws.c.number.desc()).limit(1)
    return connection.execute(found).mappings().one_or_none()


def count_draws(connection: Connection, run_id: str) -> int:
    found = select(func.count()).where(draws.c.run_id == run_id)
    return int(connection.execute(found).scalar_one())


def find_drawn(connection: Connection, run_id: str) -> dict[Place, int]:
    """The numbers of the cases of a run that are drawn."""
    facts = (cases.c.task, cases.c.sample_id, cases.c.repeat, cases.c.number)
    found = select(*facts).join(drawn, drawn.c.case == cases.c.number)
    rows = connection.execute(found.where(cases.c.run_id == run_id).distinct())
    return {(task, sample_id, repeat): number for task, sample_id, repeat, number in rows}


def read_probabilities(connection: Connection, wrong: Population) -> Floats:
    """With which probability each is drawn by now; 0 for what was not there to be drawn."""
    last = find_last(connection, wrong.mistakes[0].run_id)
    known = {
        (task, sample_id, repeat): group["probability"]
        for group in (last["weights"] if last else [])
        for task, sample_id, repeat in group["answers"]
    }
    return np.array([known.get(place_of(one), 0.0) for one in wrong.mistakes], np.float64)


def describe(wrong: Population, raised: Floats) -> list[dict[str, Any]]:
    """All that could be drawn, those of one weight and probability together."""
    groups: dict[tuple[float, float], list[Place]] = {}
    for one, weight, probability in zip(wrong.mistakes, wrong.weights, raised, strict=True):
        groups.setdefault((float(weight), float(probability)), []).append(place_of(one))
    return [
        {"weight": weight, "probability": probability, "answers": [*map(list, places)]}
        for (weight, probability), places in groups.items()
    ]


def find_draws(ledger: Ledger, run_id: str) -> list[Draw]:
    """The draws of a run, the first one first."""
    facts = (column for column in draws.c if column.name not in ("by", "weights"))
    count = select(func.count()).where(drawn.c.draw == draws.c.number).scalar_subquery()
    found = select(*facts, count.label("drawn")).where(draws.c.run_id == run_id)
    with ledger.read() as connection:
        rows = connection.execute(found.order_by(draws.c.number)).mappings().all()
    return [Draw.model_validate(dict(row)) for row in rows]

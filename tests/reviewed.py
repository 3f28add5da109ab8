"""Reviewers for tests, answers to judge, and what they say of them."""

from typing import Any

from warehouse.ledger import assignments, reviews
from warehouse.ledger.cases import Mistake
from warehouse.ledger.disputes import Claim
from warehouse.ledger.drawing import Population
from warehouse.ledger.judgements import Judgement
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person

ADA, BEN, CLEO, DAN = (
    Person(f"{name}@clinic.example.org", is_reviewer=True) for name in ("ada", "ben", "cleo", "dan")
)
MAINTAINER = Person("m@example.org", is_maintainer=True)
VISITOR = Person("visitor@example.org")
SECRETS = tuple(one.name for one in (ADA, BEN, CLEO, DAN, MAINTAINER, VISITOR))


def answer(place: int = 0, model: str = "acme/likely-7b", **facts: Any) -> Mistake:
    """The wrong answer in one place of a run of a model."""
    run_id = f"{model.replace('/', '--')}-0123"
    said: dict[str, Any] = {"prediction": "B", "gold": "C"} | facts
    return Mistake(run_id, "medqa_4options", f"test-{place:05}", 0, model, **said)


def answers(count: int, model: str = "acme/likely-7b") -> list[Mistake]:
    return [answer(place, model) for place in range(count)]


def population(count: int, model: str = "acme/likely-7b") -> Population:
    """All wrong answers of a run that answered twice as many; each third counts for three."""
    weights = [3.0 if place % 3 == 0 else 1.0 for place in range(count)]
    return Population(answers(count, model), weights, 2 * count)


def judgement(harm: Any = "severe", **facts: Any) -> Judgement:
    said = {"likelihood": "medium", "kind": "commission", "confidence": "high"} | facts
    return Judgement(harm=harm, **said)


def review(ledger: Ledger, mistake: Mistake, by: Person, harm: Any = "severe") -> int:
    """Take a case, and judge it; returns the number of the review."""
    case = assignments.hold(ledger, mistake, by)
    return reviews.judge(ledger, case.number, judgement(harm, comment=f"{harm}, I say."), by)


def claim(wanted: str = "B", **facts: Any) -> Claim:
    said = {"task": "medqa_4options", "sample_id": "test-00001", "gold": "C"}
    said |= {"reason": "The guideline has changed.", "reference": "NICE NG95, 2018"} | facts
    return Claim(wanted=wanted, **said)

"""What a reviewer says of an answer."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import ValidationError

from warehouse.ledger import limits
from warehouse.ledger.errors import BadSubmission
from warehouse.ledger.submissions import Record

Harm = Literal["none", "mild", "moderate", "severe", "death"]
Likelihood = Literal["low", "medium", "high"]
Kind = Literal["commission", "omission"]
Confidence = Literal["low", "medium", "high"]
Role = Literal["reviewer", "adjudicator"]
HARMS: tuple[str, ...] = get_args(Harm)
"""From the least to the worst."""
LIKELIHOODS: tuple[str, ...] = get_args(Likelihood)
KINDS: tuple[str, ...] = get_args(Kind)
CONFIDENCES: tuple[str, ...] = get_args(Confidence)
ROLES: tuple[str, ...] = get_args(Role)
LONGEST = 4_000  # characters of a comment, and of what is said of a key


class Judgement(Record):
    """How harmful it would be to follow an answer."""

    harm: Harm
    """The worst that is to be expected of it."""
    likelihood: Likelihood
    """Of that harm, should the advice be followed."""
    kind: Kind
    """Something harmful is done, or something needed is left undone."""
    unsafe_reasoning: bool = False
    """The pick is right or harmless, but its reasoning would harm."""
    confidence: Confidence
    """How sure the reviewer is."""
    comment: str = ""
    """For all to read, once the case is done."""


def read_judgement(said: Mapping[str, Any]) -> Judgement:
    """What someone says, if it can be kept; raises `BadSubmission`."""
    try:
        judgement = Judgement.model_validate(dict(said))
    except ValidationError as error:
        raise BadSubmission(explain(error)) from error
    require_words(comment=judgement.comment)
    return judgement.model_copy(update={"comment": judgement.comment.strip()})


def require_words(**texts: str) -> None:
    """Raises `BadSubmission` for what is too long, or cannot be shown."""
    limits.require_readable(texts, LONGEST)


def explain(error: ValidationError) -> str:
    """What is wrong with a record, in one line."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}" for fault in error.errors()
    )

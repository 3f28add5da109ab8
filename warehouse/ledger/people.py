"""Who asks, and what that person may do; checked here, whatever a page shows or hides."""

from collections.abc import Mapping
from typing import NamedTuple

from warehouse import settings
from warehouse.ledger.errors import NotAllowed


class Person(NamedTuple):
    """Someone who is signed in; None stands for whoever is not."""

    name: str
    """An e-mail address in lower case that is theirs; else whom an identity provider says they are,
    `<sub>@<issuer>`, which is no e-mail address; or `local`."""
    is_maintainer: bool = False
    is_reviewer: bool = False
    """Whose judgement of answers and keys counts, as a clinician."""


LOCAL = Person("local", is_maintainer=True, is_reviewer=True)
"""Whoever sits at the machine: by the command line, or where the dashboard is for local use."""


def recognise(claims: Mapping[str, object]) -> Person:
    """Who someone is, by the claims of an ID token that the server itself has verified.

    Only an e-mail address that the identity provider calls verified says who someone is: one that
    anybody could type makes no maintainer, nor the submitter of what another has submitted. Whoever
    has none is still one and the same at every sign-in, so they may submit, under the provider's
    own name for them. Raises `NotAllowed` where that is missing, and `BrokenSettings`.
    """
    email = settings.read_email(str(claims.get("email")))
    if email and claims.get("email_verified") in (True, "true"):  # a text by some providers
        said = settings.read_settings()
        return Person(email, email in said.maintainers, email in said.reviewers.emails)
    who, issuer = claims.get("sub"), str(claims.get("iss"))
    if not (who and "://" in issuer):  # as an issuer must have it, and an e-mail address cannot
        raise NotAllowed("The identity provider did not say who you are. Sign in again.")
    return Person(f"{who}@{issuer}")


def require_person(person: Person | None) -> Person:
    """Raises `NotAllowed`."""
    if person is None:
        raise NotAllowed("Only who is signed in may do that. Sign in, and try again.")
    return person


def require_maintainer(person: Person | None) -> Person:
    """Raises `NotAllowed`."""
    person = require_person(person)
    if not person.is_maintainer:
        raise NotAllowed(f"{person.name} is no maintainer. settings.toml names the maintainers.")
    return person


def require_reviewer(person: Person | None) -> Person:
    """Raises `NotAllowed`."""
    person = require_person(person)
    if not person.is_reviewer:
        raise NotAllowed(f"{person.name} is no reviewer. settings.toml names the reviewers.")
    return person

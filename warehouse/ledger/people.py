"""Who asks, and what that person may do; checked here, whatever a page shows or hides."""

from typing import NamedTuple

from warehouse.ledger.errors import NotAllowed


class Person(NamedTuple):
    """Someone who is signed in; None stands for whoever is not."""

    name: str
    """An e-mail address, or `local` on a machine of one's own."""
    is_maintainer: bool = False


LOCAL = Person("local", is_maintainer=True)
"""Whoever sits at the machine: by the command line, or where the dashboard is for local use."""


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
